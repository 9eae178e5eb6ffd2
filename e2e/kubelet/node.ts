import { createServer } from 'node:net'

/** What is on the machine of a pod: what it pulled, and what it looks up for the pods. */
export interface ClusterNode {
  readonly images: Readonly<Record<string, Image>>
  readonly secrets: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly configMaps: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** A program that is there already, in place of a file system of its own. */
export interface Image {
  readonly entrypoint: readonly string[]
  readonly workingDirectory: string
  readonly env: Readonly<Record<string, string>>
}

/** A port that nobody has. The pods of this kubelet share one address, so each port needs a number of its own. */
export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('it had no port')
  return address.port
}

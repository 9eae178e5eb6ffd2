import { spawn } from 'node:child_process'

export interface Finished {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** Runs a JavaScript file with Node until it ends. */
export async function runProgram(
  path: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [path, ...args], { env: { ...environment } })
  const texts = { output: '', errors: '' }
  child.stdout.on('data', (chunk: Buffer) => (texts.output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (texts.errors += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  return { code, ...texts }
}

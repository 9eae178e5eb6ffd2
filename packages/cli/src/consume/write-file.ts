import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'

/** Writes a text to a file, or without one to stdout. */
export async function writeOut(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) {
    process.stdout.write(text)
    return
  }
  await mkdir(dirname(resolve(out)), { recursive: true })
  await writeFile(out, text)
}

/** How a document is named in what is made of it: as seen from there, the same on every machine. */
export function seenFrom(out: string | undefined, path: string): string {
  const folder = out === undefined ? process.cwd() : dirname(resolve(out))
  return relative(folder, resolve(path)).split(sep).join('/')
}

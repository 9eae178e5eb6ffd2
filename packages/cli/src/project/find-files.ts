import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'

/**
 * The project: the folder that was named, or else the one around the working directory, which is the
 * nearest that has a package.json. Throws a UsageError when there is no such folder.
 */
export function findProjectDir(named: string | undefined): string {
  const from = resolve(named ?? '.')
  if (!statSync(from, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`there is no folder ${from}`)
  if (named !== undefined) return from
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) return from
  }
}

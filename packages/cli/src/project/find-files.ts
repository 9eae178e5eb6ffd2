import { existsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../errors.ts'

/** The folders of a project that has any of them; else its own top is looked at. */
export const SOURCE_FOLDERS = ['actors', 'pipelines'] as const

const SOURCE = /\.(?:ts|mts|js|mjs)$/
const NO_SOURCE = /(?:\.d\.m?ts|[._-](?:test|spec|bench|test-d)\.[a-z]+|\.config\.[a-z]+)$/
const NO_FOLDER = new Set([
  'node_modules',
  '__tests__',
  'dist',
  'build',
  'coverage',
  // What `asya build` makes of it.
  'generated',
])

/** Whether a file may hold actors or pipelines, by its name. */
function isSourceFile(path: string): boolean {
  return SOURCE.test(path) && !NO_SOURCE.test(path)
}

/** Whether nothing in a folder of this name belongs to the project's source. */
export function isIgnoredFolder(name: string): boolean {
  return NO_FOLDER.has(name) || (name.startsWith('.') && name !== '.')
}

/** The files in which actors and pipelines may be, seen from the project, in order of their paths. */
export async function findSourceFiles(projectDir: string): Promise<string[]> {
  const folders = SOURCE_FOLDERS.filter((folder) => existsSync(join(projectDir, folder)))
  const below = folders.map((folder) => listBelow(join(projectDir, folder)))
  const found = folders.length > 0 ? (await Promise.all(below)).flat() : await listIn(projectDir)
  return found.map((path) => relative(projectDir, path).split(sep).join('/')).sort()
}

async function listBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isIgnoredFolder(entry.name) ? [] : listBelow(path)
    return isSourceFile(entry.name) ? [path] : []
  })
  return (await Promise.all(found)).flat()
}

async function listIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory() && isSourceFile(entry.name))
    .map((entry) => join(folder, entry.name))
}

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

/** What is a source file of a project: one rule, for who reads them and for who runs them. */

import { existsSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** The folders of a project that has any of them; else its own top is looked at. */
export const SOURCE_FOLDERS = ['actors', 'pipelines'] as const

const SOURCE = /\.(?:[cm]?ts|[cm]?js|tsx|jsx)$/
const NO_SOURCE = /(?:\.d\.[cm]?ts|[._-](?:test|spec|bench|test-d)\.[a-z]+|\.config\.[a-z]+)$/
const NO_FOLDER = new Set([
  'node_modules',
  '__tests__',
  'dist',
  'build',
  'coverage',
  // What `asya build` makes of it.
  'generated',
  // Python's.
  'venv',
  '__pycache__',
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
export function findSourceFiles(projectDir: string): string[] {
  const folders = SOURCE_FOLDERS.filter((folder) => existsSync(join(projectDir, folder)))
  const found =
    folders.length > 0
      ? folders.flatMap((folder) => listBelow(join(projectDir, folder)))
      : listIn(projectDir)
  return found.map((path) => relative(projectDir, path).split(sep).join('/')).sort()
}

function listBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return isIgnoredFolder(entry.name) ? [] : listBelow(path)
    return isSourceFile(entry.name) ? [path] : []
  })
}

function listIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && isSourceFile(entry.name))
    .map((entry) => join(folder, entry.name))
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL in which databases may be made. */
    readonly postgresUrl: string
  }
}

/** A project of an author, for one test: its files lie where `@asya/sdk` is found from. */
export interface TemporaryProject {
  readonly dir: string
  /** Returns where it lies, absolute. */
  write(path: string, text: string): string
  remove(): void
}

const FOLDER = fileURLToPath(new URL('../../build/test-projects/', import.meta.url))

const made: TemporaryProject[] = []

/** Removes all that were made: for `afterEach`. */
export function removeProjects(): void {
  for (const project of made.splice(0)) project.remove()
}

/** Its own: else it would be read by those of the package around it. */
const OPTIONS = {
  target: 'es2023',
  lib: ['es2023'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  // The SDK as it is written, not as it was last built.
  customConditions: ['source'],
}

/** More files for a project that uses nothing of Node: to read its types is half of the work of reading it. */
export const WITHOUT_NODE_TYPES = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, types: [] } }),
}

/** Makes a project of these files, by path. */
export function createProject(files: Readonly<Record<string, string>>): TemporaryProject {
  mkdirSync(FOLDER, { recursive: true })
  const dir = mkdtempSync(join(FOLDER, 'p-'))
  const write = (path: string, text: string): string => {
    const whole = join(dir, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
    return whole
  }
  write('package.json', '{ "private": true, "type": "module" }')
  write('tsconfig.json', JSON.stringify({ compilerOptions: OPTIONS }))
  for (const [path, text] of Object.entries(files)) write(path, text)
  const project: TemporaryProject = {
    dir,
    write,
    remove: () => {
      rmSync(dir, { recursive: true, force: true })
    },
  }
  made.push(project)
  return project
}

/** What every module of these projects begins with. */
export const SDK = "import { defineActor, definePipeline } from '@asya/sdk'\n"

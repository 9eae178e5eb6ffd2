import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openProject, type ProjectReader, type ReadResult } from '../read/open-project.ts'
import { renderProblem } from '../read/render-problem.ts'

/** A project of an author, for one test: its files lie where `@asya/sdk` is found from. */
export interface TemporaryProject {
  readonly dir: string
  readonly reader: ProjectReader
  write(path: string, text: string): void
  remove(path?: string): void
  /** All problems of a result, as they are shown. */
  show(result: ReadResult): string
}

const FOLDER = fileURLToPath(new URL('../../build/test-projects/', import.meta.url))

const made: TemporaryProject[] = []

/** Removes all that were made: for `afterEach`. */
export function removeProjects(): void {
  for (const project of made.splice(0)) project.remove()
}

/** As authors have it; and the SDK as it is written, not as it was last built. */
export const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    // Most use nothing of Node, and to read its types is half of the work of reading a project.
    types: [] as string[],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    customConditions: ['source'],
  },
}

/** More files for a project that uses Node: its settings say nothing of types. */
export const WITH_NODE_TYPES = {
  'tsconfig.json': JSON.stringify({
    compilerOptions: { ...TSCONFIG.compilerOptions, types: undefined },
  }),
}

/** Makes a project of these files, by path. */
export function createProject(
  files: Readonly<Record<string, string>>,
  environment?: string,
): TemporaryProject {
  mkdirSync(FOLDER, { recursive: true })
  const dir = mkdtempSync(join(FOLDER, 'p-'))
  const write = (path: string, text: string): void => {
    const whole = join(dir, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, text)
  }
  write('package.json', '{ "name": "some-project", "version": "1.2.3", "type": "module" }')
  write('tsconfig.json', JSON.stringify(TSCONFIG))
  for (const [path, text] of Object.entries(files)) write(path, text)
  const project: TemporaryProject = {
    dir,
    reader: openProject({ projectDir: dir, environment }),
    write,
    remove: (path = '.') => {
      rmSync(join(dir, path), { recursive: true, force: true })
    },
    show: ({ problems }) =>
      problems
        .map((problem) => renderProblem(problem, (file) => readFileSync(join(dir, file), 'utf8')))
        .join('\n\n'),
  }
  made.push(project)
  return project
}

/** What every module of these projects begins with. */
export const SDK = "import { defineActor, definePipeline } from '@asya/sdk'\n"

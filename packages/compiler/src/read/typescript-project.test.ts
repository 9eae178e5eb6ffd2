import { symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import type { ts } from 'ts-morph'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createProject,
  removeProjects,
  SDK,
  TSCONFIG,
  WITH_NODE_TYPES,
} from '../testing/temporary-project.ts'
import { openProject } from './open-project.ts'
import { TypeScriptProject } from './typescript-project.ts'

// Each of them is a compilation of its own.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

/** A package in node_modules, by the `exports` of its package.json. */
function writePackage(exports: unknown, types: string): Readonly<Record<string, string>> {
  return {
    'node_modules/library/package.json': JSON.stringify({
      name: 'library',
      version: '1.0.0',
      type: 'module',
      exports,
    }),
    'node_modules/library/index.d.ts': types,
    'node_modules/library/index.js': '',
  }
}

const USES_LIBRARY = `${SDK}import type { Page } from 'library'
export const read = defineActor((page: Page) => page.url)
`

describe('modules are read as Node loads them', () => {
  test('import.meta is allowed where package.json says that modules are ES modules.', () => {
    const { reader } = createProject({
      ...WITH_NODE_TYPES,
      'actors/a.ts': `${SDK}export const here = defineActor((n: number) => import.meta.url + n)\n`,
    })
    expect(reader.read().problems).toEqual([])
  })

  test('A package that only says where `import` leads is found.', () => {
    const { reader } = createProject({
      'actors/a.ts': USES_LIBRARY,
      ...writePackage(
        { import: { types: './index.d.ts', default: './index.js' } },
        'export interface Page { url: string }',
      ),
    })
    const { problems, model } = reader.read()
    expect(problems).toEqual([])
    expect(model.schemas['Page']).toMatchObject({ required: ['url'] })
  })

  test('A file that ends in .cts imports what `require` leads to.', () => {
    const { reader } = createProject({
      'actors/a.cts': `import type { Page } from 'library'
export type Read = Page
`,
      'actors/b.ts': `${SDK}import type { Read } from './a.cts'
export const read = defineActor((page: Read) => page.url)
`,
      ...writePackage(
        { require: { types: './index.d.cts' } },
        'export interface Page { wrong: string }',
      ),
      'node_modules/library/index.d.cts': 'export interface Page { url: string }',
    })
    const { problems, model } = reader.read()
    expect(problems).toEqual([])
    expect(model.schemas['Page']).toMatchObject({ required: ['url'] })
  })
})

test('A package of the same workspace is the author’s: its culprits are told where they stand.', () => {
  const project = createProject({
    'shared/package.json':
      '{ "name": "shared", "version": "1.0.0", "type": "module", "exports": "./index.ts" }',
    'shared/index.ts': 'export interface Page {\n  at: Date\n}\n',
    'node_modules/.keep': '',
    'actors/a.ts': `${SDK}import type { Page } from 'shared'
export const read = defineActor((page: Page) => String(page.at))
`,
  })
  symlinkSync('../shared', join(project.dir, 'node_modules/shared'))
  const { problems } = project.reader.read()
  const own = problems.filter(({ code }) => code === 'type-not-json')
  expect(own).toMatchObject([{ position: { file: 'shared/index.ts', line: 2 } }])
})

describe('a project that is read again', () => {
  test('sees a package that changed, also before the first time that it is asked.', () => {
    const project = createProject({
      'actors/a.ts': USES_LIBRARY,
      ...writePackage({ '.': './index.js' }, 'export interface Page { url: string }'),
    })
    project.reader.read()
    project.write(
      'node_modules/library/index.d.ts',
      'export interface Page { url: string; more: string }',
    )
    // Also on a disk that counts time in whole seconds.
    utimesSync(join(project.dir, 'node_modules/library/index.d.ts'), 1, 1)
    expect(project.reader.read().model.schemas['Page']).toMatchObject({ required: ['url', 'more'] })
  })

  test('sees that a file says no more what needed no import.', () => {
    const project = createProject({
      'types/global.ts': 'declare global { interface Page { url: string } }\nexport {}\n',
      'actors/a.ts': `${SDK}import '../types/global.ts'
export const one = defineActor((n: number) => n)
`,
      'actors/b.ts': `${SDK}export const two = defineActor((page: Page) => page.url)\n`,
    })
    expect(project.reader.read().problems).toEqual([])
    project.write('types/global.ts', 'export {}\n')
    const again = project.reader.read()
    expect(again).toEqual(openProject({ projectDir: project.dir }).read())
    expect(again.problems).toMatchObject([
      {
        code: 'type-error',
        message: "Cannot find name 'Page'.",
        position: { file: 'actors/b.ts' },
      },
    ])
  })

  test('sees that an import leads to another file, though its own text is the same.', () => {
    const project = createProject({
      'actors/a.ts': `${SDK}import type { Page } from '../types/page.js'
export const read = defineActor((page: Page) => page.url)
`,
      'types/page.d.ts': 'export interface Page { url: string }\n',
    })
    expect(project.reader.read().model.schemas['Page']).toMatchObject({ required: ['url'] })
    project.write('types/page.ts', 'export interface Page { url: string; more: string }\n')
    project.remove('types/page.d.ts')
    const again = project.reader.read()
    expect(again.model.schemas['Page']).toMatchObject({ required: ['url', 'more'] })
    expect(again).toEqual(openProject({ projectDir: project.dir }).read())
  })
})

describe('projects of one process', () => {
  const program = (dir: string): ts.Program => {
    const project = new TypeScriptProject(dir)
    project.update(['actors/a.ts'])
    return project.program
  }
  const files = {
    'actors/a.ts': USES_LIBRARY,
    ...writePackage({ '.': './index.js' }, 'export interface Page { url: string }'),
  }
  const library = (dir: string): string => join(dir, 'node_modules/library/index.d.ts')
  const ES5 = '/node_modules/typescript/lib/lib.es5.d.ts'

  test('share what the compiler and their packages declare.', () => {
    const one = createProject(files)
    const other = createProject(files)
    const first = program(one.dir)
    expect(first.getSourceFile(ES5)).toBeDefined()
    expect(program(other.dir).getSourceFile(ES5)).toBe(first.getSourceFile(ES5))
    const again = program(one.dir)
    expect(again.getSourceFile(library(one.dir))).toBe(first.getSourceFile(library(one.dir)))
    const own = join(one.dir, 'actors/a.ts')
    expect(again.getSourceFile(own)).not.toBe(first.getSourceFile(own))
  })

  test('share nothing that changed, or that other settings make otherwise.', () => {
    const { dir, write } = createProject(files)
    const first = program(dir)
    write('node_modules/library/index.d.ts', 'export interface Page { url: number }')
    utimesSync(library(dir), 1, 1)
    const second = program(dir)
    expect(second.getSourceFile(library(dir))?.text).toContain('url: number')
    expect(second.getSourceFile(ES5)).toBe(first.getSourceFile(ES5))
    const compilerOptions = { ...TSCONFIG.compilerOptions, target: 'es2022' }
    write('tsconfig.json', JSON.stringify({ compilerOptions }))
    expect(program(dir).getSourceFile(ES5)).not.toBe(first.getSourceFile(ES5))
  })
})

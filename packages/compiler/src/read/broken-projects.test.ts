import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ReadResult } from './open-project.ts'
import {
  createProject,
  removeProjects,
  SDK,
  TSCONFIG,
  type TemporaryProject,
  WITH_NODE_TYPES,
} from '../testing/temporary-project.ts'

// Each of them is a compilation of its own.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

interface Read extends ReadResult {
  readonly project: TemporaryProject
  /** `code file:line`, of errors alone. */
  readonly errors: readonly string[]
  readonly names: readonly string[]
}

function read(files: Readonly<Record<string, string>>): Read {
  const project = createProject(files)
  const result = project.reader.read()
  return {
    ...result,
    project,
    errors: result.problems
      .filter(({ severity }) => severity === 'error')
      .map(({ code, position }) => `${code} ${position?.file ?? ''}:${position?.line ?? 0}`),
    names: result.model.actors.map(({ name }) => name),
  }
}

const ACTOR = `${SDK}export const one = defineActor((n: number) => n)\n`

describe('what is broken is told where it is:', () => {
  test('A mistake of syntax, once, and what the other files say is read.', () => {
    const { errors, names } = read({
      'actors/a.ts': `${ACTOR}export const x = \n`,
      'actors/b.ts': ACTOR.replace('one', 'two'),
    })
    expect(errors).toEqual(['syntax-error actors/a.ts:3'])
    expect(names).toContain('two')
  })

  test('A module that is missing, once, and not the any that follows from it.', () => {
    const { errors, problems } = read({
      'actors/a.ts': `${SDK}import type { Page } from './missing.ts'\nexport const one = defineActor((page: Page) => ({ url: page.url }))\n`,
    })
    expect(errors).toEqual(['module-missing actors/a.ts:2'])
    expect(problems[0]?.message).toContain("'./missing.ts'")
    expect(problems[0]?.fix).toContain('mend the path')
  })

  test('A name that there is not, once.', () => {
    const { errors } = read({
      'actors/a.ts': `${SDK}export const one = defineActor((page: Pgae) => 1)\n`,
    })
    expect(errors).toEqual(['type-error actors/a.ts:2'])
  })

  test('What JSON cannot carry, once, in the type that is declared elsewhere.', () => {
    const visit = 'export interface Visit { name: string\n at: Date }\n'
    const taken = `${SDK}import type { Visit } from '../types.ts'\nexport const one = defineActor((visit: Visit) => visit.name)\n`
    const given = `${SDK}import type { Visit } from '../types.ts'\nexport const one = defineActor((name: string): Visit => ({ name, at: new Date() }))\n`
    for (const actor of [taken, given])
      expect(read({ 'actors/a.ts': actor, 'types.ts': visit }).errors).toEqual([
        'type-not-json types.ts:2',
      ])
  })

  test('A module that came meanwhile is found.', () => {
    const { project } = read({
      'actors/a.ts': `${SDK}import type { Page } from '../types.ts'\nexport const one = defineActor((page: Page) => page)\n`,
    })
    project.write('types.ts', 'export interface Page { url: string }')
    expect(project.reader.read().problems).toEqual([])
  })

  test('A type error elsewhere in the project does not stop a build.', () => {
    const { errors, names } = read({
      'actors/a.ts': `${SDK}import { twice } from '../lib/twice.ts'\nexport const one = defineActor((n: number) => twice(n))\n`,
      'lib/twice.ts': `export const twice = (n: number): number => n * 2\nconst wrong: string = 1\nexport { wrong }\n`,
      'scripts/other.ts': `const wrong: string = 1\n`,
    })
    expect(errors).toEqual([])
    expect(names).toEqual(['one'])
  })

  test('A type error in a file that an actor has types from stops it.', () => {
    const { errors } = read({
      'actors/a.ts': `${SDK}import type { Page } from '../types.ts'\nexport const one = defineActor((page: Page) => page)\n`,
      'types.ts': `export interface Page { url: string; by: Author }\nexport interface Author { name: Nmae }\n`,
    })
    expect(errors).toEqual(['type-error types.ts:2'])
  })

  test('A type error inside a handler stops it.', () => {
    const { errors } = read({
      'actors/a.ts': `${SDK}export const one = defineActor((n: number) => n.missing)\n`,
    })
    expect(errors).toEqual(['type-error actors/a.ts:2'])
  })

  test('What is unused is no error, whatever the tsconfig says.', () => {
    const strict = { ...TSCONFIG.compilerOptions, noUnusedLocals: true, noUnusedParameters: true }
    const { errors } = read({
      'tsconfig.json': JSON.stringify({ compilerOptions: strict }),
      'actors/a.ts': `${SDK}const unused = 1\nexport const one = defineActor((n: number) => 1)\n`,
    })
    expect(errors).toEqual([])
  })
})

describe('an actor is found by what its export is:', () => {
  test('Behind re-exports it is one actor, however often it is exported.', () => {
    const { errors, model } = read({
      'actors/a.ts': ACTOR,
      'actors/index.ts': `export * from './a.ts'\n`,
      'pipelines/p.ts': `${SDK}import { one } from '../actors/index.ts'\nexport const all = definePipeline([one])\n`,
    })
    expect(errors).toEqual([])
    expect(model.actors).toMatchObject([
      { name: 'one', declared: { file: 'actors/a.ts', line: 2 } },
    ])
    expect(model.pipelines).toMatchObject([{ steps: ['one'] }])
  })

  test('Of a file elsewhere it is found by the file that re-exports it.', () => {
    const { errors, model } = read({
      'lib/a.ts': `${SDK}const local = defineActor((n: number) => n)\nexport { local as inner }\n`,
      'actors/index.ts': `export { inner as readPage } from '../lib/a.ts'\n`,
    })
    expect(errors).toEqual([])
    expect(model.actors).toMatchObject([
      {
        name: 'read-page',
        exportName: 'readPage',
        exportFile: 'actors/index.ts',
        declared: { file: 'lib/a.ts', line: 2 },
      },
    ])
  })

  test('Under two names it has none, until its options say one.', () => {
    const twice = `${SDK}export const one = defineActor((n: number) => n)\nexport { one as two }\n`
    expect(read({ 'a.ts': twice }).errors).toEqual(['name-ambiguous a.ts:2'])
    expect(read({ 'a.ts': twice.replace('=> n)', "=> n, { name: 'three' })") }).names).toEqual([
      'three',
    ])
  })

  test('As the default export it needs a name.', () => {
    const direct = `${SDK}export default defineActor((n: number) => n)\n`
    expect(read({ 'a.ts': direct }).errors).toEqual(['name-missing a.ts:2'])
    expect(read({ 'a.ts': direct.replace('=> n)', "=> n, { name: 'said' })") }).names).toEqual([
      'said',
    ])
    const named = `${SDK}const one = defineActor((n: number) => n)\nexport default one\nexport { one }\n`
    expect(read({ 'a.ts': named }).names).toEqual(['one'])
  })

  test('Through as, satisfies, parentheses, other names of defineActor and other constants.', () => {
    const { errors, names } = read({
      'a.ts': `import * as asya from '@asya/sdk'
        import { defineActor as make, type Actor } from '@asya/sdk'
        export const one = asya.defineActor((n: number) => n) satisfies Actor<number, number>
        export const two = (make((n: number) => n) as Actor<number, number>)
        const hidden = make((n: number) => n)
        export const three = hidden
        const all = { hidden: make((n: number) => n) }
        export const four = all.hidden
        export const no = { defineActor: (n: number) => n }.defineActor(1)`,
    })
    expect(errors).toEqual([])
    expect(names).toEqual(['four', 'one', 'three', 'two'])
  })
})

describe('an actor that cannot be read without running the project is refused, with the way out:', () => {
  test.each<[what: string, source: string, code: string, why: string]>([
    [
      'made by a function',
      'const make = () => defineActor((n: number) => n)\nexport const one = make()',
      'actor-made-by-function a.ts:3',
      'it is made by make(…)',
    ],
    [
      'made in a loop',
      'export const all: unknown[] = []\nfor (const n of [1, 2]) all.push(defineActor((m: number) => m * n))',
      'actor-made-in-loop a.ts:3',
      'made in a loop',
    ],
    [
      'made in a loop of functions',
      'export const all = [1, 2].map((n) => defineActor((m: number) => m * n))',
      'actor-made-in-loop a.ts:2',
      'made in a loop',
    ],
    [
      'made conditionally',
      'export const one = Math.random() > 1 ? defineActor((n: number) => n) : defineActor((n: number) => -n)',
      'actor-made-conditionally a.ts:2',
      'is decided when the program runs',
    ],
    [
      'a variable',
      'export let one = defineActor((n: number) => n)',
      'actor-not-a-constant a.ts:2',
      'a variable, whose value may change',
    ],
    [
      'taken out of a list',
      'const [first] = [defineActor((n: number) => n)] as const\nexport const one = first',
      'actor-not-a-constant a.ts:2',
      'taken out of a list',
    ],
  ])('%s', (_, source, code, why) => {
    const { errors, problems } = read({ 'a.ts': `${SDK}${source}\n` })
    expect(errors.filter((error) => !error.startsWith('no-actors'))).toEqual([code])
    const told = problems.find((problem) => code.startsWith(problem.code))
    expect(told?.message).toContain(why)
    expect(told?.fix).toBeTruthy()
  })

  test('One that nobody exports is not built, which is a warning.', () => {
    const { problems, names } = read({
      'a.ts': `${ACTOR}const two = defineActor((n: number) => n)\nvoid two\n`,
    })
    expect(names).toEqual(['one'])
    expect(problems).toMatchObject([
      { code: 'actor-not-exported', severity: 'warning', position: { line: 3 } },
    ])
  })

  test('No actors at all are told with a whole example, which is a project.', () => {
    const { problems } = read({ 'readme.md': 'nothing' })
    expect(problems).toMatchObject([{ code: 'no-actors' }])
    const fix = problems[0]?.fix ?? ''
    expect(read({ 'hello.ts': fix.slice(fix.indexOf('import')) }).names).toEqual(['greet', 'shout'])
  })
})

describe('a tsconfig', () => {
  test('that says nothing of types has those of Node, which else would be any.', () => {
    const { errors, model } = read({
      ...WITH_NODE_TYPES,
      'a.ts': `${SDK}import { readFile } from 'node:fs/promises'
        export const one = defineActor(async (path: string) => ({ text: await readFile(path, 'utf8') }))`,
    })
    expect(errors).toEqual([])
    expect(model.actors[0]?.output?.typeText).toBe('{ text: string; }')
  })

  test('is respected with what it extends, and its paths.', () => {
    const { errors, names, inputs, project } = read({
      'base.json': JSON.stringify({
        compilerOptions: { ...TSCONFIG.compilerOptions, paths: { '#types/*': ['./some/types/*'] } },
      }),
      'tsconfig.json': JSON.stringify({ extends: './base.json' }),
      'some/types/page.ts': 'export interface Page { url: string }',
      'actors/a.ts': `${SDK}import type { Page } from '#types/page.ts'\nexport const one = defineActor((page: Page) => page)\n`,
    })
    expect(errors).toEqual([])
    expect(names).toEqual(['one'])
    const seen = inputs
      .filter((input) => input.startsWith(project.dir))
      .map((input) => input.slice(project.dir.length + 1))
    expect(seen).toEqual([
      'actors/a.ts',
      'base.json',
      'package.json',
      'some/types/page.ts',
      'tsconfig.json',
    ])
  })

  test('that is broken is told.', () => {
    expect(
      read({ 'tsconfig.json': '{ "extends": "./missing.json" }', 'a.ts': ACTOR }).errors[0],
    ).toMatch(/^tsconfig-invalid/)
    expect(
      read({ 'tsconfig.json': '{ "compilerOptions": { "module": "no" } }', 'a.ts': ACTOR }).errors,
    ).toContain('tsconfig-invalid tsconfig.json:1')
  })

  test('beside others is the one that counts.', () => {
    const { errors } = read({
      'tsconfig.build.json': '{ broken',
      'a.ts': ACTOR,
    })
    expect(errors).toEqual([])
  })

  test('in a folder above the project counts if the project has none.', () => {
    const whole = createProject({
      'inner/package.json': '{ "name": "inner" }',
      'inner/a.ts': ACTOR,
    })
    whole.write('tsconfig.json', JSON.stringify(TSCONFIG))
    expect(whole.reader.read().problems.map(({ code }) => code)).toEqual(['no-actors'])
  })

  test('of a monorepo leads to other projects by their sources, or by what was built of them.', () => {
    const files = {
      'tsconfig.json': JSON.stringify({ ...TSCONFIG, references: [{ path: './shared' }] }),
      'shared/tsconfig.json': JSON.stringify({
        compilerOptions: { composite: true, rootDir: 'src', outDir: 'dist' },
      }),
      'shared/src/page.ts': 'export interface Page { url: string }',
      'node_modules/@team/shared/package.json':
        '{ "name": "@team/shared", "type": "module", "exports": "./dist/page.js" }',
      'actors/a.ts': `${SDK}import type { Page } from '../shared/src/page.ts'\nexport const one = defineActor((page: Page) => page)\n`,
      'actors/b.ts': `${SDK}import type { Page } from '@team/shared'\nexport const two = defineActor((page: Page) => page)\n`,
    }
    const unbuilt = read(files)
    expect(unbuilt.errors).toEqual(['module-missing actors/b.ts:2'])
    expect(unbuilt.problems[0]?.fix).toContain('tsc -b')
    const built = read({
      ...files,
      'node_modules/@team/shared/dist/page.d.ts': 'export interface Page { url: string }',
      'node_modules/@team/shared/dist/page.js': 'export {}',
    })
    expect(built.errors).toEqual([])
    expect(built.names).toEqual(['one', 'two'])
  })
})

describe('files', () => {
  test('of every ending of TypeScript are read, and of JavaScript if comments say the types.', () => {
    const { errors, names } = read({
      'actors/a.mts': `import { defineActor } from '@asya/sdk'\nexport const one = defineActor((n: number) => n)\n`,
      'actors/b.cts': `import { defineActor } from '@asya/sdk'\nexport const two = defineActor((n: number) => n)\n`,
      'actors/c.tsx': `import { defineActor } from '@asya/sdk'\nexport const three = defineActor((n: number) => n)\n`,
      'actors/d.js': `import { defineActor } from '@asya/sdk'\nexport const four = defineActor((/** @type {number} */ n) => n)\n`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...TSCONFIG.compilerOptions,
          verbatimModuleSyntax: false,
          jsx: 'preserve',
        },
      }),
    })
    expect(errors).toEqual([])
    expect(names).toEqual(['four', 'one', 'three', 'two'])
  })

  test('that are tests, types or configuration are not read.', () => {
    const { errors, names } = read({
      'a.ts': ACTOR,
      'a.test.ts': ACTOR.replace('one', 'two'),
      'b.d.ts': 'export interface B { b: string }',
      'vite.config.ts': 'broken(',
    })
    expect(errors).toEqual([])
    expect(names).toEqual(['one'])
  })

  test('of JavaScript without types are refused, as any is.', () => {
    const { errors } = read({
      'a.js': `import { defineActor } from '@asya/sdk'\nexport const one = defineActor((n) => 1)\n`,
    })
    expect(errors).toEqual(['payload-has-no-type a.js:2'])
  })
})

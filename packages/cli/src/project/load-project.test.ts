import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openProject } from '@asya/compiler'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  createProject,
  removeProjects,
  SDK,
  type TemporaryProject,
} from '../testing/temporary-project.ts'
import { ProjectError } from '../errors.ts'
import { findProjectDir } from './find-files.ts'
import { loadProject, type Project } from './load-project.ts'
import type { ModelRead } from './model-reader.ts'
import { readProject } from './read-project.ts'

// Each of them starts the compiler anew.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

let builds = 0

function load(project: TemporaryProject, fingerprint?: string): Promise<Project | undefined> {
  const projectDir = project.dir
  const outDir = `${projectDir}/.asya/dev/${++builds}`
  const readModel = async (): Promise<ModelRead> =>
    readProject(openProject({ projectDir }), projectDir)
  const { signal } = new AbortController()
  return loadProject({ projectDir, outDir, readModel, fingerprint, signal })
}

async function loadWhole(project: TemporaryProject): Promise<Project> {
  const loaded = await load(project)
  if (!loaded) throw new Error('unchanged')
  return loaded
}

/** The message of the error that a project of these files ends in. */
async function explain(files: Readonly<Record<string, string>>): Promise<string> {
  const error: unknown = await load(createProject(files)).then(
    () => 'it loads',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ProjectError)
  return error instanceof Error ? error.message : ''
}

const ACTOR = `${SDK}export const one = defineActor((n: number) => n)\n`

describe('a project', () => {
  test('is run with the defaults of its asya.config.ts, unless an actor says otherwise.', async () => {
    const project = await loadWhole(
      createProject({
        'asya.config.ts': `export default { defaults: {
          timeout: '7s', concurrency: 3, retry: { maxAttempts: 9, initialDelay: '2s' },
          env: { MODEL: 'small', LEVEL: 'low', KEY: { secret: 'model', key: 'api-key' } },
        } }`,
        'actors/some.ts': `${SDK}
          export const plain = defineActor((n: number) => n)
          export const own = defineActor((n: number) => n, {
            concurrency: 1, retry: { maxAttempts: 2 }, env: { LEVEL: 'high' } })`,
      }),
    )
    const shared = { timeoutMs: 7_000 }
    expect(Object.fromEntries(project.actors.map((actor) => [actor.name, actor]))).toMatchObject({
      plain: {
        ...shared,
        concurrency: 3,
        retry: { maxAttempts: 9, initialDelayMs: 2_000, backoff: 2 },
        env: { MODEL: 'small', LEVEL: 'low' },
      },
      own: {
        ...shared,
        concurrency: 1,
        retry: { maxAttempts: 2, initialDelayMs: 2_000, backoff: 2 },
        env: { MODEL: 'small', LEVEL: 'high' },
      },
    })
  })

  test('that is given up while it is bundled is left when all is written.', async () => {
    const { dir: projectDir } = createProject({ 'one.ts': ACTOR })
    const outDir = `${projectDir}/.asya/dev/${++builds}`
    const readModel = (): Promise<ModelRead> => Promise.reject(new Error('closed'))
    const { signal } = new AbortController()
    const loading = loadProject({ projectDir, outDir, readModel, signal })
    await expect(loading).rejects.toThrow('closed')
    const written = readdirSync(outDir)
    await sleep(200)
    expect(readdirSync(outDir)).toEqual(written)
    expect(written).toContain('one.mjs')
  })

  test('is another when its asya.config.ts says something else.', async () => {
    const files = createProject({ 'actors/one.ts': ACTOR })
    const { fingerprint } = await loadWhole(files)
    expect(await load(files, fingerprint)).toBeUndefined()
    files.write('asya.config.ts', `export default { defaults: { concurrency: 2 } }`)
    expect(await load(files, fingerprint)).toMatchObject({ actors: [{ concurrency: 2 }] })
  })

  test('has the actors and pipelines that its folders export, tests and types left out.', async () => {
    const project = await loadWhole(
      createProject({
        'actors/deep/read-page.ts': `${SDK}export const readPage = defineActor((n: number) => n, {
          timeout: '2m', concurrency: 4, retry: { maxAttempts: 5, initialDelay: '2s' } })`,
        'actors/named.mjs': `${SDK}
          /** @param {number} n */
          const handle = (n) => n
          export const whatever = defineActor(handle, { name: 'say-it' })`,
        'actors/some.test.ts': `throw new Error('a test was loaded')`,
        'actors/types.d.ts': 'export interface Never { n: number }',
        'pipelines/both.ts': `${SDK}
          import { readPage } from '../actors/deep/read-page.ts'
          import { whatever } from '../actors/named.mjs'
          export const bothOfThem = definePipeline([readPage, whatever, readPage])`,
        'unrelated.ts': `throw new Error('a file at the top was loaded')`,
      }),
    )
    expect(project.actors).toMatchObject([
      {
        name: 'read-page',
        exportName: 'readPage',
        timeoutMs: 120_000,
        concurrency: 4,
        retry: { maxAttempts: 5, initialDelayMs: 2_000, backoff: 2 },
      },
      { name: 'say-it', timeoutMs: 300_000, concurrency: 1, retry: { maxAttempts: 3 } },
    ])
    expect(project.pipelines).toMatchObject([
      { name: 'both-of-them', steps: ['read-page', 'say-it', 'read-page'] },
    ])
  })

  test('without these folders is what its own folder exports.', async () => {
    const project = await loadWhole(
      createProject({
        'hello.ts': `${ACTOR}export const all = definePipeline([one])`,
        'vitest.config.ts': `throw new Error('a configuration was loaded')`,
      }),
    )
    expect(project.actors.map((actor) => actor.name)).toEqual(['one'])
    expect(project.pipelines).toMatchObject([{ name: 'all', steps: ['one'] }])
  })

  test('is found from any folder below it.', () => {
    const project = createProject({ 'actors/one.ts': ACTOR })
    const here = process.cwd()
    process.chdir(`${project.dir}/actors`)
    const found = findProjectDir(undefined)
    process.chdir(here)
    expect(found).toBe(project.dir)
    expect(findProjectDir(`${project.dir}/actors`)).toBe(`${project.dir}/actors`)
    expect(() => findProjectDir(`${project.dir}/none`)).toThrow('there is no folder')
  })

  test('that did not change, neither in its code nor in its types, is not loaded again.', async () => {
    const project = createProject({ 'hello.ts': ACTOR })
    const { fingerprint } = await loadWhole(project)
    expect(await load(project, fingerprint)).toBeUndefined()
    project.write('hello.ts', ACTOR.replace('=> n', '=> n + 1'))
    expect(await load(project, fingerprint)).toBeDefined()
  })

  test('tells which actors a change concerns.', async () => {
    const importing = (name: string): string =>
      `${SDK}import { add } from '../lib/add.ts'\nexport const ${name} = defineActor((n: number) => add(n))`
    const project = createProject({
      'actors/one.ts': importing('one'),
      'actors/two.ts': importing('two'),
      'actors/three.ts': `${SDK}export const three = defineActor((n: number) => n)`,
      'lib/add.ts': 'export const add = (n: number) => n + 1',
    })
    const hashes = async (): Promise<Map<string, string>> => {
      const { actors } = await loadWhole(project)
      const hashOf = (program: (typeof actors)[number]['program']): string =>
        program.type === 'node' ? program.module.hash : program.hash
      return new Map(actors.map((actor) => [actor.name, hashOf(actor.program)]))
    }
    const first = await hashes()
    project.write('lib/add.ts', 'export const add = (n: number) => n + 2')
    const second = await hashes()
    const changed = [...second].filter(([name, hash]) => first.get(name) !== hash)
    expect(changed.map(([name]) => name).sort()).toEqual(['one', 'two'])
  })
})

describe('what is wrong with a project is told:', () => {
  test('a mistake of syntax, with its place.', async () => {
    const message = await explain({ 'hello.ts': `${SDK}export const x = \n` })
    expect(message).toContain('the project does not build')
    expect(message).toMatch(/hello\.ts:2:17/)
  })

  test('a module that throws when it is loaded, with the line that its author wrote.', async () => {
    const message = await explain({
      'actors/one.ts': ACTOR,
      'actors/bad.ts': `${SDK}interface Padding {\n  a: string\n}\nthrow new Error('no database')\n`,
    })
    expect(message).toContain('actors/bad.ts cannot be loaded')
    expect(message).toContain('Error: no database')
    expect(message).toContain('actors/bad.ts:5:7')
    expect(message).not.toContain('node:internal')
    expect(message).not.toContain('inspect-main')
  })

  test('an import of a package that is not there.', async () => {
    const message = await explain({ 'hello.ts': `${ACTOR}import 'no-such-package'` })
    expect(message).toContain('no-such-package')
    expect(message).toMatch(/hello\.ts:3:8/)
  })

  test('a module that ends the process.', async () => {
    const message = await explain({ 'hello.ts': `${ACTOR}process.exit(3)` })
    expect(message).toContain('hello.ts cannot be loaded')
    expect(message).toContain('it ended the process that loads it, with exit code 3')
  })

  test('a module that waits for ever.', async () => {
    const message = await explain({ 'hello.ts': `${ACTOR}await new Promise(() => {})` })
    expect(message).toContain('hello.ts cannot be loaded')
    expect(message).toContain('it waits at its top level for something that never comes')
  })

  test('a step that does not fit, with its place.', async () => {
    const message = await explain({
      'hello.ts': `${SDK}
export const one = defineActor((n: number) => ({ n }))
export const all = definePipeline([one, one])`,
    })
    expect(message).toContain('hello.ts:4:')
  })

  test('an option that is not allowed.', async () => {
    const source = `${SDK}export const one = defineActor((n: number) => n, { timeout: 'soon' })`
    expect(await explain({ 'hello.ts': source })).toContain("option timeout is 'soon'")
  })

  test('no actors, with what was looked for and a whole example.', async () => {
    const message = await explain({ 'readme.md': 'nothing here' })
    expect(message).toContain('no actors')
    expect(message).toContain('actors/ and pipelines/')
    expect(message).toContain('defineActor')
    expect(await explain({ 'actors/empty.ts': 'export const a = 1' })).toContain('actors/empty.ts')
  })

  test('the example is a project that loads.', async () => {
    const message = await explain({ 'readme.md': '' })
    const example = message.slice(message.indexOf('import'))
    const project = await loadWhole(createProject({ 'hello.ts': example }))
    expect(project.pipelines).toMatchObject([{ name: 'hello', steps: ['greet', 'shout'] }])
  })
})

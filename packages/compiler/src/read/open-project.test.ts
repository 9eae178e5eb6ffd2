import { afterEach, describe, expect, test, vi } from 'vitest'
import { createProject, removeProjects, SDK } from '../testing/temporary-project.ts'
import { openProject, type ReadResult } from './open-project.ts'

// Each of them is a compilation of its own.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

function codesOf({ problems }: ReadResult): string[] {
  return problems.map(({ code }) => code)
}

const FILES = {
  'types/page.ts': 'export interface Page { url: string }\n',
  'actors/a.ts': `${SDK}import type { Page } from '../types/page.ts'\nexport const one = defineActor((page: Page) => page)\n`,
  'actors/b.ts': `${SDK}export const two = defineActor((page: { url: string }) => page.url)\n`,
  'pipelines/p.ts': `${SDK}import { one } from '../actors/a.ts'\nimport { two } from '../actors/b.ts'\nexport const all = definePipeline([one, two])\n`,
}

describe('a project that is read again', () => {
  test('and did not change is the very same result.', () => {
    const { reader } = createProject(FILES)
    expect(reader.read()).toBe(reader.read())
  })

  test('shows what changed in a type, and in what hangs on it, and forgets it again.', () => {
    const project = createProject(FILES)
    const before = project.reader.read()
    expect(codesOf(before)).toEqual([])
    project.write('types/page.ts', 'export interface Page { link: string }\n')
    const broken = project.reader.read()
    expect(codesOf(broken)).toEqual(['edge-does-not-fit'])
    expect(broken.model.schemas['Page']).toMatchObject({ required: ['link'] })
    project.write('types/page.ts', FILES['types/page.ts'])
    expect(project.reader.read()).toEqual(before)
  })

  test('is what a new reader would read, whatever was done to it.', () => {
    const project = createProject(FILES)
    const edits: readonly (() => void)[] = [
      () =>
        project.write(
          'actors/c.ts',
          `${SDK}export const three = defineActor((n: number) => n.missing)\n`,
        ),
      () =>
        project.write('actors/c.ts', `${SDK}export const three = defineActor((n: number) => n)\n`),
      () => project.remove('actors/b.ts'),
      () =>
        project.write('actors/b.ts', FILES['actors/b.ts'].replace('url: string', 'url: number')),
      () => project.write('asya.config.ts', `export default { namespace: 'a' }\n`),
      () => project.write('asya.config.ts', `export default { namespace: 'b' }\n`),
      () => project.write('types/page.ts', 'export interface Page { url: Missing }\n'),
      () => project.write('package.json', '{ "name": "other", "type": "module" }'),
    ]
    project.reader.read()
    for (const edit of edits) {
      edit()
      const again = project.reader.read()
      const anew = openProject({ projectDir: project.dir }).read()
      expect(again).toEqual(anew)
    }
  }, 240_000)
})

describe('a pipeline', () => {
  test('has the steps that its list leads to, also through constants and namespaces.', () => {
    const { reader } = createProject({
      ...FILES,
      'pipelines/p.ts': `${SDK}import * as a from '../actors/a.ts'
        import { two } from '../actors/b.ts'
        const end = [two] as const
        /**
         * All of it.
         * @deprecated use another
         */
        export const all = definePipeline([a.one, ...end], { timeout: '1h' })`,
    })
    expect(reader.read()).toMatchObject({
      problems: [],
      model: {
        pipelines: [
          {
            name: 'all',
            description: 'All of it.',
            deprecated: 'use another',
            timeoutMs: 3_600_000,
            steps: ['one', 'two'],
            edges: [
              {
                from: 'one',
                to: 'two',
                sent: 'Page',
                expected: '{ url: string; }',
                isFitting: true,
              },
            ],
          },
        ],
      },
    })
  })

  test.each<[what: string, steps: string, code: string, why: string]>([
    [
      'a function',
      '[one, (page: { url: string }) => page]',
      'step-not-actor',
      'step 2 is a function that defineActor was not called with',
    ],
    ['a pipeline', '[one, inner]', 'step-not-actor', 'step 2 is a pipeline, not an actor'],
    ['nothing', '[]', 'pipeline-empty', 'at least one actor'],
    ['no list', 'makeSteps()', 'steps-not-static', 'must be written out as a list'],
    [
      'an actor that nobody exports',
      '[one, hidden]',
      'step-not-exported',
      'step 2 is an actor that no module exports',
    ],
    [
      'an actor made by a function',
      '[one, makeActor()]',
      'step-made-by-function',
      'it is made by makeActor(…)',
    ],
  ])('is refused for %s.', (_, steps, code, why) => {
    const { reader } = createProject({
      ...FILES,
      'pipelines/p.ts': `${SDK}import { one } from '../actors/a.ts'
        import { two } from '../actors/b.ts'
        const hidden = defineActor((page: { url: string }) => page)
        export const inner = definePipeline([two])
        export const used = { hidden }
        declare function makeSteps(): [typeof one]
        declare function makeActor(): typeof two
        export const all = definePipeline(${steps})`,
    })
    const told = reader.read().problems.filter(({ severity }) => severity === 'error')
    expect(told).toMatchObject([{ code, position: { file: 'pipelines/p.ts', line: 9 } }])
    expect(told[0]?.message).toContain(why)
  })

  test.each([
    ['a list that is spread out in itself', 'const steps = [...steps] as const', 'steps'],
    ['lists that are spread out in each other', 'const a = [...b]\nconst b = [...a]', 'a'],
    ['a list that is itself', 'const steps = steps', 'steps'],
  ])('is refused for %s.', (_, lists, steps) => {
    const { reader } = createProject({
      'a.ts': `${SDK}${lists}\nexport const all = definePipeline(${steps})\n`,
    })
    expect(codesOf(reader.read())).toContain('steps-not-static')
  })

  test('whose module is imported by its own actor is refused, but not for a type.', () => {
    const project = createProject({
      ...FILES,
      'actors/b.ts': `${SDK}import { shorten } from '../pipelines/p.ts'
        export const two = defineActor((page: { url: string }) => shorten(page.url))`,
      'pipelines/p.ts': `${FILES['pipelines/p.ts']}
        export type Short = string
        export const shorten = (text: string): Short => text.slice(1)`,
    })
    const { problems } = project.reader.read()
    expect(problems).toMatchObject([
      { code: 'import-cycle', position: { file: 'pipelines/p.ts', line: 4 } },
    ])
    expect(problems[0]?.message).toContain('actors/b.ts → pipelines/p.ts → actors/b.ts')
    project.write(
      'actors/b.ts',
      `${SDK}import type { Short } from '../pipelines/p.ts'
        export const two = defineActor((page: { url: string }): Short => page.url)`,
    )
    expect(project.reader.read().problems).toEqual([])
  })
})

describe('names', () => {
  test('that Kubernetes or RabbitMQ would refuse, or that are taken, are refused.', () => {
    const { reader } = createProject({
      'a.ts': `${SDK}
        export const happyEnd = defineActor((n: number) => n)
        export const a_very_long_name_that_no_label_of_a_pod_would_hold_at_all = defineActor((n: number) => n)
        export const größe = defineActor((n: number) => n)
        export const twin = defineActor((n: number) => n)
        export const other = defineActor((n: number) => n, { name: 'twin' })
        export const p = definePipeline([twin])
        export const q = definePipeline([twin], { name: 'p' })`,
    })
    const { problems } = reader.read()
    expect(problems.map(({ code, position }) => `${code}:${position?.line ?? 0}`)).toEqual([
      'name-reserved:3',
      'name-refused:4',
      'name-refused:5',
      'actor-twins:6',
      'pipeline-twins:8',
    ])
    const twins = problems.find(({ code }) => code === 'actor-twins')
    expect(twins?.message).toBe('2 actors are named "twin": a.ts (twin), a.ts (other)')
    expect(twins?.related).toMatchObject([{ position: { line: 7 } }])
  })

  test('of somebody else’s queues are taken too.', () => {
    const { reader } = createProject({
      'a.ts': `import { defineActor, remoteActor } from '@asya/sdk'
        export const one = defineActor((n: number) => n)
        export const theirs = remoteActor<string, string[]>({ name: 'theirs', queue: 'team-b.one' })
        export const again = remoteActor<string, string | null>({ name: 'again', queue: 'one' })`,
    })
    const { model, problems } = reader.read()
    expect(problems).toMatchObject([{ code: 'actor-twins' }])
    expect(problems[0]?.message).toContain('2 actors consume the queue "one"')
    expect(model.actors).toMatchObject([
      { name: 'again', kind: 'remote', queue: 'one', cardinality: 'optional', settings: {} },
      { name: 'one', kind: 'node', queue: 'one', cardinality: 'one' },
      { name: 'theirs', kind: 'remote', queue: 'team-b.one', cardinality: 'many' },
    ])
  })
})

test('What a comment of a type says wrongly, but not so that it stops a build, is told once.', () => {
  const { problems } = createProject({
    'types/page.ts': `/**
 * A page.
 * @example
 * read(page)
 * read(other)
 */
export interface Page { url: string }
`,
    'actors/a.ts': `${SDK}import type { Page } from '../types/page.ts'
export const one = defineActor((page: Page) => ({ page }))
export const two = defineActor((pages: { all: Page[] }) => pages.all)
`,
  }).reader.read()
  expect(problems).toMatchObject([
    { code: 'doc-tag', severity: 'warning', position: { file: 'types/page.ts', line: 3 } },
  ])
})

test('A configuration that is itself says nothing, which is told.', () => {
  const { problems } = createProject({
    'a.ts': `${SDK}export const one = defineActor((n: number) => n)\n`,
    'asya.config.ts': 'const config = config\nexport default config\n',
  }).reader.read()
  expect(problems.map(({ position }) => position?.file)).toContain('asya.config.ts')
})

test('An actor says how many messages follow from one.', () => {
  const results: readonly (readonly [type: string, cardinality: string])[] = [
    ['number', 'one'],
    ['Promise<number>', 'one'],
    ['number | Promise<number>', 'one'],
    ['number | null', 'optional'],
    ['Promise<{ a: 1 } | undefined>', 'optional'],
    ['number[]', 'many'],
    ['Promise<readonly number[] | null>', 'many'],
    ['[number, string]', 'many'],
    ['AsyncGenerator<number, void>', 'many'],
    ['AsyncIterable<number>', 'many'],
    ['Generator<number>', 'many'],
    ['void', 'none'],
    ['Promise<void>', 'none'],
    ['null', 'none'],
    ['never', 'none'],
  ]
  const actors = results.map(
    ([type], index) =>
      `export const a${index + 10} = defineActor((_: number): ${type} => null as never)`,
  )
  const explicit = 'export const a99 = defineActor<number, number[] | null>(async () => null)'
  const { model, problems } = createProject({
    'a.ts': `${SDK}${[...actors, explicit].join('\n')}\n`,
  }).reader.read()
  expect(problems).toEqual([])
  expect(model.actors.map(({ cardinality }) => cardinality)).toEqual([
    ...results.map(([, each]) => each),
    'many',
  ])
  expect(model.actors.map(({ output }) => output === undefined)).toEqual([
    ...results.map(([, each]) => each === 'none'),
    false,
  ])
})

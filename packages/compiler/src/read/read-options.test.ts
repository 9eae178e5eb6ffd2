import { afterAll, describe, expect, test } from 'vitest'
import { createProject, SDK } from '../testing/temporary-project.ts'

/** Options as they are written, and the settings that they amount to. */
const STATIC: readonly (readonly [options: string, settings: object])[] = [
  ["{ timeout: '1m30s' }", { timeoutMs: 90_000 }],
  ['{ timeout: 5 * 60_000 }', { timeoutMs: 300_000 }],
  ['{ timeout: MINUTE * (2 + 1) - 1 }', { timeoutMs: 179_999 }],
  ['{ timeout: `90s` }', { timeoutMs: 90_000 }],
  ['{ timeout: `${MINUTE / 60_000}m` }', { timeoutMs: 60_000 }],
  ["{ timeout: '9' + '0s' }", { timeoutMs: 90_000 }],
  ['{ timeout: HOUR }', { timeoutMs: 3_600_000 }],
  ['{ timeout: others.HOUR }', { timeoutMs: 3_600_000 }],
  ['{ timeout: LIMITS.timeout }', { timeoutMs: 60_000 }],
  ["{ timeout: LIMITS['timeout'] }", { timeoutMs: 60_000 }],
  ['{ timeout: TIMES[1] }', { timeoutMs: 2_000 }],
  ['{ concurrency: Size.Small }', { concurrency: 2 }],
  ['{ workload: { type: Kind.Set } }', { workload: { type: 'StatefulSet' } }],
  ['{ ...LIMITS, concurrency: 4 }', { timeoutMs: 60_000, concurrency: 4 }],
  ['{ ...LIMITS, ...{ timeout: 1 } }', { timeoutMs: 1 }],
  ['{ concurrency }', { concurrency: 3 }],
  ["{ ['timeout']: 1 }", { timeoutMs: 1 }],
  ['({ timeout: 1 } as const)', { timeoutMs: 1 }],
  ['({ timeout: 1 } satisfies ActorOptions)', { timeoutMs: 1 }],
  ['OPTIONS', { retry: { initialDelayMs: 2_000, retryCodes: ['a', 'b'] } }],
  ['{ timeout: undefined, concurrency: 1 }', { concurrency: 1 }],
  ["{ retry: { retryCodes: [...CODES, 'c'] } }", { retry: { retryCodes: ['a', 'b', 'c'] } }],
  [
    "{ env: { A: 'b', C: { secret: 's', key: 'k' } } }",
    { env: { A: { value: 'b' }, C: { secret: 's', key: 'k' } } },
  ],
  [
    "{ scaling: { min: 0, cooldownPeriod: '1m' } }",
    { scaling: { min: 0, cooldownPeriodMs: 60_000 } },
  ],
  [
    "{ gracefulShutdown: '1m', sidecar: { env: { A: 'b' } }, scaling: { fallback: { replicas: 2 } } }",
    {
      gracefulShutdownMs: 60_000,
      sidecar: { env: { A: { value: 'b' } } },
      scaling: { fallback: { replicas: 2 } },
    },
  ],
  [
    "{ tolerations: [{ key: 'gpu', operator: 'Exists' }] }",
    { tolerations: [{ key: 'gpu', operator: 'Exists' }] },
  ],
]

/** Options that are refused, with the code, what is underlined, and a part of the message. */
const REFUSED: readonly (readonly [options: string, code: string, culprit: string, why: string])[] =
  [
    [
      '{ timeout: process.env.LIMIT }',
      'option-not-static',
      'process.env.LIMIT',
      'option timeout cannot be read',
    ],
    ['{ timeout: Number("1") }', 'option-not-static', 'Number("1")', 'is a call'],
    ['{ timeout: changing }', 'option-not-static', 'changing', 'make it a const'],
    [
      '{ timeout: MINUTE > 1 ? 1 : 2 }',
      'option-not-static',
      'MINUTE > 1 ? 1 : 2',
      'is decided when the program runs',
    ],
    ['{ ...makeOptions() }', 'option-not-static', 'makeOptions()', 'is a call'],
    [
      '{ retry: { maxAttempts: Math.PI } }',
      'option-not-static',
      'Math.PI',
      'option retry.maxAttempts cannot be read',
    ],
    ['makeOptions()', 'option-not-static', 'makeOptions()', 'the options cannot be read'],
    [
      "{ timeout: 'soon' }",
      'option-refused',
      "timeout: 'soon'",
      "option timeout is 'soon': expected a duration",
    ],
    [
      '{ retry: { maxAttempts: 0 } }',
      'option-refused',
      'maxAttempts: 0',
      'option retry.maxAttempts is 0: expected a whole number from 1 to 1000',
    ],
    [
      '{ timout: 1 } as object',
      'option-refused',
      'timout: 1',
      'there is no option timout; did you mean timeout?',
    ],
    ['{ scaling: { min: 3, max: 2 } }', 'option-refused', 'min: 3', 'expected at most scaling.max'],
    [
      "{ tolerations: [{ key: 'a' }, { effect: 'NoExecute' }] }",
      'option-refused',
      "{ effect: 'NoExecute' }",
      'option tolerations[1] has no key',
    ],
  ]

const PRELUDE = `${SDK}import type { ActorOptions } from '@asya/sdk'
import { HOUR } from '../lib/others.ts'
import * as others from '../lib/others.ts'
const MINUTE = 60_000
const LIMITS = { timeout: MINUTE } as const
const TIMES = ['1s', '2s'] as const
const CODES = ['a', 'b'] as const
const OPTIONS: ActorOptions = { retry: { initialDelay: '2s', retryCodes: CODES } }
enum Size { Small = 2 }
enum Kind { Set = 'StatefulSet' }
const concurrency = 3
let changing = 1
changing++
declare function makeOptions(): ActorOptions
`

const lines = [...STATIC, ...REFUSED].map(
  ([options], index) => `export const a${index} = defineActor((n: number) => n, ${options})`,
)
const source = `${PRELUDE}${lines.join('\n')}\n`
const project = createProject({
  'actors/a.ts': source,
  'lib/others.ts': 'export const HOUR = 60 * 60 * 1_000\n',
})
const { model, problems } = project.reader.read()
afterAll(() => project.remove())

describe('options are read without being run:', () => {
  test.each(STATIC.map(([options, settings], index) => ({ options, settings, index })))(
    '$options',
    ({ settings, index }) => {
      const actor = model.actors.find(({ exportName }) => exportName === `a${index}`)
      expect(actor?.settings).toEqual(settings)
    },
  )
})

describe('options are refused where they stand:', () => {
  test.each(
    REFUSED.map(([options, code, culprit, why], index) => ({
      options,
      code,
      culprit,
      why,
      index: index + STATIC.length,
    })),
  )('$options', ({ code, culprit, why, index }) => {
    const line = source.slice(0, source.indexOf(`export const a${index} =`)).split('\n').length
    const told = problems.filter(({ position }) => position?.line === line)
    expect(told).toMatchObject([{ code, severity: 'error' }])
    expect(told[0]?.message).toContain(why)
    const text = source.split('\n')[line - 1] ?? ''
    const { position, end } = told[0]!
    expect(text.slice(position!.column - 1, end!.column - 1)).toBe(culprit)
  })
})

test('Each setting says where it stands.', () => {
  const actor = model.actors.find(({ settings }) => settings.scaling?.cooldownPeriodMs === 60_000)
  expect(actor?.origins).toMatchObject({
    'scaling.cooldownPeriodMs': { from: 'options', position: { file: 'actors/a.ts' } },
    'scaling.min': { from: 'options' },
  })
})

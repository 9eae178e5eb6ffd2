import type { ActorModel, JsonSchema, Model } from '@asya/compiler'
import { describe, expect, test } from 'vitest'
import { paintNothing } from '../view/paint.ts'
import { describeSchema } from './describe-schema.ts'
import { explainModel, type ActorExplanation } from './explain-model.ts'
import { formatExplanation } from './format-explanation.ts'

const PAGE: JsonSchema = {
  type: 'object',
  properties: {
    url: { type: 'string', format: 'uri', description: 'Where it lies.' },
    links: { type: 'array', items: { $ref: '#/components/schemas/Link' } },
  },
  required: ['url'],
}

const SCHEMAS: Model['schemas'] = {
  Page: PAGE,
  Link: { type: 'object', properties: { page: { $ref: '#/components/schemas/Page' } } },
}

const read: ActorModel = {
  name: 'read',
  kind: 'node',
  queue: 'read',
  description: 'Reads a page.',
  declared: { file: 'actors/read.ts', line: 5, column: 14 },
  exportName: 'read',
  input: {
    schema: { $ref: '#/components/schemas/Page' },
    typeText: 'Page',
    declared: { file: 'actors/read.ts', line: 1, column: 18 },
  },
  output: { schema: { type: 'string', minLength: 1 }, typeText: 'string' },
  cardinality: 'many',
  settings: { timeoutMs: 120_000, retry: { maxAttempts: 5 } },
  origins: {
    timeoutMs: { from: 'options', position: { file: 'actors/read.ts', line: 9, column: 5 } },
    'retry.maxAttempts': { from: 'environment' },
  },
}

const count: ActorModel = {
  ...read,
  name: 'count',
  queue: 'count',
  description: undefined,
  input: { schema: { type: 'number' }, typeText: 'number' },
  output: undefined,
  cardinality: 'none',
  settings: {},
  origins: undefined,
}

const MODEL: Model = {
  project: { name: 'pages', version: '1.0.0', defaults: { concurrency: 4 } },
  actors: [count, read],
  pipelines: [
    {
      name: 'triage',
      declared: { file: 'pipelines/triage.ts', line: 3, column: 14 },
      exportName: 'triage',
      steps: ['read', 'count', 'read'],
      edges: [
        {
          from: 'read',
          to: 'count',
          sent: 'string',
          expected: 'number',
          isFitting: false,
          reason: 'string is not number',
        },
      ],
    },
  ],
  schemas: SCHEMAS,
}

function textOf(name: string): string {
  return explainModel(MODEL, name)
    .flatMap((one) => formatExplanation(one, paintNothing))
    .join('\n')
}

function explainActor(name: string): ActorExplanation {
  const [explanation] = explainModel(MODEL, name)
  if (explanation?.kind !== 'actor') throw new Error(`${name} is no actor`)
  return explanation
}

describe('an actor is explained', () => {
  test('with where it was read, what it takes and gives, and who uses it.', () => {
    const text = textOf('read')
    for (const line of [
      'actor read',
      'Reads a page.',
      'actors/read.ts:5:14, export read',
      'a message for each item',
      'triage (step 1, 3)',
      'input Page  actors/read.ts:1:18',
      'output string',
    ])
      expect(text).toContain(line)
  })

  test('with every named type once, those that types refer to among them.', () => {
    expect(explainActor('read').types.map(({ name }) => name)).toEqual(['Page', 'Link'])
    const text = textOf('read')
    expect(text.match(/^type Page$/gm)).toHaveLength(1)
    expect(text).toMatch(/^ {2}url {5}string, format uri {2}Where it lies\.$/m)
    expect(text).toMatch(/^ {2}links\? {2}array of Link$/m)
  })

  test('with each option and who set it: options, project, environment or nobody.', () => {
    const { settings } = explainActor('read')
    const origins = settings.map(({ name, value, from }) => `${name} ${String(value)} ${from}`)
    expect(origins).toEqual(
      expect.arrayContaining([
        'timeout 120000 options',
        'retry.maxAttempts 5 environment',
        'concurrency 4 project',
        'retry.backoff 2 default',
      ]),
    )
    expect(textOf('read')).toMatch(/timeout +2m +options of defineActor \(actors\/read\.ts:9:5\)/)
  })
})

test('a pipeline is explained with its route and the verdict on each edge.', () => {
  const text = textOf('triage')
  for (const line of [
    'pipeline triage',
    'read → count → read',
    '✗ read → count',
    'read sends string, count takes number: does not fit',
    'string is not number',
  ])
    expect(text).toContain(line)
})

test('of an unknown name the near ones are suggested.', () => {
  expect(() => explainModel(MODEL, 'triag')).toThrow('did you mean "triage"?')
})

describe('an actor that somebody else runs', () => {
  test('has no options of ours, and none are shown.', () => {
    const remote: ActorModel = { ...count, name: 'far', queue: 'team-b.far', kind: 'remote' }
    const [explanation] = explainModel({ ...MODEL, actors: [remote], pipelines: [] }, 'far')
    expect(explanation).toMatchObject({ kind: 'actor', settings: [] })
    const text = explanation && formatExplanation(explanation, paintNothing).join('\n')
    expect(text).toContain("somebody else's")
    expect(text).not.toContain('options')
    expect(text).toMatch(/\S$/)
  })
})

describe('a schema is described', () => {
  test.each<[string, JsonSchema, string]>([
    ['a literal', { const: 'a' }, '"a"'],
    ['literals', { enum: ['a', 1, null] }, '"a" | 1 | null'],
    ['a limit', { type: 'number', minimum: 0, maximum: 1 }, 'number, minimum 0, maximum 1'],
    ['something nullable', { type: ['string', 'null'] }, 'string | null'],
    [
      'a tuple',
      { type: 'array', items: [{ type: 'string' }, { type: 'number' }] },
      '[string, number]',
    ],
    ['a record', { type: 'object', additionalProperties: { type: 'number' } }, 'object of number'],
    [
      'a union',
      { anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/Page' }] },
      'string | Page',
    ],
    [
      'an intersection',
      { allOf: [{ $ref: '#/components/schemas/Page' }, { type: 'object' }] },
      'Page & object',
    ],
    ['anything', {}, 'anything'],
  ])('that is %s.', (_name, schema, allows) => {
    expect(describeSchema(schema)[0]?.allows).toBe(allows)
  })

  test('with the members of objects inside lists and unions.', () => {
    const item: JsonSchema = { type: 'object', properties: { at: { type: 'string' } } }
    const rows = describeSchema({
      type: 'object',
      properties: {
        items: { type: 'array', items: item },
        either: { oneOf: [item, { type: 'null' }] },
      },
      required: ['items'],
    })
    expect(rows.map(({ path, allows }) => `${path}: ${allows}`)).toEqual([
      ': object',
      'items: array of objects',
      'items[]: object',
      'items[].at: string',
      'either: <1> | null',
      'either<1>: object',
      'either<1>.at: string',
    ])
  })

  test('with what the author said beside the type.', () => {
    const [row] = describeSchema({
      oneOf: [{ type: 'string' }],
      discriminator: 'kind',
      default: 'a',
      examples: ['b'],
      deprecated: true,
    })
    expect(row?.because).toEqual([
      'the alternatives are told apart by "kind"',
      '@default "a"',
      '@example "b"',
      '@deprecated',
    ])
  })
})

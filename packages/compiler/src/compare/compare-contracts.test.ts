import { parse } from 'yaml'
import { describe, expect, test, vi } from 'vitest'
import { emitAll } from '../emit/emit-all.ts'
import { triage } from '../emit/testing/models.ts'
import type { ActorModel, JsonSchema, Model } from '../model/model.ts'
import type { Change } from './change.ts'
import { compareContracts } from './compare-contracts.ts'
import { readContract, type Contract } from './contract.ts'

vi.setConfig({ testTimeout: 60_000 })

function readAll(model: Model): Contract[] {
  return emitAll(model)
    .filter(({ path }) => path.startsWith('asyncapi/'))
    .map(({ content }) => read(parse(content)))
}

function read(document: unknown): Contract {
  const reading = readContract(document)
  if (!reading.ok) throw new Error(reading.reason)
  return reading.contract
}

/** `actor classify output $.score widened, breaks consumers`. */
function show(changes: readonly Change[]): string[] {
  return changes.map(({ kind, name, part, member, change, breaks }) =>
    [
      `${kind} ${name}`,
      ...(part === kind ? [] : [part]),
      ...(member === undefined ? [] : [member]),
      `${change}, breaks ${breaks.join(' and ') || 'nobody'}`,
    ].join(' '),
  )
}

function compare(after: Model, before: Model = triage): string[] {
  return show(compareContracts(readAll(before), readAll(after)))
}

function withSchema(name: string, change: (schema: JsonSchema) => JsonSchema): Model {
  const schema = triage.schemas[name]
  if (!schema) throw new Error(`no schema ${name}`)
  return { ...triage, schemas: { ...triage.schemas, [name]: change(schema) } }
}

function withActor(name: string, change: Partial<ActorModel>): Model {
  return {
    ...triage,
    actors: triage.actors.map((actor) => (actor.name === name ? { ...actor, ...change } : actor)),
  }
}

const addMember =
  (member: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []) =>
  (schema: JsonSchema): JsonSchema => ({
    ...schema,
    properties: { ...schema.properties, ...member },
    required: [...(schema.required ?? []), ...required],
  })

describe('Of our own documents', () => {
  test('the same ones differ in nothing.', () => {
    expect(compare(triage)).toEqual([])
  })

  test('a new optional member breaks nobody.', () => {
    expect(compare(withSchema('Upload', addMember({ size: { type: 'number' } })))).toEqual([
      'actor extract-text input $.size added, breaks nobody',
      'pipeline triage input $.size added, breaks nobody',
      'pipeline triage-and-store input $.size added, breaks nobody',
    ])
  })

  test('a new required member breaks those who send, and not those who receive.', () => {
    const changed = withSchema('Upload', addMember({ size: { type: 'number' } }, ['size']))
    expect(compare(changed)).toEqual([
      'actor extract-text input $.size narrowed, breaks producers',
      'pipeline triage input $.size narrowed, breaks producers',
      'pipeline triage-and-store input $.size narrowed, breaks producers',
    ])
    expect(compare(triage, changed)).toEqual(
      [
        'actor extract-text input $.size widened, breaks nobody',
        'pipeline triage input $.size widened, breaks nobody',
        'pipeline triage-and-store input $.size widened, breaks nobody',
      ].sort(),
    )
  })

  test('an option more breaks those who receive it.', () => {
    const changed: Model = {
      ...withSchema('Verdict', ({ oneOf = [], ...rest }) => ({
        ...rest,
        oneOf: [...oneOf, { $ref: '#/components/schemas/Junk' }],
      })),
    }
    const junk: JsonSchema = {
      type: 'object',
      required: ['kind'],
      properties: { kind: { type: 'string', const: 'junk' } },
    }
    const after = { ...changed, schemas: { ...changed.schemas, Junk: junk } }
    expect(compare(after)).toEqual([
      'actor classify output $ widened, breaks consumers',
      'actor store input $ widened, breaks nobody',
      'pipeline triage output $ widened, breaks consumers',
    ])
  })

  test('a member of a recursive type is told once, where it stands.', () => {
    const changed = withSchema('DocTree', addMember({ text: { type: 'number' } }))
    expect(compare(changed)).toEqual([
      'actor classify input $.text changed, breaks producers',
      'actor extract-text output $.text changed, breaks consumers',
    ])
  })

  test('an actor that is gone breaks those who send to it, and a new one nobody.', () => {
    const without: Model = {
      ...triage,
      actors: triage.actors.filter(({ name }) => name !== 'store'),
      pipelines: triage.pipelines.filter(({ name }) => name === 'triage'),
    }
    expect(compare(without)).toEqual([
      'actor store removed, breaks producers',
      'pipeline triage-and-store removed, breaks producers',
    ])
    expect(compare(triage, without)).toEqual([
      'actor store added, breaks nobody',
      'pipeline triage-and-store added, breaks nobody',
    ])
  })

  test('another queue breaks those who send to the old one.', () => {
    expect(compare(withActor('ocr', { queue: 'ocr-v3' }))).toEqual([
      'pipeline triage queue moved, breaks producers',
      'pipeline triage-and-store queue moved, breaks producers',
    ])
  })

  test('many results instead of one break those who wait for one.', () => {
    expect(compare(withActor('classify', { cardinality: 'many' }))).toEqual([
      'actor classify output changed, breaks consumers',
    ])
    expect(compare(withActor('classify', { cardinality: 'one' }))).toEqual([
      'actor classify output changed, breaks nobody',
    ])
  })

  test('other steps break nobody: messages carry their route.', () => {
    const [pipeline, ...rest] = triage.pipelines
    if (!pipeline) throw new Error('no pipeline')
    const changed = {
      ...triage,
      pipelines: [{ ...pipeline, steps: ['ocr', 'ocr', 'extract-text', 'classify'] }, ...rest],
    }
    expect(compare(changed)).toEqual(['pipeline triage steps changed, breaks nobody'])
  })

  test('a change says what was, what is, and shows a value.', () => {
    const changed = withSchema(
      'Spam',
      addMember({ score: { type: 'number', minimum: 0, maximum: 10 } }),
    )
    const [change] = compareContracts(readAll(triage), readAll(changed))
    expect(change).toMatchObject({
      name: 'classify',
      channel: 'classify.next',
      member: '$.score',
      why: 'From now on it may be as high as 10; so far it must be at most 1.',
      example: 10,
    })
  })
})

/** As another team writes it: several messages on a channel, no names of ours. */
function orders(messages: Readonly<Record<string, unknown>>, action = 'receive'): object {
  return {
    asyncapi: '3.0.0',
    info: { title: 'Orders', version: '1.0.0' },
    channels: { orders: { address: 'orders.v1', messages } },
    operations: { take: { action, channel: { $ref: '#/channels/orders' } } },
  }
}

const placed = {
  payload: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
}
const cancelled = { payload: { type: 'object', properties: { reason: { type: 'string' } } } }

describe("Of other people's documents", () => {
  const between = (before: object, after: object): string[] =>
    show(compareContracts([read(before)], [read(after)]))

  test('a message more is taken from nobody, and is news to those who receive.', () => {
    const [one, two] = [{ placed }, { placed, cancelled }]
    expect(between(orders(one), orders(two))).toEqual([
      'application Orders input added, breaks nobody',
    ])
    expect(between(orders(two), orders(one))).toEqual([
      'application Orders input removed, breaks producers',
    ])
    expect(between(orders(one, 'send'), orders(two, 'send'))).toEqual([
      'application Orders output added, breaks consumers',
    ])
    expect(between(orders(two, 'send'), orders(one, 'send'))).toEqual([
      'application Orders output removed, breaks nobody',
    ])
  })

  test('the envelope is theirs: paths begin at the message.', () => {
    const wrap = (payload: unknown) => ({
      m: { payload: { type: 'object', properties: { payload } } },
    })
    expect(between(orders(wrap({ type: 'string' })), orders(wrap({ type: 'number' })))).toEqual([
      'application Orders input $.payload changed, breaks producers',
    ])
  })

  test('a schema in another language breaks when it changes, because that cannot be told.', () => {
    const avro = (name: string) => ({
      m: {
        payload: {
          schemaFormat: 'application/vnd.apache.avro;version=1.9.0',
          schema: { type: 'record', name },
        },
      },
    })
    expect(between(orders(avro('A')), orders(avro('A')))).toEqual([])
    const [change] = compareContracts([read(orders(avro('A')))], [read(orders(avro('B')))])
    expect(change).toMatchObject({ breaks: ['producers'], isCertain: false })
  })

  test('messages are found by references with escapes of URIs and of pointers.', () => {
    const named = (part: string, type: string) => {
      const messages = [{ $ref: `#/channels/orders/messages/${part}` }]
      const take = { action: 'receive', channel: { $ref: '#/channels/orders' }, messages }
      return { ...orders({ 'order placed/50%': { payload: { type } } }), operations: { take } }
    }
    for (const part of ['order%20placed~150%25', 'order placed~150%']) {
      expect(between(named(part, 'string'), named(part, 'number'))).toEqual([
        'application Orders input $ changed, breaks producers',
      ])
    }
  })

  test('headers and content types are compared too.', () => {
    const withHeader = (type: string) => ({
      m: { ...placed, headers: { type: 'object', properties: { tenant: { type } } } },
    })
    expect(between(orders(withHeader('string')), orders(withHeader('integer')))).toEqual([
      'application Orders input headers.tenant changed, breaks producers',
    ])
    const withType = (contentType: string) => ({ m: { ...placed, contentType } })
    expect(between(orders(withType('application/json')), orders(withType('text/plain')))).toEqual([
      'application Orders input changed, breaks producers',
    ])
  })
})

describe('A document is refused', () => {
  test.each<[string, unknown, string]>([
    ['that is a text', 'hello', 'is no AsyncAPI document: it holds no object'],
    [
      'that is something else',
      { openapi: '3.1.0' },
      'is no AsyncAPI document: it has no member "asyncapi"',
    ],
    [
      'of an older version',
      { asyncapi: '2.6.0' },
      'is AsyncAPI "2.6.0", and only 3.x is compared: convert it first',
    ],
    [
      'that refers to nothing',
      orders({ m: { payload: { $ref: '#/components/schemas/A' } } }),
      'refers to #/components/schemas/A, which is not in it',
    ],
    [
      'that refers to a file',
      orders({ m: { payload: { $ref: './a.json' } } }),
      'refers to another file, ./a.json: bundle it into one document first',
    ],
    [
      'with a pattern that is none',
      orders({ m: { payload: { type: 'string', pattern: '(' } } }),
      'has a schema that cannot be used, of message m: Invalid regular expression: /(/u: Unterminated group',
    ],
  ])('%s.', (_name, document, reason) => {
    expect(readContract(document)).toEqual({ ok: false, reason })
  })
})

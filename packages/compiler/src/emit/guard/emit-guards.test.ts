import { describe, expect, it } from 'vitest'
import type { JsonSchema, Model } from '../../model/model.ts'
import { models, triage } from '../testing/models.ts'
import { emitGuards } from './emit-guards.ts'

interface Guard {
  readonly checkInput: (value: unknown) => unknown
  readonly checkOutput: (value: unknown) => unknown
}

async function load(code: string | undefined): Promise<Guard> {
  const url = `data:text/javascript,${encodeURIComponent(code ?? '')}`
  return (await import(/* @vite-ignore */ url)) as Guard
}

const guardOf = (model: Model, actor: string): Promise<Guard> =>
  load(emitGuards(model).find(({ path }) => path === `guards/${actor}.mjs`)?.content)

/** A guard whose input has this schema. */
function guardFor(schema: JsonSchema, schemas: Model['schemas'] = {}): Promise<Guard> {
  const [actor] = triage.actors
  const payload = { schema, typeText: '' }
  const only = actor ? [{ ...actor, name: 'a', input: payload, output: undefined }] : []
  return guardOf({ ...triage, actors: only, schemas }, 'a')
}

const tree = {
  text: 'a',
  children: [{ text: 'b' }, { text: 'c', children: [{ text: 'd', span: [1, 2] }] }],
}

describe('A guard', () => {
  it('is made for each actor that runs on Node, and imports nothing', () => {
    expect(emitGuards(triage).map(({ path }) => path)).toEqual([
      'guards/classify.mjs',
      'guards/extract-text.mjs',
      'guards/store.mjs',
    ])
    for (const model of Object.values(models))
      for (const { content } of emitGuards(model))
        expect(content).not.toMatch(/\bimport\b|require\(/)
  })

  it('is the same for the same model', () => {
    expect(emitGuards(structuredClone(triage))).toEqual(emitGuards(triage))
  })

  it('lets through what its types allow, members that they do not name included', async () => {
    const { checkInput, checkOutput } = await guardOf(triage, 'classify')
    expect(checkInput(tree)).toBeUndefined()
    expect(checkInput({ ...tree, more: 1 })).toBeUndefined()
    expect(checkOutput({ kind: 'spam', score: 0.5 })).toBeUndefined()
    expect(checkOutput({ kind: 'ham', topic: 'letter', note: null })).toBeUndefined()
  })

  it('names the first mistake by its path, however deep in a recursive type', async () => {
    const { checkInput } = await guardOf(triage, 'classify')
    expect(checkInput({})).toEqual({ path: '$.text', message: 'is missing' })
    expect(checkInput(null)).toEqual({ path: '$', message: 'must be an object, and is null' })
    const children = [{ text: 'b' }, { text: 'c', children: [{ text: 'd', span: [1, 2.5] }] }]
    expect(checkInput({ text: 'a', children })).toEqual({
      path: '$.children[1].children[0].span[1]',
      message: 'must be a whole number, and is a number',
    })
  })

  it('tells alternatives apart by the member that decides', async () => {
    const { checkOutput } = await guardOf(triage, 'classify')
    expect(checkOutput({ kind: 'eggs' })).toEqual({
      path: '$.kind',
      message: 'must be one of "ham", "spam"',
    })
    expect(checkOutput({ score: 1 })).toEqual({ path: '$.kind', message: 'is missing' })
    expect(checkOutput({ kind: 'spam', score: 2 })).toEqual({
      path: '$.score',
      message: 'must be at most 1',
    })
    expect(checkOutput({ kind: 'ham', topic: 'letter', note: 1 })).toEqual({
      path: '$.note',
      message: 'must be a string or null, and is a number',
    })
  })

  it('has no output to check when the actor returns nothing', async () => {
    const { checkInput, checkOutput } = await guardOf(triage, 'store')
    expect(checkInput({ kind: 'spam', score: 7 })).toMatchObject({ path: '$.score' })
    expect(checkOutput('anything')).toBeUndefined()
  })

  const CASES: readonly (readonly [string, JsonSchema, unknown, string, string])[] = [
    ['a type', { type: 'boolean' }, 'x', '$', 'must be true or false, and is a string'],
    [
      'a list',
      { type: 'array', items: { type: 'string' } },
      ['a', []],
      '$[1]',
      'must be a string, and is a list',
    ],
    [
      'several types',
      { type: ['string', 'null'] },
      true,
      '$',
      'must be a string or null, and is true',
    ],
    ['a constant', { const: 1 }, 2, '$', 'must be 1'],
    ['a constant object', { const: { a: [1, 2] } }, { a: [1, 3] }, '$', 'must be {"a":[1,2]}'],
    ['an enumeration', { enum: ['a', 1] }, 'b', '$', 'must be one of "a", 1'],
    ['a short text', { type: 'string', minLength: 2 }, '𝒳', '$', 'must have at least 2 characters'],
    ['a long text', { type: 'string', maxLength: 1 }, 'ab', '$', 'must have at most 1 character'],
    ['a pattern', { type: 'string', pattern: '^user-' }, 'x', '$', 'must match ^user-'],
    [
      'a date',
      { type: 'string', format: 'date' },
      '2026-02-30',
      '$',
      'must be written as the format date says',
    ],
    [
      'a time',
      { type: 'string', format: 'date-time' },
      '2026-02-01',
      '$',
      'must be written as the format date-time says',
    ],
    [
      'a URI',
      { type: 'string', format: 'uri' },
      'no uri',
      '$',
      'must be written as the format uri says',
    ],
    [
      'a UUID',
      { type: 'string', format: 'uuid' },
      '1',
      '$',
      'must be written as the format uuid says',
    ],
    [
      'an e-mail address',
      { type: 'string', format: 'email' },
      '@',
      '$',
      'must be written as the format email says',
    ],
    ['a bound', { type: 'number', exclusiveMinimum: 0 }, 0, '$', 'must be more than 0'],
    ['a multiple', { type: 'number', multipleOf: 5 }, 3, '$', 'must be a multiple of 5'],
    ['too few items', { type: 'array', minItems: 1 }, [], '$', 'must have at least 1 item'],
    [
      'a tuple',
      { type: 'array', items: [{}], additionalItems: false },
      [1, 2],
      '$',
      'must have at most 1 item',
    ],
    [
      'items that are equal',
      { type: 'array', uniqueItems: true },
      [{ a: 1 }, 2, { a: 1 }],
      '$',
      'has the same item twice, at 0 and 2',
    ],
    [
      'a member too many',
      { type: 'object', additionalProperties: false },
      { 'a b': 1 },
      '$["a b"]',
      'is a member that nobody knows',
    ],
    [
      'a record',
      { type: 'object', additionalProperties: { type: 'number' } },
      { '0': 'x' },
      '$["0"]',
      'must be a number, and is a string',
    ],
    [
      'a name with a slash',
      { properties: { 'a/b~': { type: 'number' } } },
      { 'a/b~': 'x' },
      '$["a/b~"]',
      'must be a number, and is a string',
    ],
    [
      'alternatives',
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
      null,
      '$',
      'must be a string or a number, and is null',
    ],
    [
      'alternatives and values',
      { anyOf: [{ type: 'number' }, { const: 'auto' }] },
      'x',
      '$',
      'must be a number or "auto"',
    ],
    [
      'alternatives with a mistake inside',
      { anyOf: [{ type: 'string' }, { properties: { a: { type: 'number' } } }] },
      { a: 'x' },
      '$.a',
      'must be a number, and is a string',
    ],
    [
      'alternatives that lack something',
      { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      {},
      '$',
      'fits no alternative: it lacks a, or b',
    ],
    [
      'two alternatives at once',
      { oneOf: [{ type: 'number' }, { type: 'integer' }] },
      1,
      '$',
      'fits several alternatives at once',
    ],
  ]
  it.each(CASES)('tells of %s in words', async (_, schema, value, path, message) => {
    const { checkInput } = await guardFor(schema)
    expect(checkInput(value)).toEqual({ path, message })
  })

  it.each<[string, JsonSchema, unknown]>([
    ['a format that only readers know', { type: 'string', format: 'colour' }, 'red'],
    ['a leap day', { type: 'string', format: 'date' }, '2024-02-29'],
    [
      'a time with an offset',
      { type: 'string', format: 'date-time' },
      '2026-11-26T12:00:00.5+02:00',
    ],
    ['a number beyond a double, which JSON.parse makes infinite', { type: 'number' }, Infinity],
    ['one character of two halves', { type: 'string', maxLength: 1 }, '𝒳'],
    ['equal objects whose members differ in order', { const: { a: 1, b: 2 } }, { b: 2, a: 1 }],
    [
      'a member named __proto__',
      { type: 'object', additionalProperties: { type: 'number' } },
      JSON.parse('{"__proto__":1}'),
    ],
  ])('lets through %s', async (_, schema, value) => {
    const { checkInput } = await guardFor(schema)
    expect(checkInput(value)).toBeUndefined()
  })

  it('survives names that are members of every object', async () => {
    const schemas = { constructor: { type: 'string' } as const }
    const { checkInput } = await guardFor({ $ref: '#/components/schemas/constructor' }, schemas)
    expect(checkInput('x')).toBeUndefined()
    expect(checkInput(1)).toMatchObject({ path: '$' })
  })
})

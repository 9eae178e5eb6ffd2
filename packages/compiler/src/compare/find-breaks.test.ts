import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../model/model.ts'
import { findBreaks } from './find-breaks.ts'
import { SchemaSource } from './schema-source.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

/** `path: it may be this; it must be that`, with a `?` in front where it cannot be told. */
function show(
  [written, read]: readonly [JsonSchema, JsonSchema],
  [mine, its]: readonly [Schemas, Schemas] = [{}, {}],
): string[] {
  return findBreaks(
    { all: [written], source: new SchemaSource({ components: { schemas: mine } }) },
    { all: [read], source: new SchemaSource({ components: { schemas: its } }) },
  ).map(
    ({ path, isCertain, writes, takes }) => `${isCertain ? '' : '? '}${path}: ${writes}; ${takes}`,
  )
}

function object(properties: Schemas, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required }
}

const text: JsonSchema = { type: 'string' }
const number: JsonSchema = { type: 'number' }
const node: JsonSchema = { $ref: '#/components/schemas/Node' }

describe('It fits', () => {
  test.each<[string, JsonSchema, JsonSchema]>([
    ['whole numbers, where numbers are read', { type: 'integer' }, number],
    [
      'multiples of 4, where multiples of 2 are read',
      { type: 'number', multipleOf: 4 },
      { type: 'number', multipleOf: 2 },
    ],
    [
      'whole numbers above 0, where they are read from 1',
      { type: 'integer', exclusiveMinimum: 0 },
      { type: 'integer', minimum: 1 },
    ],
    ['a value, where it is one of several', { const: 'a' }, { enum: ['a', 'b'] }],
    ['an enum, where any text is read', { enum: ['a', 'b'] }, text],
    ['a value that a pattern matches', { enum: ['ab', 'abc'] }, { type: 'string', pattern: '^ab' }],
    ['a text, where it may be null', text, { anyOf: [text, { type: 'null' }] }],
    ['a text, where null is one of its types', text, { type: ['string', 'null'] }],
    ['a required member, where it is optional', object({ a: text }, ['a']), object({ a: text })],
    [
      'an object, where a new member is optional',
      object({ a: text }),
      object({ a: text, b: number }),
    ],
    ['a member that is not read', object({ a: text, b: number }), object({ a: text })],
    [
      'an object of named members, where all members are texts',
      { ...object({ a: text }), additionalProperties: false },
      { type: 'object', additionalProperties: text },
    ],
    [
      'a tuple, where a list is read',
      { type: 'array', items: [text, text], additionalItems: false },
      { type: 'array', items: text },
    ],
    [
      'what allOf puts together',
      { allOf: [object({ a: text }, ['a']), object({ b: text }, ['b'])] },
      object({ a: text, b: text }, ['b', 'a']),
    ],
    [
      'an option of a discriminated union',
      object({ kind: { const: 'a' } }, ['kind']),
      {
        oneOf: [
          object({ kind: { const: 'a' } }, ['kind']),
          object({ kind: { const: 'b' } }, ['kind']),
        ],
      },
    ],
    [
      'one object that says what two options say',
      object({ kind: { enum: ['a', 'b'] }, n: number }, ['kind']),
      {
        oneOf: [
          object({ kind: { const: 'a' }, n: number }, ['kind']),
          object({ kind: { const: 'b' } }, ['kind']),
        ],
      },
    ],
    ['what a not excludes, from elsewhere', { type: 'integer' }, { not: { type: 'string' } }],
    ['anything, where anything is read', {}, {}],
    ['nothing, wherever', { not: {} }, text],
    [
      'the same pattern',
      { type: 'string', pattern: '^a', minLength: 3 },
      { type: 'string', pattern: '^a' },
    ],
    [
      'members of a pattern',
      { type: 'object', patternProperties: { '^x': number }, additionalProperties: false },
      { type: 'object', additionalProperties: number },
    ],
  ])('%s.', (_name, written, read) => {
    expect(show([written, read])).toEqual([])
  })
})

describe('It breaks', () => {
  test.each<[string, JsonSchema, JsonSchema, string[]]>([
    ['another type', text, number, ['$: may be a string; it must be a number']],
    [
      'null, where it is refused',
      { type: ['string', 'null'] },
      text,
      ['$: may be null; it must be a string'],
    ],
    [
      'a member that may be missing',
      object({ a: text }),
      object({ a: text }, ['a']),
      ['$.a: may be missing; it must be there'],
    ],
    [
      'a member inside of items',
      object({ a: { type: 'array', items: object({ b: text }) } }),
      object({ a: { type: 'array', items: object({ b: number }) } }),
      ['$.a[].b: may be a string; it must be a number'],
    ],
    [
      'a name that needs quotes',
      object({ 'a-b': text }),
      object({ 'a-b': number }),
      ['$["a-b"]: may be a string; it must be a number'],
    ],
    [
      'a value less',
      { enum: ['a', 'b', 'c'] },
      { enum: ['a', 'b'] },
      ['$: may be "c"; it must be one of "a" and "b"'],
    ],
    [
      'any text, where few are read',
      text,
      { enum: ['a', 'b'] },
      ['$: may be any string; it must be one of "a" and "b"'],
    ],
    [
      'a shorter text',
      text,
      { type: 'string', minLength: 1 },
      ['$: may be empty; it must have at least 1 character'],
    ],
    [
      'a longer text',
      { type: 'string', maxLength: 9 },
      { type: 'string', maxLength: 5 },
      ['$: may have 9 characters; it must have at most 5 characters'],
    ],
    [
      'a text that is far too long',
      text,
      { type: 'string', maxLength: 100_000 },
      ['$: may be of any length; it must have at most 100000 characters'],
    ],
    [
      'a smaller number',
      { type: 'number', minimum: 0 },
      { type: 'number', exclusiveMinimum: 0 },
      ['$: may be as low as 0; it must be more than 0'],
    ],
    ['decimals', number, { type: 'integer' }, ['$: may have decimals; it must be a whole number']],
    [
      'a text that no pattern matches',
      text,
      { type: 'string', pattern: '^a+$' },
      ['$: may be any text; it must match the pattern ^a+$'],
    ],
    [
      'fewer items',
      { type: 'array', items: text },
      { type: 'array', items: text, minItems: 1 },
      ['$: may be empty; it must have at least 1 item'],
    ],
    [
      'a place of a tuple',
      { type: 'array', items: [text, number] },
      { type: 'array', items: [text, text] },
      ['$[1]: may be a number; it must be a string'],
    ],
    [
      'further members, where there are none',
      object({ a: text }),
      { ...object({ a: text }), additionalProperties: false },
      ['$.*: may be there; nothing is taken here'],
    ],
    [
      'a member that is taken no more',
      { ...object({ a: text, b: text }), additionalProperties: false },
      { ...object({ a: text }), additionalProperties: false },
      ['$.b: may be there; nothing is taken here'],
    ],
    [
      'a member of a record',
      { type: 'object', additionalProperties: text },
      { type: 'object', additionalProperties: number },
      ['$.*: may be a string; it must be a number'],
    ],
    [
      'an option more',
      { anyOf: [text, number, { type: 'boolean' }] },
      { anyOf: [text, number] },
      ['$: may be true and false; it must be a string or a number'],
    ],
    [
      'a member of one option',
      {
        oneOf: [
          object({ kind: { const: 'a' }, n: number }, ['kind', 'n']),
          object({ kind: { const: 'b' } }, ['kind']),
        ],
      },
      {
        oneOf: [
          object({ kind: { const: 'a' }, n: text }, ['kind', 'n']),
          object({ kind: { const: 'b' } }, ['kind']),
        ],
      },
      ['$.n: may be a number; it must be a string'],
    ],
    [
      'an object that may have too few members, counted as one says it',
      { type: 'object', minProperties: 1 },
      { type: 'object', minProperties: 2, maxProperties: 1 },
      [
        '? $: may have only 1 member; it must have at least 2 members',
        '? $: may have any number of members; it must have at most 1 member',
      ],
    ],
    [
      'what a not excludes',
      text,
      { type: 'string', not: { const: '' } },
      ['$: may be what a "not" excludes; that "not" must hold'],
    ],
  ])('%s.', (_name, written, read, breaks) => {
    expect(show([written, read])).toEqual(breaks)
  })
})

test('A member that is called as a keyword is compared below "dependencies" too.', () => {
  const needing = (member: string) => ({ ...object({}), dependencies: { title: [member] } })
  expect(show([needing('a'), needing('a')])).toEqual([])
  expect(show([needing('b'), needing('a')])).toEqual([
    '? $: may be otherwise; its "dependencies" must hold',
  ])
})

describe('It cannot be told, and is a break all the same', () => {
  test.each<[string, JsonSchema, JsonSchema, string[]]>([
    [
      'another pattern that takes the samples',
      { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}$' },
      { type: 'string', pattern: '^[0-9-]{7}$' },
      ['? $: matches the pattern ^[0-9]{4}-[0-9]{2}$; it must match the pattern ^[0-9-]{7}$'],
    ],
    [
      'a format',
      text,
      { type: 'string', format: 'email' },
      ['? $: may be any text; it must be of the format email, where that is checked'],
    ],
    [
      'ranges that take everything together',
      number,
      {
        anyOf: [
          { type: 'number', minimum: 0 },
          { type: 'number', maximum: 0 },
        ],
      },
      ['? $: may be any number, however low; it must be at least 0'],
    ],
    [
      'options that may overlap',
      { type: 'string', minLength: 3 },
      { oneOf: [text, { type: 'string', pattern: '^[0-9]{9}$' }] },
      ['? $: is not the same; options of its oneOf may overlap, so it cannot be told'],
    ],
  ])('%s.', (_name, written, read, breaks) => {
    expect(show([written, read])).toEqual(breaks)
  })
})

describe('Recursive types', () => {
  const tree = (value: JsonSchema): Schemas => ({
    Node: object({ value, left: node, right: node }, ['value']),
  })
  const list = (value: JsonSchema): Schemas => ({
    Node: object({ value, next: { $ref: '#/components/schemas/Next' } }),
    Next: { anyOf: [{ $ref: '#/components/schemas/Node' }, { type: 'null' }] },
  })

  test('fit when what they hold fits.', () => {
    expect(show([node, node], [tree({ type: 'integer' }), tree(number)])).toEqual([])
    expect(show([node, node], [list({ type: 'integer' }), list(number)])).toEqual([])
  })

  test('break once, where what they hold does not fit.', () => {
    const breaks = ['$.value: may be a number; it must be a string']
    expect(show([node, node], [tree(number), tree(text)])).toEqual(breaks)
    expect(show([node, node], [list(number), list(text)])).toEqual(breaks)
  })

  test('may be the discriminated options of one another.', () => {
    const expression = (leaf: JsonSchema): Schemas => ({
      Node: {
        oneOf: [{ $ref: '#/components/schemas/Leaf' }, { $ref: '#/components/schemas/Sum' }],
      },
      Leaf: object({ kind: { const: 'leaf' }, value: leaf }, ['kind', 'value']),
      Sum: object({ kind: { const: 'sum' }, of: { type: 'array', items: node } }, ['kind', 'of']),
    })
    expect(show([node, node], [expression({ type: 'integer' }), expression(number)])).toEqual([])
    expect(show([node, node], [expression(number), expression({ type: 'integer' })])).toEqual([
      '$.value: may have decimals; it must be a whole number',
    ])
  })
})

test('Names and descriptions are no difference.', () => {
  const named = { ...object({ a: { ...text, description: 'An a.' } }), $id: 'A', title: 'A' }
  expect(show([named, object({ a: text })])).toEqual([])
  expect(show([object({ a: text }), named])).toEqual([])
})

test('A value that two options have is no reason to go on for ever.', () => {
  const twice = { oneOf: [{ enum: ['a', 'b'] }, { const: 'a' }] }
  const options = [object({ k: { const: 'a' }, n: text }), object({ k: text, n: text })]
  const breaks = show([object({ k: twice, n: number }, ['k']), { anyOf: options }])
  expect(breaks).toEqual(['$.n: may be a number; it must be a string'])
})

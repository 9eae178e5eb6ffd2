import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginDraft, readDraft, type Draft } from './form-draft.ts'
import { readRefusal, writeDraft } from './form-json.ts'
import { readShape } from './form-shape.ts'

const write = (schema: object, json: string) => {
  const shape = readShape(schema)
  const draft = readDraft(shape, json)
  return draft && writeDraft(shape, draft)
}

const PAGE = {
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string' },
    size: { type: 'number' },
    tags: { type: 'array', items: { $ref: '#/definitions/Tag' } },
    next: { $ref: '#' },
  },
  definitions: { Tag: { enum: ['a', 'b', 3, null] } },
}

describe('A form', () => {
  it.each([
    ['{"url":"x","size":12345678901234567890.50}', PAGE],
    ['{"url":"x","tags":["a",3,null]}', PAGE],
    ['{"url":"x","next":{"url":"y","next":{"url":"z"}}}', PAGE],
    ['{"a":[[1,2],[3]]}', objectOf({ a: { items: { items: { type: 'integer' } } } })],
    ['{"a":{"k":"v"}}', objectOf({ a: { type: 'object', additionalProperties: true } })],
    ['{"a":null}', objectOf({ a: { type: ['string', 'null'] } })],
    ['{"a":false}', objectOf({ a: { type: 'boolean' } })],
    [
      '{"a":{"kind":"two","n":1}}',
      objectOf({ a: { oneOf: [kind('one', 'm'), kind('two', 'n')] } }),
    ],
    ['{"a":1,"b":2}', { allOf: [objectOf({ a: NUMBER }), objectOf({ b: NUMBER })] }],
    [
      '{"__proto__":1}',
      JSON.parse('{"type":"object","properties":{"__proto__":{"type":"number"}}}'),
    ],
  ])('gives %s back as it was', (json, schema) => {
    expect(write(schema as object, json)).toEqual({ text: json, mistakes: [] })
  })

  it.each([
    ['no JSON', '{"url":'],
    ['a member that it does not know', '{"url":"x","other":1}'],
    ['a value of another type', '{"url":1}'],
    ['an item that is none of those allowed', '{"url":"x","tags":["c"]}'],
  ])('does not take %s, and says so instead of losing it', (_, json) => {
    expect(write(PAGE, json)).toBeUndefined()
  })

  it('gives every number back digit by digit', () => {
    const shape = readShape(objectOf({ n: NUMBER }))
    fc.assert(
      fc.property(fc.bigInt(), fc.nat(), (whole, fraction) => {
        const json = `{"n":${whole}.${fraction}e+2}`
        const draft = readDraft(shape, json)
        expect(draft && writeDraft(shape, draft).text).toBe(json)
      }),
    )
  })

  it('begins with the defaults, and asks for the rest', () => {
    const shape = readShape({
      ...objectOf({ a: NUMBER, b: { type: 'string', default: 'x' }, c: { type: 'boolean' } }),
      required: ['a', 'b', 'c'],
    })
    expect(writeDraft(shape, beginDraft(shape))).toEqual({
      text: '{"b":"x","c":false}',
      mistakes: [{ path: ['a'], text: 'is missing' }],
    })
  })

  it('never throws, whatever the schema is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const shape = readShape({ type: 'object', properties: { a: JSON.parse(text) as unknown } })
        writeDraft(shape, beginDraft(shape))
      }),
    )
  })

  it.each([
    [{ type: 'integer' }, '1.5', 'is no whole number'],
    [{ type: 'number', maximum: 3 }, '3.1', 'must be 3 or less'],
    [{ type: 'number', minimum: 3 }, '2', 'must be 3 or more'],
    [{ type: 'number' }, '0x10', 'is no number: digits, and a point for fractions'],
    [{ type: 'string', minLength: 2 }, '😀', 'needs 2 characters or more'],
    [{ type: 'string', maxLength: 1 }, '😀😀', 'takes 1 characters at most, and has 2'],
    [{}, '{', /^is no JSON/],
  ])('of %j says of %s what is wrong', (schema, text, expected) => {
    const shape = readShape({ ...objectOf({ a: schema }), required: ['a'] })
    const member = readShape(schema)
    const kind =
      member.kind === 'number' || member.kind === 'json' ? member.kind : ('text' as const)
    const draft: Draft = { kind: 'object', members: { a: { kind, text } } }
    const [mistake] = writeDraft(shape, draft).mistakes
    expect(mistake?.path).toEqual(['a'])
    expect(mistake?.text).toMatch(expected)
  })
})

it("A refusal's problems name their fields", () => {
  const message =
    "arguments.a.0: must be string; arguments: must have required property 'b'; something else"
  expect(readRefusal(message)).toEqual([
    { path: ['a', '0'], text: 'must be string' },
    { path: ['b'], text: 'is missing' },
    { path: [], text: 'something else' },
  ])
})

const NUMBER = { type: 'number' }

function objectOf(properties: object): object {
  return { type: 'object', properties }
}

function kind(name: string, member: string): object {
  return {
    type: 'object',
    required: ['kind'],
    properties: { kind: { const: name }, [member]: NUMBER },
  }
}

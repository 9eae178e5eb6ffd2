import { Ajv } from 'ajv'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Json, JsonSchema } from '../model/model.ts'
import type { Side } from './comparison.ts'
import { findBreaks } from './find-breaks.ts'
import { SchemaSource } from './schema-source.ts'

/**
 * Schemas and their values are made together: a value comes from how its schema was chosen, not from
 * the code under test.
 */

const REF = { $ref: '#/components/schemas/Node' }

interface Made {
  readonly schema: JsonSchema
  /** Values that are likely to satisfy it; ajv has the last word. */
  readonly values: fc.Arbitrary<Json>
}

const scalar: fc.Arbitrary<Made> = fc.oneof(
  fc.constant<Made>({ schema: { type: 'null' }, values: fc.constant(null) }),
  fc.constant<Made>({ schema: { type: 'boolean' }, values: fc.boolean() }),
  fc.subarray<Json>(['a', 'b', 1, 2, null, true], { minLength: 1 }).map((values) => ({
    schema: { enum: values },
    values: fc.constantFrom(...values),
  })),
  fc.constantFrom<Json>('a', 'b', 1, null).map((value) => ({
    schema: { const: value },
    values: fc.constant(value),
  })),
  fc
    .record({
      type: fc.constantFrom('number' as const, 'integer' as const),
      minimum: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
      maximum: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
      exclusiveMinimum: fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
      multipleOf: fc.option(fc.constantFrom(1, 2, 0.5, 4), { nil: undefined }),
    })
    .map((schema) => ({
      schema: dropUndefined(schema),
      values: fc.integer({ min: -16, max: 16 }).map((n) => n / 2),
    })),
  fc
    .record({
      minLength: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      maxLength: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
      pattern: fc.option(fc.constantFrom('^a', 'b$', '^[a-z]*$'), { nil: undefined }),
    })
    .map((schema) => ({
      schema: dropUndefined({ type: 'string' as const, ...schema }),
      values: fc.constantFrom('', 'a', 'b', 'ab', 'aab', 'abab', 'Z', 'ababa'),
    })),
  fc.constant<Made>({ schema: {}, values: fc.constantFrom<Json>(0, 'x', null, [], {}) }),
)

const NAMES = ['p', 'q', 'r']

function objectOf(member: fc.Arbitrary<Made>): fc.Arbitrary<Made> {
  return fc
    .record({
      members: fc.dictionary(fc.constantFrom(...NAMES), member, { maxKeys: 3 }),
      required: fc.subarray(NAMES),
      rest: fc.option(fc.oneof(fc.constant(false as const), member), { nil: undefined }),
      pattern: fc.option(member, { nil: undefined, freq: 6 }),
    })
    .map(({ members, required, rest, pattern }) => {
      const schema = dropUndefined({
        type: 'object' as const,
        properties: Object.fromEntries(
          Object.entries(members).map(([name, made]) => [name, made.schema]),
        ),
        required: required.filter((name) => name in members || rest !== false),
        additionalProperties: rest === false ? false : rest?.schema,
        patternProperties: pattern && { '^x': pattern.schema },
      })
      const other = rest ? rest.values : fc.constantFrom<Json>(1, 'x')
      // Names that nobody mentions are among them; what only the reader mentions is not written.
      const entries: fc.Arbitrary<Record<string, Json>> = fc.record<Record<string, Json>>(
        {
          ...Object.fromEntries(
            NAMES.map((name) => [
              name,
              name in members || rest ? (members[name]?.values ?? other) : other,
            ]),
          ),
          other,
          x1: pattern?.values ?? other,
        },
        { requiredKeys: required },
      )
      const isWritten = (name: string): boolean =>
        name in members || required.includes(name) || rest !== undefined || !NAMES.includes(name)
      const values = entries.map((value) =>
        Object.fromEntries(Object.entries(value).filter(([name]) => isWritten(name))),
      )
      return { schema, values: values }
    })
}

function arrayOf(item: fc.Arbitrary<Made>): fc.Arbitrary<Made> {
  const list = fc
    .record({
      item,
      minItems: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
      maxItems: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
      uniqueItems: fc.option(fc.boolean(), { nil: undefined }),
    })
    .map(({ item: made, ...rest }) => ({
      schema: dropUndefined({ type: 'array' as const, items: made.schema, ...rest }),
      values: fc.array(made.values, { maxLength: 4 }),
    }))
  const tuple = fc
    .record({
      places: fc.array(item, { minLength: 1, maxLength: 2 }),
      rest: fc.option(fc.constant(false), { nil: undefined }),
      minItems: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    })
    .map(({ places, rest, minItems }) => ({
      schema: dropUndefined({
        type: 'array' as const,
        items: places.map((place) => place.schema),
        additionalItems: rest,
        minItems,
      }),
      values: fc.tuple(...places.map((place) => place.values)),
    }))
  return fc.oneof(list, tuple)
}

const node: Made = {
  schema: REF,
  values: fc.constantFrom<Json>(
    { v: 1 },
    { v: 'a' },
    { v: 1, next: { v: 2 } },
    { v: null, next: { v: 'b' } },
  ),
}

const { schema: made } = fc.letrec<{ schema: Made }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.constant(node),
    objectOf(tie('schema')),
    arrayOf(tie('schema')),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((options) => ({
      schema: { anyOf: options.map((option) => option.schema) },
      values: fc.oneof(...options.map((option) => option.values)),
    })),
    fc.array(tie('schema'), { minLength: 2, maxLength: 2 }).map((options) => ({
      schema: { oneOf: options.map((option) => option.schema) },
      values: fc.oneof(...options.map((option) => option.values)),
    })),
    fc.tuple(tie('schema'), tie('schema')).map(([one, other]) => ({
      schema: { allOf: [one.schema, other.schema] },
      values: one.values,
    })),
    fc.tuple(tie('schema'), tie('schema')).map(([one, other]) => ({
      schema: { ...one.schema, not: other.schema },
      values: one.values,
    })),
  ),
}))

/** A schema and another, which is often made of the same parts. */
const pair = fc.oneof(
  fc.tuple(made, made),
  fc
    .tuple(made, made)
    .map(([one, other]): [Made, Made] => [
      one,
      { schema: { anyOf: [one.schema, other.schema] }, values: one.values },
    ]),
  fc.tuple(objectOf(scalar), objectOf(scalar)),
  fc.tuple(scalar, scalar),
)

function dropUndefined(value: object): JsonSchema {
  return JSON.parse(JSON.stringify(value)) as JsonSchema
}

function toDocument(value: JsonSchema): object {
  return {
    components: {
      schemas: { Node: { type: 'object', required: ['v'], properties: { v: value, next: REF } } },
    },
  }
}

function toSide(schema: JsonSchema, document: object): Side {
  return { all: [schema], source: new SchemaSource(document) }
}

type Check = (value: Json) => boolean

/** By ajv, of which the code under test asks its own questions. */
function toCheck(schema: JsonSchema, document: object): Check {
  const ajv = new Ajv({ strict: false, logger: false, validateSchema: false, meta: false })
  const check = ajv.compile({ ...document, allOf: [schema] })
  return (value) => check(value)
}

const nodeValues = fc.constantFrom<JsonSchema>(
  {},
  { type: 'integer' },
  { type: ['string', 'null'] },
)

vi.setConfig({ testTimeout: 60_000 })

const RUNS = { numRuns: 1_500 }

test('What is written and fits is never refused.', () => {
  let fitting = 0
  fc.assert(
    fc.property(
      pair.chain(([one, other]) =>
        fc.tuple(
          fc.constant([one, other] as const),
          fc.array(one.values, { minLength: 8, maxLength: 8 }),
          nodeValues,
          nodeValues,
        ),
      ),
      ([[one, other], values, inOne, inOther]) => {
        const [mine, its] = [toDocument(inOne), toDocument(inOther)]
        const breaks = findBreaks(toSide(one.schema, mine), toSide(other.schema, its))
        if (breaks.length > 0) return
        fitting++
        const [isWritten, isTaken] = [toCheck(one.schema, mine), toCheck(other.schema, its)]
        for (const value of values) {
          if (isWritten(value))
            expect(isTaken(value), JSON.stringify([one.schema, other.schema, value])).toBe(true)
        }
      },
    ),
    RUNS,
  )
  expect(fitting).toBeGreaterThan(RUNS.numRuns / 10)
})

test('A schema fits itself.', () => {
  fc.assert(
    fc.property(made, nodeValues, ({ schema }, value) => {
      const document = toDocument(value)
      const copy = structuredClone(schema)
      expect(findBreaks(toSide(schema, document), toSide(copy, document))).toEqual([])
    }),
    RUNS,
  )
})

test('A value that is shown as a counterexample is allowed to be written there, and refused.', () => {
  let shown = 0
  fc.assert(
    fc.property(fc.tuple(scalar, scalar), ([one, other]) => {
      const document = toDocument({})
      const breaks = findBreaks(toSide(one.schema, document), toSide(other.schema, document))
      for (const { path, example, isCertain } of breaks) {
        expect(path).toBe('$')
        if (example === undefined) continue
        shown++
        expect(isCertain).toBe(true)
        expect(toCheck(one.schema, document)(example)).toBe(true)
        expect(toCheck(other.schema, document)(example)).toBe(false)
      }
    }),
    RUNS,
  )
  expect(shown).toBeGreaterThan(100)
})

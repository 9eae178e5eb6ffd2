import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serialise } from './serialise.ts'

/** A fresh value for each test: `depth` containers around 1. */
function nest(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { in: value }
  return value
}

class Money {
  readonly amount = 1
}

const cycle: Record<string, unknown> = { name: 'a' }
cycle['list'] = [{ back: cycle }]

describe('serialise', () => {
  test('Whatever JSON holds goes through unchanged.', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(serialise(value, '$')).toEqual({ ok: true, text: JSON.stringify(value) })
      }),
    )
  })

  test('Whatever it lets through means the same after JSON.', () => {
    // JSON has no -0; everything else must come back as it was.
    const number = fc.double().map((value) => value + 0)
    const leaves = [fc.boolean(), number, fc.string(), fc.constantFrom(null, undefined)]
    const anything = fc.anything({
      values: leaves,
      withDate: true,
      withMap: true,
      withSet: true,
      withBigInt: true,
      withTypedArray: true,
      withNullPrototype: true,
      withSparseArray: true,
      withBoxedValues: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        const serialised = serialise(value, '$')
        if (serialised.ok) expect(JSON.parse(serialised.text)).toEqual(value)
      }),
      { numRuns: 3_000 },
    )
  })

  test('Members that are undefined are dropped.', () => {
    expect(serialise({ a: undefined, b: 1 }, '$')).toEqual({ ok: true, text: '{"b":1}' })
  })

  test('Objects without a prototype, and those of another realm, are plain.', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    expect(serialise(bare, '$')).toEqual({ ok: true, text: '{"a":1}' })
    const foreign: unknown = runInNewContext('({ list: [{ a: 1 }], none: null })')
    expect(serialise(foreign, '$')).toEqual({ ok: true, text: '{"list":[{"a":1}],"none":null}' })
  })

  test('The same object twice is no cycle.', () => {
    const shared = { a: 1 }
    expect(serialise([shared, shared], '$')).toEqual({ ok: true, text: '[{"a":1},{"a":1}]' })
  })

  test('Lone surrogates, -0 and members named __proto__ go through.', () => {
    const value: unknown = JSON.parse('{"__proto__":[-0]}')
    expect(serialise(value, '$')).toEqual({ ok: true, text: '{"__proto__":[0]}' })
    expect(serialise('\ud800', '$')).toEqual({ ok: true, text: '"\\ud800"' })
  })

  test('128 levels go through, one more does not.', () => {
    expect(serialise(nest(128), '$').ok).toBe(true)
    const refused = serialise(nest(129), '$')
    expect(refused.ok ? '' : refused.reason).toMatch(
      /^\$\[0\]\.in\[0\].*…: more than 128 levels deep$/,
    )
  })

  test.each<[string, unknown, string]>([
    [
      'a Date',
      { items: [{ at: 1 }, { at: new Date() }] },
      '$.items[1].at: a Date does not survive JSON; return an ISO string',
    ],
    ['a Date alone', new Date(), '$: a Date does not survive JSON; return an ISO string'],
    [
      'a Date of another realm',
      [runInNewContext('new Date()')],
      '$[0]: a Date does not survive JSON; return an ISO string',
    ],
    ['a Map', { a: new Map() }, '$.a: a Map does not survive JSON; return Object.fromEntries(map)'],
    ['a Set', { a: new Set() }, '$.a: a Set does not survive JSON; return an array: [...set]'],
    ['a RegExp', { a: /x/ }, '$.a: a RegExp does not survive JSON; return its source'],
    [
      'a Buffer',
      { a: Buffer.from('') },
      '$.a: Buffer does not survive JSON; return a base64 string',
    ],
    [
      'a typed array',
      { a: new Float32Array(1) },
      '$.a: Float32Array does not survive JSON; return a base64 string',
    ],
    [
      'an ArrayBuffer',
      { a: new ArrayBuffer(1) },
      '$.a: ArrayBuffer does not survive JSON; return a base64 string',
    ],
    ['a promise', { a: Promise.resolve(1) }, '$.a: a Promise does not survive JSON; await it'],
    [
      'an Error',
      { a: new RangeError('x') },
      '$.a: an Error does not survive JSON; throw it, or return its message',
    ],
    [
      'an instance of a class',
      { price: new Money() },
      '$.price: an instance of Money does not survive JSON; return a plain object',
    ],
    [
      'an instance of a nameless class',
      [
        new (class {
          x = 1
        })(),
      ],
      '$[0]: an instance of a class does not survive JSON; return a plain object',
    ],
    [
      'a boxed value',
      [new String('x')],
      '$[0]: an instance of String does not survive JSON; return a plain object',
    ],
    ['a function', { run: () => 1 }, '$.run: a function does not survive JSON; leave it out'],
    ['a toJSON', { toJSON: () => 1 }, '$.toJSON: a function does not survive JSON; leave it out'],
    ['a symbol', { key: Symbol('x') }, '$.key: a symbol does not survive JSON; return a string'],
    ['a bigint', { size: 1n }, '$.size: a bigint does not survive JSON; return a string'],
    ['NaN', { mean: 0 / 0 }, '$.mean: NaN does not survive JSON; return null or a string'],
    ['Infinity', [1, -Infinity], '$[1]: -Infinity does not survive JSON; return null or a string'],
    [
      'undefined in an array',
      { list: [1, undefined] },
      '$.list[1]: undefined does not survive JSON; return null',
    ],
    ['a hole', [1, , 2], '$[1]: undefined does not survive JSON; return null'],
    [
      'a cycle',
      cycle,
      '$.list[0].back: a cycle does not survive JSON; this is the same object as 3 above it',
    ],
    [
      'a name in need of quotes',
      { 'weird key': { '0': 1n } },
      '$["weird key"]["0"]: a bigint does not survive JSON; return a string',
    ],
  ])('%s is refused, with its path.', (_, value, reason) => {
    expect(serialise(value, '$')).toEqual({ ok: false, reason })
  })
})

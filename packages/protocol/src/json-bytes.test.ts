import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bytesToText,
  jsonKind,
  MAX_INDEX,
  parseIndex,
  parseJson,
  parseText,
  quote,
  stringifyToBytes,
  toJsonBytes,
} from './json-bytes.ts'

const bytes = (text: string): ReturnType<typeof toJsonBytes> => toJsonBytes(Buffer.from(text))

describe('parseIndex', () => {
  it('reads whole numbers from 0 to nine digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_INDEX }), (index) => {
        expect(parseIndex(bytes(String(index)))).toBe(index)
      }),
    )
  })

  it.each(['', '-1', '-0', '+1', '1.0', '1e0', '01', '00', ' 1', '1 ', '"1"', 'null', '１', '0x1'])(
    'refuses %j, so that all languages agree on what an index is',
    (text) => {
      expect(parseIndex(bytes(text))).toBeUndefined()
    },
  )

  it('refuses ten digits and more', () => {
    expect(parseIndex(bytes('1000000000'))).toBeUndefined()
    expect(parseIndex(bytes('9'.repeat(1_000)))).toBeUndefined()
  })
})

describe('parseText', () => {
  it('reads what JSON.parse reads, and nothing else', () => {
    const part = fc.constantFrom(
      'a',
      'ü',
      '😀',
      '\\n',
      '\\',
      '"',
      '\n',
      '\\u0041',
      '\\ud800',
      '\u2028',
    )
    fc.assert(
      fc.property(fc.array(part), fc.constantFrom('"', '', "'"), (parts, mark) => {
        const text = `${mark}${parts.join('')}${mark}`
        // White space around a value is no part of its bytes.
        fc.pre(!text.startsWith('\n') && !text.endsWith('\n'))
        const parsed = parseJson(bytes(text))
        expect(parseText(bytes(text))).toBe(typeof parsed === 'string' ? parsed : undefined)
      }),
    )
  })
})

describe('Bytes of JSON', () => {
  it('are told apart by their first byte', () => {
    const kinds = ['{}', '[]', '""', '-1', '0', 'true', 'false', 'null', ''].map((text) =>
      jsonKind(Buffer.from(text)),
    )
    expect(kinds).toEqual([
      ...['object', 'array', 'string', 'number', 'number', 'literal', 'literal', 'literal', 'none'],
    ])
  })

  it('are read from any view of memory, without its surroundings', () => {
    const memory = new Uint8Array([0x20, 0x31, 0x32, 0x20])
    const view = toJsonBytes(memory.subarray(1, 3))
    expect(bytesToText(view)).toBe('12')
    expect(parseJson(view)).toBe(12)
  })

  it('that are no JSON give undefined, which no JSON value is', () => {
    expect(parseJson(bytes('tru'))).toBeUndefined()
    expect(parseJson(bytes('null'))).toBeNull()
  })

  it('are written as JSON.stringify writes them', () => {
    expect(bytesToText(stringifyToBytes({ a: [1, 'ü'] }))).toBe('{"a":[1,"ü"]}')
  })
})

it('A text is quoted in a reason at no more than 100 characters', () => {
  expect(quote('a"b')).toBe('"a\\"b"')
  expect(quote('x'.repeat(1_000_000))).toBe(`"${'x'.repeat(100)}"`)
})

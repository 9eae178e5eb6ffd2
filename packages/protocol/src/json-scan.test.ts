import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToText, parseJson } from './json-bytes.ts'
import {
  MAX_DEPTH,
  MAX_MEMBERS,
  scanArray,
  scanObject,
  scanObjects,
  scanReadableMembers,
  scanValue,
  trimStart,
  type RawMember,
  type Scanned,
} from './json-scan.ts'
import { joinMembers, writeJson, writeJsonMembers } from './testing/json-text.ts'

const choices = fc.array(fc.nat({ max: 1_000 }), { maxLength: 300 })
const jsonText = choices.map(writeJson)
const spaces = fc.constantFrom('', ' ', '\t\r\n  ')
const jsonMembers = choices.map(writeJsonMembers)
const jsonObject = fc
  .tuple(jsonMembers, spaces)
  .map(([members, space]) => joinMembers(members, space))

function valueOf<T>(scanned: Scanned<T>): T {
  if (!scanned.ok) throw new Error(scanned.failure.reason)
  return scanned.value
}

const textsOf = (members: readonly RawMember[]): (readonly [string, string])[] =>
  members.map((member) => [member.name, bytesToText(member.value)])

describe('The scanner accepts every valid JSON text', () => {
  it('and cuts a value out of the white space around it', () => {
    fc.assert(
      fc.property(jsonText, spaces, spaces, (text, before, after) => {
        const value = valueOf(scanValue(Buffer.from(before + text + after)))
        expect(bytesToText(value)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it('and splits an array into the texts that it was made of', () => {
    fc.assert(
      fc.property(fc.array(jsonText, { maxLength: 8 }), spaces, (texts, space) => {
        const text = `${space}[${texts.map((item) => space + item + space).join(',')}]${space}`
        expect(valueOf(scanArray(Buffer.from(text), 100)).map(bytesToText)).toEqual(texts)
      }),
      { numRuns: 1_000 },
    )
  })

  it('and splits an object into the members that it was made of, names unescaped', () => {
    fc.assert(
      fc.property(jsonMembers, spaces, (written, space) => {
        const members = valueOf(scanObject(Buffer.from(joinMembers(written, space))))
        const read = members.map(({ nameBytes, value }) => [nameBytes, value].map(bytesToText))
        expect(read).toEqual(written)
        // JSON.parse of a name alone: of an object's keys V8 13.6 gets some wrong ("\\u0041").
        for (const { name, nameBytes } of members) expect(parseJson(nameBytes)).toBe(name)
      }),
      { numRuns: 2_000 },
    )
  })

  it('and splits an array of objects in one pass as in two', () => {
    fc.assert(
      fc.property(fc.array(jsonObject, { maxLength: 5 }), spaces, (objects, space) => {
        const text = Buffer.from(`[${objects.map((object) => space + object).join(',')}]`)
        const inTwo = valueOf(scanArray(text, 10)).map((item) => textsOf(valueOf(scanObject(item))))
        expect(valueOf(scanObjects(text, 10)).map(textsOf)).toEqual(inTwo)
      }),
      { numRuns: 500 },
    )
  })

  it('with its strings of all lengths, wherever quotes and backslashes stand', () => {
    for (let length = 0; length <= 200; length++) {
      for (const tail of ['', '\\"', '\\\\', '\\\\\\"', '\\"\\"', '\\u0022']) {
        const text = `"${'x'.repeat(length)}${tail}"`
        expect(bytesToText(valueOf(scanValue(Buffer.from(`${text} `))))).toBe(text)
        const twice = `"${tail}${'x'.repeat(length)}${tail}"`
        expect(bytesToText(valueOf(scanValue(Buffer.from(`${twice} `))))).toBe(twice)
      }
    }
  })
})

describe('The scanner refuses', () => {
  it('every text that was cut off', () => {
    fc.assert(
      fc.property(jsonObject, fc.nat(), (text, at) => {
        const bytes = Buffer.from(text)
        expect(scanObject(bytes.subarray(0, at % bytes.length)).ok).toBe(false)
      }),
      { numRuns: 1_000 },
    )
  })

  it('a value nested more than 128 deep, and takes one that is 128 deep', () => {
    const nest = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
    expect(scanValue(nest(MAX_DEPTH)).ok).toBe(true)
    expect(scanValue(nest(MAX_DEPTH + 1))).toMatchObject({ failure: { rule: 'payload_too_deep' } })
    expect(scanValue(nest(1_000_000))).toMatchObject({ failure: { rule: 'payload_too_deep' } })
  })

  it('more members than it wants to remember', () => {
    const object = (count: number): Buffer =>
      Buffer.from(`{${Array.from({ length: count }, (_, index) => `"${index}":0`).join(',')}}`)
    expect(valueOf(scanObject(object(MAX_MEMBERS)))).toHaveLength(MAX_MEMBERS)
    expect(scanObject(object(MAX_MEMBERS + 1))).toMatchObject({
      failure: { rule: 'too_many_members' },
    })
  })

  it('more items than it was told, without looking at them', () => {
    expect(scanArray(Buffer.from('[1,2,3]'), 3).ok).toBe(true)
    expect(scanArray(Buffer.from('[1,2,3,'), 3)).toMatchObject({ ok: false })
    expect(scanArray(Buffer.from('[1,2,3,}'), 2)).toMatchObject({
      failure: { reason: 'more than 2 items' },
    })
    expect(scanObjects(Buffer.from('[{},{}]'), 1)).toMatchObject({
      failure: { reason: 'more than 1 items' },
    })
  })

  it('with the rule, the reason and the byte of the first mistake', () => {
    const failures = ['{"a":[}]}', '{"a":"b', '{"a":1]', '{"a" 1}', '{"a":}', '{a:1}', '[]'].map(
      (text) => {
        const scanned = scanObject(Buffer.from(text))
        return scanned.ok ? undefined : [scanned.failure.rule, scanned.failure.offset]
      },
    )
    expect(failures).toEqual([
      ['payload_unbalanced', 5],
      ['payload_unbalanced', 5],
      ['invalid_json', 6],
      ['invalid_json', 5],
      ['invalid_json', 5],
      ['invalid_json', 1],
      ['invalid_json', 0],
    ])
  })
})

describe('The scanner', () => {
  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        scanValue(bytes)
        scanObject(bytes)
        scanObjects(bytes, 5)
        scanArray(bytes, 5)
        scanReadableMembers(bytes)
      }),
      { numRuns: 5_000 },
    )
  })

  it('accepts nothing that JSON.parse refuses, but for what stands between the brackets of values', () => {
    const alphabet = fc.constantFrom('{', '}', '[', ']', '"', ':', ',', ' ', '1', '\\', '"a"', 'x')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 20 }), (parts) => {
        const text = parts.join('')
        const scanned = scanObject(Buffer.from(text))
        if (!scanned.ok) return
        // With each value replaced, the object is JSON: the scanner's own part of it is right.
        const members = scanned.value.map((member) => `${bytesToText(member.nameBytes)}:0`)
        expect(Object.keys(JSON.parse(`{${members.join(',')}}`) as object)).not.toBeUndefined()
        for (const { value } of scanned.value) expect(isBalanced(bytesToText(value))).toBe(true)
      }),
      { numRuns: 20_000 },
    )
  })

  it('keeps no state between calls: a failed scan does not disturb the next', () => {
    expect(scanValue(Buffer.from('[[[{')).ok).toBe(false)
    expect(scanValue(Buffer.from('[1]')).ok).toBe(true)
    expect(scanValue(Buffer.from('}')).ok).toBe(false)
    expect(scanValue(Buffer.from('{}')).ok).toBe(true)
  })

  it('gives views of the input, never copies', () => {
    const input = Buffer.from('{"a":[1,2]}')
    const [member] = valueOf(scanObject(input))
    expect(member?.value.buffer).toBe(input.buffer)
    expect(member?.value.byteOffset).toBe(input.byteOffset + 5)
  })

  it('reads a Uint8Array that is no Buffer', () => {
    const input = new Uint8Array(Buffer.from('xx{"a":1}')).subarray(2)
    expect(textsOf(valueOf(scanObject(input)))).toEqual([['a', '1']])
    expect(bytesToText(trimStart(new Uint8Array(Buffer.from(' \n1'))))).toBe('1')
  })

  it('gives the members that stand before a mistake', () => {
    const members = scanReadableMembers(Buffer.from('{"id":"x","job_id":"j","payload":{"a":'))
    expect(textsOf(members)).toEqual([
      ['id', '"x"'],
      ['job_id', '"j"'],
    ])
  })
})

/** Brackets and quotes, the slow way. */
function isBalanced(text: string): boolean {
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/gs, '')
  let rest = withoutStrings
  for (let before = ''; before !== rest;) {
    before = rest
    rest = rest.replace(/\[[^[\]{}"]*\]|\{[^[\]{}"]*\}/g, '')
  }
  return !/[[\]{}"]/.test(rest)
}

describe('The scanner takes time in proportion to the bytes', () => {
  const measure = (text: string): number => {
    const bytes = Buffer.from(text)
    let bestMs = Infinity
    for (let run = 0; run < 5; run++) {
      const startedAt = performance.now()
      scanObject(bytes)
      bestMs = Math.min(bestMs, performance.now() - startedAt)
    }
    return bestMs
  }

  const SMALL = 100_000
  const hostile: Record<string, (size: number) => string> = {
    'a string of backslashes': (size) => `{"a":"${'\\\\'.repeat(size / 2)}"}`,
    'a string of escaped quotes': (size) => `{"a":"${'\\"'.repeat(size / 2)}"}`,
    'a string that is not closed': (size) => `{"a":"${'\\"'.repeat(size / 2)}`,
    'backslashes before quotes far apart': (size) =>
      `{"a":"${`${'\\'.repeat(199)}"`.repeat(size / 200)}"}`,
    'a long name': (size) => `{"${'x'.repeat(size)}":1}`,
    'a long name of escapes': (size) => `{"${'\\u0041'.repeat(size / 6)}":1}`,
    'white space': (size) => `{${' '.repeat(size)}"a":1}`,
    'many short strings': (size) => `{"a":[${'"x",'.repeat(size / 4)}0]}`,
    'brackets opened and closed': (size) => `{"a":[${'[],'.repeat(size / 3)}0]}`,
    'a long number': (size) => `{"a":${'1'.repeat(size)}}`,
  }

  it.each(Object.entries(hostile))('for %s', (_, make) => {
    const [small, large] = [make(SMALL), make(SMALL * 20)]
    measure(small)
    // Whatever else a machine does, some of the tries are not disturbed.
    let ratio = Infinity
    for (let run = 0; run < 10 && ratio >= 120; run++) {
      const smallMs = Math.max(measure(small), 0.02)
      ratio = Math.min(ratio, measure(large) / smallMs)
    }
    // 20 times the bytes: quadratic work would take 400 times as long.
    expect(ratio).toBeLessThan(120)
  })
})

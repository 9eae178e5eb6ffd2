import { toJsonBytes } from '@asya/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { explainMalformed, parsePayload } from './parse-payload.ts'

function parse(text: string): ReturnType<typeof parsePayload> {
  return parsePayload(toJsonBytes(Buffer.from(text)))
}

describe('parsePayload', () => {
  test('Whatever JSON holds comes out.', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
    )
  })

  test('A member named __proto__ is a member, and changes no prototype.', () => {
    const parsed = parse('{"__proto__":{"isAdmin":true}}')
    const value = parsed.ok ? (parsed.value as { isAdmin?: boolean }) : {}
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(value.isAdmin).toBeUndefined()
  })

  test.each<[string, string]>([
    ['', 'it ends where a value is expected'],
    ['{"a":', 'it ends where a value is expected'],
    ['{"a":1', "it ends where ',' or a closing bracket is expected"],
    ['[1,]', 'expected a value at byte 3'],
    ['{"a":1,}', 'expected a name in quotes at byte 7'],
    ['{a:1}', "expected a name in quotes or '}' at byte 1"],
    ['{"a" 1}', "expected ':' at byte 5"],
    ['{"a":NaN}', 'expected a value at byte 5'],
    ['[01]', "expected a value or ']' at byte 1"],
    ['[1.]', "expected a value or ']' at byte 1"],
    ['[+1]', "expected a value or ']' at byte 1"],
    ['[truefalse]', "expected a value or ']' at byte 1"],
    ['[1 2]', "expected ',' or a closing bracket at byte 3"],
    ['[1}', "expected ',' or a closing bracket at byte 2"],
    ['{"a":1]', "expected ',' or a closing bracket at byte 6"],
    ['1 2', 'expected the end at byte 2'],
    ['"\\x"', 'a string has a wrong escape or a control character at byte 1'],
    ['["a', 'it ends inside a string'],
    ['["tab\there"]', 'a string has a wrong escape or a control character at byte 5'],
    ["{'a':1}", "expected a name in quotes or '}' at byte 1"],
    ['["é",x]', 'expected a value at byte 6'],
    ['\uFEFF1', 'expected a value at byte 0'],
  ])('%j is refused: %s', (text, reason) => {
    expect(parse(text)).toEqual({ ok: false, reason: `the payload is not JSON: ${reason}` })
  })

  test('The reason holds nothing of the payload.', () => {
    const parsed = parse('{"password": "hunter2", oops}')
    expect(JSON.stringify(parsed)).not.toContain('hunter2')
  })

  test('Very long strings and runs of white space are walked over.', () => {
    const long = 'x\\n'.repeat(2_000_000) + 'x'.repeat(2_000_000)
    const spaces = ' '.repeat(2_000_000)
    expect(parse(`${spaces}{"a":"${long}",}`)).toMatchObject({
      reason: `the payload is not JSON: expected a name in quotes at byte ${spaces.length + long.length + 8}`,
    })
  })
})

describe('explainMalformed', () => {
  test('Where JSON.parse refuses a text, it finds a place; where not, it finds the end.', () => {
    const pieces = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"a"',
        '1',
        '-0',
        '1e5',
        '1.',
        '.5',
        'true',
        'nul',
        ' ',
        '"',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        expect(explainMalformed(text) === 'it ends where the end is expected').toBe(isJson)
      }),
      { numRuns: 3_000 },
    )
  })
})

import { expect, test } from 'vitest'
import { paintNothing } from '../view/paint.ts'
import { formatJson } from './format-json.ts'
import { readJson } from './json-tree.ts'

test.each([
  ['', 1, 1, 'expected a value, found the end'],
  ['{"a":1,}', 1, 8, 'a comma with nothing after it'],
  ['{\n  "a": tru\n}', 2, 8, '"tru" is no JSON value'],
  ["{'a':1}", 1, 2, 'expected a name in double quotes, found "\'"'],
  ['{"a" 1}', 1, 6, 'expected ":", found "1"'],
  ['[1 2]', 1, 4, 'expected "," or "]", found "2"'],
  ['"a\nb"', 1, 3, 'a line break or control character in a string'],
  ['"abc', 1, 1, 'a string that is not closed'],
  ['"\\x"', 1, 3, 'an escape that JSON does not know'],
  ['01', 1, 1, '"01" is no JSON value'],
  ['NaN', 1, 1, '"NaN" is no JSON value'],
  ['{} {}', 1, 4, 'expected the end, found "{"'],
])('%j is refused at line %i, column %i', (text, line, column, reason) => {
  expect(readJson(text)).toEqual({ ok: false, line, column, reason })
})

test('What is nested deeper than a message may be is refused.', () => {
  const reading = readJson('['.repeat(200))
  expect(reading).toMatchObject({ column: 129, reason: 'nested more than 128 deep' })
})

test.each([
  '0',
  '-1.5e+10',
  '"\\u00e9\\n"',
  ' [ ] ',
  '{"a":{"b":[true,false,null]}}',
  '12345678901234567890',
])('%s is JSON for the reader as for JSON.parse', (text) => {
  expect(readJson(text).ok).toBe(true)
  expect(() => JSON.parse(text) as unknown).not.toThrow()
})

function format(text: string, widthColumns: number): string {
  const reading = readJson(text)
  if (!reading.ok) throw new Error(reading.reason)
  return formatJson(reading.tree, { paint: paintNothing, widthColumns })
}

test('A value is laid out over lines only when it does not fit on one.', () => {
  const text = '{"name":"Ada","tags":["one","two"],"big":12345678901234567890}'
  expect(format(text, 80)).toBe(
    '{ "name": "Ada", "tags": ["one", "two"], "big": 12345678901234567890 }',
  )
  expect(format(text, 40)).toBe(
    '{\n  "name": "Ada",\n  "tags": ["one", "two"],\n  "big": 12345678901234567890\n}',
  )
})

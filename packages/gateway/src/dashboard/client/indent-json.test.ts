import fc from 'fast-check'
import { expect, it } from 'vitest'
import { indentJson } from './indent-json.ts'

const text = (json: string): string =>
  indentJson(json)
    .map((token) => token.text)
    .join('')

it('JSON is indented as JSON.stringify does it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(text(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
    }),
  )
})

it('Numbers keep their digits, names that come twice stay twice', () => {
  expect(text('{"a":1.0,"a":12345678901234567890}')).toBe(
    '{\n  "a": 1.0,\n  "a": 12345678901234567890\n}',
  )
})

it('A text that breaks off is shown as far as it goes, with every character', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (json, length) => {
      const part = json.slice(0, length)
      const bare = (some: string): string => some.replaceAll(/\s/g, '')
      expect(bare(text(part))).toBe(bare(part))
    }),
  )
})

it('Names, texts and numbers are told apart', () => {
  const kinds = indentJson('{"a":["b",1,true]}').map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind !== 'mark')).toEqual(['name', 'string', 'number', 'word'])
})

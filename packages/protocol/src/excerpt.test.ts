import { expect, it } from 'vitest'
import { excerptOf } from './excerpt.ts'
import { toJsonBytes } from './json-bytes.ts'

const bytes = (text: string) => toJsonBytes(Buffer.from(text))

it('A value that is short enough is its own excerpt', () => {
  expect(excerptOf(bytes('"äöü"'), 8)).toEqual({ text: '"äöü"', bytes: 8 })
})

it.each([
  [0, ''],
  [1, '"'],
  [2, '"'],
  [3, '"ä'],
  [6, '"ä'],
  [7, '"ä😀'],
])('Of the first %d bytes those are left that make whole characters', (maxBytes, text) => {
  expect(excerptOf(bytes('"ä😀x"'), maxBytes)).toEqual({ text, bytes: 9 })
})

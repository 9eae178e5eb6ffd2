import { expect, test } from 'vitest'
import { suggestName } from './suggest-name.ts'

const known = ['readPage', 'split-text', 'classify', 'a']

test('A typo is met with the name that was probably meant.', () => {
  expect(suggestName('raedPage', known)).toBe('; did you mean readPage?')
  expect(suggestName('clasify', known)).toBe('; did you mean classify?')
})

test('Another way of writing a name is met with its own way.', () => {
  expect(suggestName('read-page', known)).toBe('; did you mean readPage?')
  expect(suggestName('splitText', known)).toBe('; did you mean split-text?')
})

test('A name like none of them is met with silence.', () => {
  expect(suggestName('summarise', known)).toBe('')
  expect(suggestName('b', known)).toBe('')
  expect(suggestName('', known)).toBe('')
})

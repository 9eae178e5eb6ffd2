import { expect, test } from 'vitest'

import { findParagraphs } from './paragraphs.ts'

test('Each block between empty lines becomes one paragraph on one line.', () => {
  expect(findParagraphs('It rained\nall day.\n\n \nWe stayed  in.\n')).toEqual([
    'It rained all day.',
    'We stayed in.',
  ])
})

test('A letterhead, a date, a greeting and a signature are no paragraphs.', () => {
  const letter = [
    'Harrow & Finch Ltd\n12 Quay Street',
    '11 March 2026',
    'Dear Mr Pemberton,',
    'Please call me.',
    'Yours sincerely,\nMarta Quill',
  ]
  expect(findParagraphs(letter.join('\n\n'))).toEqual(['Please call me.'])
})

test('A long block is a paragraph even if its full stop was not read.', () => {
  const block = 'the scanner cut off the end of this sentence and its full stop'
  expect(findParagraphs(block)).toEqual([block])
})

test('A page without text has no paragraphs.', () => {
  expect(findParagraphs('')).toEqual([])
})

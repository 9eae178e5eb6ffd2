import { expect, test } from 'vitest'

import { joinLines, type PrintedLine } from './page-layout.ts'

function print(y0: number, ...words: [text: string, confidence: number][]): PrintedLine {
  return {
    words: words.map(([text, confidence]) => ({ text, confidence })),
    baseline: { y0 },
    rowAttributes: { rowHeight: 20 },
  }
}

test('Lines that follow closely belong to one paragraph.', () => {
  expect(joinLines([print(100, ['one', 96]), print(132, ['two', 96])])).toBe('one\ntwo')
})

test('A gap of more than two rows starts a new paragraph.', () => {
  expect(joinLines([print(100, ['one', 96]), print(164, ['two', 96])])).toBe('one\n\ntwo')
})

test('Stray characters that Tesseract doubts are left out.', () => {
  const line = print(100, ['.', 0], ['I', 95], ['paid', 40], ['$5', 90], ['i', 28])
  expect(joinLines([line])).toBe('I paid $5')
})

test('A line of dust alone does not separate the lines around it.', () => {
  const lines = [print(100, ['one', 96]), print(116, [':', 5]), print(132, ['two', 96])]
  expect(joinLines(lines)).toBe('one\ntwo')
})

import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'

/** Texts of handlers and payloads: none of them may move the cursor or colour the screen. */
export function toPlainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\t\n\r]+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The longest beginning that fits into so many columns. */
function takeColumns(text: string, columns: number): string {
  if (text.length <= columns && /^[ -~]*$/.test(text)) return text
  let taken = ''
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    width += stringWidth(segment)
    if (width > columns) break
    taken += segment
  }
  return taken
}

/** Cuts a text to so many columns; what is cut ends in `…`. */
export function cutText(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text
  return columns < 1 ? '' : `${takeColumns(text, columns - 1).trimEnd()}…`
}

/** Fills a text up to so many columns. */
export function padText(text: string, columns: number, side: 'start' | 'end' = 'end'): string {
  const space = ' '.repeat(Math.max(0, columns - stringWidth(text)))
  return side === 'start' ? space + text : text + space
}

/** A space at which a line is broken only if it must be. */
export const CLOSE_SPACE = '\u00a0'

/** Breaks a text into lines of so many columns: between words, within a word only if it must be. */
export function wrapText(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  const words = text.split(/ +/).flatMap((word) => breakWord(word, columns))
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line].map((one) => one.replaceAll(CLOSE_SPACE, ' '))
}

/** The parts of a word that fit into a line each: cut at its close spaces, else anywhere. */
function breakWord(word: string, columns: number): string[] {
  if (stringWidth(word) <= columns) return [word]
  if (word.includes(CLOSE_SPACE))
    return word.split(CLOSE_SPACE).flatMap((part) => breakWord(part, columns))
  const head = takeColumns(word, columns) || word.slice(0, 1)
  return [head, ...breakWord(word.slice(head.length), columns)]
}

import { expect, test } from 'vitest'
import { readJson, type JsonTree } from '../json/json-tree.ts'
import { paintNothing } from './paint.ts'
import { formatTable } from './table.ts'

function show(rows: readonly unknown[], widthColumns = 60): string {
  const trees = rows.map((row): JsonTree => {
    const reading = readJson(typeof row === 'string' ? row : JSON.stringify(row))
    if (!reading.ok) throw new Error(reading.reason)
    return reading.tree
  })
  return `\n${formatTable(trees, { widthColumns, paint: paintNothing }).join('\n')}\n`
}

test('Columns follow the first appearance of their keys, and numbers stand on their points.', () => {
  expect(
    show([
      { name: 'Ada', score: 1 },
      { name: 'Grace', score: -0.25, note: 'second' },
    ]),
  ).toBe(`
 name   score  note
 ────────────────────
 Ada     1
 Grace  -0.25  second
`)
})

test('Rows that share their first column stand under one heading.', () => {
  expect(
    show([
      { path: 'pages/a.png', paragraph: 1, mood: 'neutral' },
      { path: 'pages/a.png', paragraph: 2, mood: 'negative' },
      { path: 'pages/b.png', paragraph: 10, mood: 'positive' },
    ]),
  ).toBe(`
 paragraph  mood
 ───────────────────
 pages/a.png
         1  neutral
         2  negative

 pages/b.png
        10  positive
`)
})

test('Long texts are wrapped to the width, and cut after three lines.', () => {
  expect(
    show(
      [
        { id: 1, text: 'The quick brown fox jumps over the lazy dog and runs away', n: 7 },
        { id: 2, text: 'Supercalifragilisticexpialidocious is one word', n: 8 },
      ],
      28,
    ),
  ).toBe(`
 id  text                  n
 ───────────────────────────
  1  The quick brown fox   7
     jumps over the lazy
     dog and runs away
  2  Supercalifragilistic  8
     expialidocious is
     one word
`)
})

test('Nested values are shown compactly, null as nothing.', () => {
  const tags = [
    { type: 'person', value: 'Ada' },
    { type: 'place', value: 'London' },
  ]
  expect(show([{ tags, list: [1, 2], box: { w: 1, h: null } }, { tags: [] }])).toBe(`
 tags                       list  box
 ─────────────────────────────────────────
 person Ada · place London  1, 2  w: 1, h:

`)
})

test('Results that are no objects have one column.', () => {
  expect(show(['"one"', '12345678901234567890'])).toBe(`
 result
 ────────────────────
 one
 12345678901234567890
`)
})

test('Columns that find no room are named instead.', () => {
  const row = { alpha: 'aaaaaaaaaaaa', beta: 'bbbbbbbbbbbb', gamma: 'cccccccccccc' }
  expect(show([row], 20)).toBe(`
 alpha      beta
 ───────────────────
 aaaaaaaaa  bbbbbbbb
 aaa        bbbb

 no room for gamma: --output json has them
`)
})

test('Wide characters count as two columns, and control characters as none.', () => {
  expect(
    show([
      { a: '日本語', b: 'x' },
      { a: 'a\u001b[31mb\nc', b: 'y' },
    ]),
  ).toBe(`
 a       b
 ─────────
 日本語  x
 ab c    y
`)
})

test('No results make no table.', () => {
  expect(show([])).toBe('\n\n')
})

test('A list of records is broken between them, and within one only where it must be.', () => {
  const entities = [
    { type: 'person', value: 'Ada Byron' },
    { type: 'place', value: 'London' },
    { type: 'organisation', value: 'Analytical Society' },
  ]
  expect(show([{ n: 1, entities }], 26)).toBe(`
 n  entities
 ─────────────────────────
 1  person Ada Byron ·
    place London ·
    organisation Analytic…
`)
})

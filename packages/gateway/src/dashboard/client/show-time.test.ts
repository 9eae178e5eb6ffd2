import { expect, it } from 'vitest'
import { showAge, showBytes, showDuration } from './show-time.ts'

it.each([
  [-5, '0 ms'],
  [0, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [9_949, '9.9 s'],
  [9_951, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min'],
  [185_000, '3 min 5 s'],
  [3_600_000, '1 h'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are shown as %s', (ms, text) => {
  expect(showDuration(ms)).toBe(text)
})

it.each([
  [-1000, 'just now'],
  [4_999, 'just now'],
  [59_999, '59 s ago'],
  [60_000, '1 min ago'],
  [3_599_999, '59 min ago'],
  [86_399_999, '23 h ago'],
  [86_400_000, '1 d ago'],
])('What was %d ms before is shown as %s', (ms, text) => {
  expect(showAge(ms)).toBe(text)
})

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [9_960, '10 kB'],
  [1_500_000, '1.5 MB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text)
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  MISMATCHED,
  skipContainer,
  STRAY_BACKSLASH,
  TOO_DEEP,
  UNCLOSED,
} from './container-scanner.ts'

/** The same, a character at a time. */
function skipSlowly(text: string, maxDepth: number): number {
  const open: string[] = []
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++
    } else if (character === '\\') return STRAY_BACKSLASH
    else if ('{['.includes(character)) {
      if (open.length === maxDepth) return TOO_DEEP
      open.push(character)
    } else if ('}]'.includes(character)) {
      if (open.pop() !== (character === '}' ? '{' : '[')) return MISMATCHED
      if (open.length === 0) return at + 1
    }
  }
  return UNCLOSED
}

/** Texts of what matters to the scanner, and of whole runs of it. */
const texts = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('"', '\\', '{', '}', '[', ']', 'a', ' ', ',') },
      { weight: 2, arbitrary: fc.constantFrom('"text"', '{"a":[1]}', '\\\\', '\\"', '""') },
      fc.nat(200).map((length) => 'x'.repeat(length)),
      fc.nat(70).map((length) => '\\'.repeat(length)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => `[${parts.join('')}`)

describe('the scanner of containers', () => {
  test('finds the same end, or the same fault, as a walk over each character', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 5 }), (text, maxDepth) => {
        expect(skipContainer(Buffer.from(text), 0, maxDepth)).toBe(skipSlowly(text, maxDepth))
      }),
      { numRuns: 20_000 },
    )
  })

  test('carries strings, escapes and brackets over the edges of its blocks and chunks', () => {
    const tail = '"}\\"]\\\\",{"a":"\\\\\\""}]]'
    for (const edge of [64, 2 * 1024, 2 * 1024 + 64 * 1024]) {
      for (let shift = -30; shift <= 30; shift++) {
        const text = `["${'x'.repeat(edge + shift)}",["${'y'.repeat(5)}\\${tail}`
        expect(skipContainer(Buffer.from(text), 0, 10)).toBe(skipSlowly(text, 10))
      }
    }
  })

  test('begins where it is told to, and looks no further than the end', () => {
    const bytes = Buffer.from('}}[1,[2]]}}')
    expect(skipContainer(bytes, 2, 10)).toBe(9)
  })

  test('allows exactly as many levels as it is told', () => {
    const nested = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth))
    expect(skipContainer(nested(129), 0, 129)).toBe(258)
    expect(skipContainer(nested(130), 0, 129)).toBe(TOO_DEEP)
  })
})

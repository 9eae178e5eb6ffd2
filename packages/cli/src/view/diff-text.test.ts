import { describe, expect, test } from 'vitest'
import type { Change } from '@asya/compiler'
import { formatDiff } from './diff-text.ts'

const breaking: Change = {
  kind: 'actor',
  name: 'classify',
  channel: 'classify',
  part: 'input',
  member: '$.a|b',
  change: 'narrowed',
  breaks: ['producers'],
  isCertain: true,
  why: 'So far it may be null; from now on it must be a string.',
  example: null,
}
const compatible: Change = {
  kind: 'pipeline',
  name: 'triage',
  part: 'pipeline',
  change: 'added',
  breaks: [],
  isCertain: true,
  why: 'There was no pipeline of this name.',
}

describe('Changes', () => {
  test('are told as a list, with who breaks and why.', () => {
    expect(formatDiff([breaking, compatible], 'text')).toBe(`actor classify
  ✗ input $.a|b narrowed: breaks producers
      So far it may be null; from now on it must be a string. For example: null

pipeline triage
  ✓ added: compatible
      There was no pipeline of this name.

breaking: 1 for producers; 1 compatible change
`)
  })

  test('that cannot be told say so.', () => {
    expect(formatDiff([{ ...breaking, isCertain: false }], 'text')).toContain('may break producers')
  })

  test('of a hostile document cannot move the cursor.', () => {
    expect(formatDiff([{ ...breaking, name: 'a\u001b[2Jb' }], 'text')).not.toContain('\u001b')
  })

  test('are data in JSON.', () => {
    expect(JSON.parse(formatDiff([breaking], 'json'))).toEqual({
      compatible: false,
      changes: [breaking],
    })
    expect(JSON.parse(formatDiff([compatible], 'json'))).toMatchObject({ compatible: true })
  })

  test('are annotations of a workflow, an error for what breaks.', () => {
    expect(formatDiff([breaking, compatible], 'github')).toBe(
      '::error title=actor classify%3A input $.a|b narrowed::breaks producers. So far it may be null; from now on it must be a string. For example: null\n' +
        '::notice title=pipeline triage%3A added::compatible. There was no pipeline of this name.\n',
    )
  })

  test('are a table in Markdown, whose signs do not end a cell.', () => {
    const text = formatDiff([breaking, compatible], 'markdown')
    expect(text).toContain('| actor `classify` | `classify` | input `$.a\\|b` | narrowed |')
    expect(text.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(4)
  })
})

test('Where nothing changed, that is said.', () => {
  expect(formatDiff([], 'text')).toBe('compatible: nothing changed\n')
  expect(formatDiff([], 'markdown')).toBe('**compatible: nothing changed**\n')
  expect(formatDiff([], 'github')).toBe('')
})

import { expect, test } from 'vitest'
import type { Problem } from '../model/problem.ts'
import { renderProblem } from './render-problem.ts'

const SOURCE = ['const a = 1', '\tcall(wrong, right)', 'const b = 2', ''].join('\n')

const problem: Problem = {
  code: 'edge-does-not-fit',
  severity: 'error',
  message: 'step 1 does not fit\na gives A',
  fix: 'mend it',
  position: { file: 'a.ts', line: 2, column: 7 },
  end: { file: 'a.ts', line: 2, column: 12 },
  path: '$.items[].at',
  related: [{ message: 'the same is b', position: { file: 'b.ts', line: 1, column: 1 } }],
}

test('A problem shows what, where, the line with a marker below the culprit, and the fix.', () => {
  expect(renderProblem(problem, () => SOURCE)).toBe(
    [
      'error: step 1 does not fit [edge-does-not-fit]',
      '  a gives A',
      '  at a.ts:2:7',
      '  in the type: $.items[].at',
      '',
      '    1 | const a = 1',
      '  > 2 | \tcall(wrong, right)',
      '      | \t     ^^^^^',
      '    3 | const b = 2',
      '',
      '  the same is b: b.ts:1:1',
      '  fix: mend it',
    ].join('\n'),
  )
})

test('A culprit of several lines is marked to the end of its first.', () => {
  const long = { ...problem, end: { file: 'a.ts', line: 3, column: 2 } }
  expect(renderProblem(long, () => SOURCE)).toContain(`\t     ${'^'.repeat(13)}`)
})

test('Without a source, or a line that it no longer has, there is no frame.', () => {
  expect(renderProblem(problem, () => undefined)).not.toContain('|')
  expect(renderProblem(problem, () => 'one line')).not.toContain('|')
  const nowhere: Problem = { code: 'no-actors', severity: 'error', message: 'no actors' }
  expect(renderProblem(nowhere, () => SOURCE)).not.toContain('at a.ts')
})

import type { Problem } from '@asya/compiler'
import { expect, test } from 'vitest'
import { paintNothing } from '../view/paint.ts'
import { countProblems, formatProblems, type ProblemsLayout } from './format-problems.ts'

const LAYOUT: ProblemsLayout = {
  format: 'text',
  projectDir: '/repository/services/mail',
  rootDir: '/repository',
  paint: paintNothing,
}

const ERROR: Problem = {
  code: 'type-not-json',
  severity: 'error',
  message: 'a Date, which JSON has not: 100% sure',
  fix: 'send a string',
  position: { file: 'actors/a.ts', line: 3, column: 7 },
  end: { file: 'actors/a.ts', line: 3, column: 11 },
}

const WARNING: Problem = { code: 'not-exported', severity: 'warning', message: 'nobody uses it' }

test('people see warnings first and errors last, next to the number of both.', () => {
  const text = formatProblems([ERROR, WARNING], LAYOUT)
  expect(text.indexOf('nobody uses it')).toBeLessThan(text.indexOf('a Date'))
  expect(text).toMatch(/1 error, 1 warning\n$/)
  expect(text).toContain('actors/a.ts:3:7')
})

test('GitHub is told the place from the top of the repository, with its own escapes.', () => {
  const text = formatProblems([ERROR, WARNING], { ...LAYOUT, format: 'github' })
  expect(text).toBe(
    '::error title=type-not-json,file=services/mail/actors/a.ts,line=3,col=7,endColumn=11' +
      '::a Date, which JSON has not: 100%25 sure%0Asend a string\n' +
      '::warning title=not-exported::nobody uses it\n',
  )
})

test('without problems there is nothing to say.', () => {
  expect(formatProblems([], LAYOUT)).toBe('')
  expect(countProblems([])).toBe('no problems')
  expect(countProblems([ERROR, ERROR])).toBe('2 errors')
})

import { expect, test } from 'vitest'
import { explainUnknown, findNear } from './suggest.ts'

test.each([
  ['triag', ['triage', 'hello'], ['triage']],
  ['Triage', ['triage'], ['triage']],
  ['page', ['read-page', 'write'], ['read-page']],
  ['xyz', ['triage', 'hello'], []],
  ['helo', ['hello', 'help', 'other'], ['hello', 'help']],
])('%s is near to what it may have meant.', (name, known, near) => {
  expect(findNear(name, known)).toEqual(near)
})

test('What is not near to anything is answered with all there is.', () => {
  expect(explainUnknown('pipeline', 'xyz', ['a', 'b'])).toBe(
    'there is no pipeline "xyz": there is a, b',
  )
  expect(explainUnknown('pipeline', 'xyz', [])).toBe('there is no pipeline "xyz"')
})

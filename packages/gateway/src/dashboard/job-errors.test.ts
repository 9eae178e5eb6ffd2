import { expect, it } from 'vitest'
import { showErrors } from './job-errors.ts'

const NOTHING = {
  ...{ step: undefined, exception: undefined, traceback: undefined },
  ...{ attempts: undefined, rest: undefined },
}

it.each([
  [{}, { ...NOTHING, type: 'error', message: '' }],
  ['gave out', { ...NOTHING, type: 'error', message: 'gave out' }],
  [null, { ...NOTHING, type: 'error', message: '' }],
  [
    { type: 7, message: ['a'], attempts: 'x' },
    { ...NOTHING, type: '7', message: '["a"]' },
  ],
])('An error that is %j is shown for what it is', (error, shown) => {
  expect(showErrors([error], true)).toEqual([shown])
})

it('What may hold a payload is shown only when payloads are', () => {
  const error = { type: 'a', message: 'b', payload: { name: 'Ada' } }
  expect(showErrors([error], true)[0]?.rest).toBe('{"payload":{"name":"Ada"}}')
  expect(JSON.stringify(showErrors([error], false))).not.toContain('Ada')
})

it('Of many errors the first are shown, of long texts the beginning', () => {
  const errors = Array.from({ length: 1000 }, () => ({ message: 'x'.repeat(100_000) }))
  const shown = showErrors(errors, false)
  expect(shown).toHaveLength(50)
  expect(shown[0]?.message).toMatch(/^x{20000} … \(100000 characters in all\)$/)
})

import { describe, expect, test, vi } from 'vitest'
import { errorKindOf, FatalError, RetryableError, ValidationError } from './errors.ts'

describe('the errors of handlers', () => {
  test('They are Errors with a name, a message and a cause.', () => {
    const cause = new Error('socket closed')
    const error = new RetryableError('later', { cause, retryAfterMs: 5_000 })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'RetryableError',
      message: 'later',
      cause,
      retryAfterMs: 5_000,
    })
    expect(new FatalError('no', { cause }).cause).toBe(cause)
    expect(String(new ValidationError('no page'))).toBe('ValidationError: no page')
  })

  test('What they ask for is known in another copy of the package, and in subclasses.', async () => {
    vi.resetModules()
    const copy = await import('./errors.ts')
    class TooManyRequests extends copy.RetryableError {}
    const errors = [
      new TooManyRequests('429'),
      new copy.FatalError('no'),
      new copy.ValidationError('no'),
    ]
    expect(errors.map(errorKindOf)).toEqual(['retryable', 'fatal', 'validation'])
    expect(errors.some((error) => error instanceof RetryableError)).toBe(false)
  })

  test('Anything else asks for nothing.', () => {
    const others = [new Error('x'), null, undefined, 'fatal', {}, () => 1]
    expect(others.map(errorKindOf)).toEqual(others.map(() => undefined))
    expect(errorKindOf({ [Symbol.for('asya.error')]: 'constructor' })).toBeUndefined()
  })
})

import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { FatalError, RetryableError, ValidationError } from '../errors.ts'
import { describeThrown } from './describe-thrown.ts'

class QuotaExceeded extends Error {}

describe('describeThrown', () => {
  test('An Error is a recoverable processing_error with its class, message and stack.', () => {
    const failure = describeThrown(new RangeError('too far'))
    expect(failure).toMatchObject({
      code: 'processing_error',
      severity: 'recoverable',
      exception: 'RangeError',
      message: 'too far',
    })
    expect(failure.traceback).toMatch(/^RangeError: too far\n {4}at /)
  })

  test('A class that sets no name is called by its own.', () => {
    expect(describeThrown(new QuotaExceeded('x')).exception).toBe('QuotaExceeded')
    expect(describeThrown(new Error('x')).exception).toBe('Error')
    expect(describeThrown(new DOMException('x', 'AbortError')).exception).toBe('AbortError')
  })

  test('RetryableError is recoverable, and brings its wait along.', () => {
    expect(describeThrown(new RetryableError('later', { retryAfterMs: 5_000 }))).toMatchObject({
      code: 'processing_error',
      severity: 'recoverable',
      retryAfterMs: 5_000,
    })
    expect(describeThrown(new RetryableError('later'))).not.toHaveProperty('retryAfterMs')
  })

  test('A wait that is no time is left out.', () => {
    for (const retryAfterMs of [NaN, -1, Infinity, '5' as never])
      expect(describeThrown(new RetryableError('x', { retryAfterMs }))).not.toHaveProperty(
        'retryAfterMs',
      )
  })

  test('FatalError is fatal.', () => {
    expect(describeThrown(new FatalError('never'))).toMatchObject({
      code: 'processing_error',
      severity: 'fatal',
      exception: 'FatalError',
    })
  })

  test('ValidationError is a validation_error, and fatal.', () => {
    expect(describeThrown(new ValidationError('no url'))).toMatchObject({
      code: 'validation_error',
      severity: 'fatal',
      message: 'no url',
    })
  })

  test('The causes stand below the stack, however long their circle is.', () => {
    const error = new Error('outer', { cause: new TypeError('inner') })
    expect(describeThrown(error).traceback).toMatch(
      /^Error: outer\n[^]*\ncaused by: TypeError: inner\n/,
    )
    error.cause = error
    expect(describeThrown(error).traceback?.match(/caused by: /g)).toHaveLength(4)
  })

  test('An error without a message is told by its class.', () => {
    expect(describeThrown(new QuotaExceeded()).message).toBe('QuotaExceeded')
  })

  test('Errors of another realm, and objects that look like errors, are errors.', () => {
    expect(describeThrown(runInNewContext('new TypeError("far")'))).toMatchObject({
      exception: 'TypeError',
      message: 'far',
    })
    expect(describeThrown({ message: 'plain', code: 429 })).toMatchObject({
      exception: 'Error',
      message: 'plain',
    })
  })

  test.each<[unknown, string]>([
    ['oops', "the handler threw 'oops', which is not an Error"],
    [undefined, 'the handler threw undefined, which is not an Error'],
    [null, 'the handler threw null, which is not an Error'],
    [42n, 'the handler threw 42n, which is not an Error'],
    [Symbol('x'), 'the handler threw Symbol(x), which is not an Error'],
    [{ status: 429 }, 'the handler threw { status: 429 }, which is not an Error'],
  ])('A thrown %o that is no Error is told as what it is.', (thrown, message) => {
    expect(describeThrown(thrown)).toEqual({
      code: 'processing_error',
      severity: 'recoverable',
      message,
    })
  })

  test('What cannot be looked at is survived.', () => {
    const revoked = Proxy.revocable({}, {})
    revoked.revoke()
    const hostile = [
      revoked.proxy,
      {
        toString: () => {
          throw new Error('no')
        },
      },
      {
        get message(): string {
          throw new Error('no')
        },
      },
      Object.defineProperty(new Error('x'), 'stack', {
        get: () => {
          throw new Error('no')
        },
      }),
      new Proxy(
        {},
        {
          has: () => {
            throw new Error('no')
          },
          get: () => {
            throw new Error('no')
          },
        },
      ),
    ]
    for (const thrown of hostile)
      expect(describeThrown(thrown)).toMatchObject({ code: 'processing_error' })
  })
})

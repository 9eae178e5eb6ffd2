import { describe, expect, it } from 'vitest'
import { FAILURE_CODES, makeFailure, severityOf } from './failure.ts'

describe('A failure', () => {
  it('is fatal when no other attempt can help, by its code', () => {
    const fatal = FAILURE_CODES.filter((code) => severityOf(code) === 'fatal')
    expect(fatal).toEqual([
      'validation_error',
      'invalid_json',
      'invalid_encoding',
      'message_too_large',
      'empty_message',
      'msg_parsing_error',
    ])
  })

  it.each(['gpu_on_fire', '', '__proto__', 'constructor'])(
    'is recoverable when its code is unknown: %j',
    (code) => {
      expect(severityOf(code)).toBe('recoverable')
    },
  )

  it('has the severity of its code unless another is given', () => {
    expect(makeFailure('validation_error', 'no')).toEqual({
      code: 'validation_error',
      message: 'no',
      severity: 'fatal',
    })
    const given = makeFailure('validation_error', 'no', {
      severity: 'recoverable',
      retryAfterMs: 5,
    })
    expect(given).toMatchObject({ severity: 'recoverable', retryAfterMs: 5 })
  })
})

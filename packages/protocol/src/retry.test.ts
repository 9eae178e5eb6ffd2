import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeFailure } from './failure.ts'
import {
  DEFAULT_RETRY_POLICY,
  END_RETRY_POLICY,
  RETRY_TIERS_MS,
  roundUpToTier,
  scheduleRetry,
  spreadDelay,
  type RetryPolicy,
} from './retry.ts'

const recoverable = makeFailure('processing_error', 'no')
const fatal = makeFailure('validation_error', 'no')

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const attempt = fc.integer({ min: 1, max: 999_999_999 })
const policy: fc.Arbitrary<RetryPolicy> = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 1_000_000_000 }),
  initialDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
  maxDelayMs: fc.integer({ min: 0, max: 3_600_000 }),
  backoff: fc.double({ min: 1, max: 10, noNaN: true }),
  retryCodes: fc.constant([]),
  fatalCodes: fc.constant([]),
})

describe('The wait for the next attempt', () => {
  it('is exponential by default, from 1 s, and there are three attempts', () => {
    const waits = [1, 2, 3].map((failed) =>
      scheduleRetry(DEFAULT_RETRY_POLICY, { attempt: failed, failure: recoverable }, 0.5),
    )
    expect(waits).toEqual([1_000, 2_000, undefined])
  })

  it('is spread between half and one and a half of the schedule', () => {
    expect(spreadDelay(DEFAULT_RETRY_POLICY, 1, 0)).toBe(500)
    expect(spreadDelay(DEFAULT_RETRY_POLICY, 1, 0.999_999)).toBeCloseTo(1_500, 1)
  })

  it('is finite, not negative and never above the longest, whatever the policy and attempt', () => {
    fc.assert(
      fc.property(policy, attempt, random, (given, failed, chance) => {
        const delayMs = spreadDelay(given, failed, chance)
        expect(delayMs).toBeGreaterThanOrEqual(0)
        expect(delayMs).toBeLessThanOrEqual(given.maxDelayMs)
      }),
    )
  })

  it('never grows shorter with the attempts', () => {
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 2_000 }), random, (given, failed, chance) => {
        const next = spreadDelay(given, failed + 1, chance)
        expect(next).toBeGreaterThanOrEqual(spreadDelay(given, failed, chance))
      }),
    )
  })

  it('is none at all when a policy says so, even after a thousand attempts', () => {
    expect(spreadDelay({ ...DEFAULT_RETRY_POLICY, initialDelayMs: 0 }, 2_000, 0.5)).toBe(0)
  })

  it('honours retry_after, also beyond the longest of the policy', () => {
    const failure = { ...recoverable, retryAfterMs: 1_800_000 }
    expect(scheduleRetry(DEFAULT_RETRY_POLICY, { attempt: 1, failure }, 0.5)).toBe(1_800_000)
    const soon = { ...recoverable, retryAfterMs: 1 }
    expect(scheduleRetry(DEFAULT_RETRY_POLICY, { attempt: 1, failure: soon }, 0.5)).toBe(1_000)
  })
})

describe('There is another attempt', () => {
  const schedule = (given: Partial<RetryPolicy>, failure = recoverable): number | undefined =>
    scheduleRetry({ ...DEFAULT_RETRY_POLICY, ...given }, { attempt: 1, failure }, 0.5)

  it('only when another attempt can help', () => {
    expect(schedule({})).toBe(1_000)
    expect(schedule({}, fatal)).toBeUndefined()
    expect(schedule({}, { ...fatal, severity: 'recoverable' })).toBe(1_000)
  })

  it('for a code that the policy retries although fatal, and for none that it calls fatal', () => {
    expect(schedule({ retryCodes: ['validation_error'] }, fatal)).toBe(1_000)
    expect(schedule({ fatalCodes: ['processing_error'] })).toBeUndefined()
    const both = { retryCodes: ['validation_error'], fatalCodes: ['validation_error'] }
    expect(schedule(both, fatal)).toBeUndefined()
  })

  it('only as long as the policy has attempts left', () => {
    expect(schedule({ maxAttempts: 1 })).toBeUndefined()
    expect(schedule({ maxAttempts: 2 })).toBe(1_000)
  })

  it('at an end actor for some eight hours', () => {
    let totalMs = 0
    for (let failed = 1; failed < END_RETRY_POLICY.maxAttempts; failed++)
      totalMs += roundUpToTier(spreadDelay(END_RETRY_POLICY, failed, 0.5))
    expect(totalMs / 3_600_000).toBeGreaterThan(7)
    expect(totalMs / 3_600_000).toBeLessThan(9)
  })
})

describe('A tier', () => {
  it('is the shortest that is long enough; the longest stands for everything above it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e7, noNaN: true }), (delayMs) => {
        const tierMs = roundUpToTier(delayMs)
        expect(tierMs >= delayMs || tierMs === RETRY_TIERS_MS.at(-1)).toBe(true)
        const shorter = RETRY_TIERS_MS.filter((other) => other < tierMs)
        expect(shorter.every((other) => other < delayMs)).toBe(true)
      }),
    )
    expect(roundUpToTier(Infinity)).toBe(3_600_000)
    expect(roundUpToTier(0)).toBe(1_000)
  })

  it('has its place in a rising order', () => {
    expect([...RETRY_TIERS_MS].sort((a, b) => a - b)).toEqual(RETRY_TIERS_MS)
  })
})

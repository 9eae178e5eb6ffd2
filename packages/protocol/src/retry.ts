import type { Failure } from './failure.ts'

/** When a failed message is tried again (design, S4). */
export interface RetryPolicy {
  /** How many times a message is served at most, the first included. */
  readonly maxAttempts: number
  /** Wait before the second attempt. */
  readonly initialDelayMs: number
  readonly maxDelayMs: number
  /** Factor between one wait and the next. */
  readonly backoff: number
  /** Codes that are tried again although fatal, or not although recoverable. */
  readonly retryCodes: readonly string[]
  readonly fatalCodes: readonly string[]
}

/** What somebody says of a policy; the rest is left to the default of whoever runs it. */
export type PartialRetryPolicy = {
  readonly [Name in keyof RetryPolicy]?: RetryPolicy[Name] | undefined
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 3,
  initialDelayMs: 1_000,
  maxDelayMs: 300_000,
  backoff: 2,
  retryCodes: [],
  fatalCodes: [],
}

/**
 * At an end actor there is nowhere else to go: its sink is tried for some eight hours. Bounded, so
 * that a message that can never be kept does not stay for ever.
 */
export const END_RETRY_POLICY: RetryPolicy = { ...DEFAULT_RETRY_POLICY, maxAttempts: 100 }

/**
 * The delays there are: a queue each, shared by all actors (design, RabbitMQ). A delay is rounded
 * up to one of them, and the longest stands for everything above it.
 */
export const RETRY_TIERS_MS = [
  1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 900_000, 3_600_000,
] as const

export type RetryTierMs = (typeof RETRY_TIERS_MS)[number]

export function roundUpToTier(delayMs: number): RetryTierMs {
  return RETRY_TIERS_MS.find((tierMs) => tierMs >= delayMs) ?? 3_600_000
}

function isRetried(policy: RetryPolicy, failure: Failure): boolean {
  if (policy.fatalCodes.includes(failure.code)) return false
  return failure.severity === 'recoverable' || policy.retryCodes.includes(failure.code)
}

/**
 * How long a failed message waits for its next attempt; undefined when there is none.
 *
 * @param attempt the attempt that failed, from 1
 * @param random 0 ≤ random < 1: spreads the waits between half and one and a half of the schedule,
 *   never beyond the longest
 */
export function scheduleRetry(
  policy: RetryPolicy,
  failed: { readonly attempt: number; readonly failure: Failure },
  random: number,
): number | undefined {
  if (failed.attempt >= policy.maxAttempts || !isRetried(policy, failed.failure)) return undefined
  return Math.max(spreadDelay(policy, failed.attempt, random), failed.failure.retryAfterMs ?? 0)
}

/** The wait after an attempt: exponential, spread by half on either side, never above the longest. */
export function spreadDelay(policy: RetryPolicy, attempt: number, random: number): number {
  if (policy.initialDelayMs <= 0) return 0
  const plannedMs = policy.initialDelayMs * policy.backoff ** (attempt - 1)
  return Math.min(Math.min(plannedMs, policy.maxDelayMs) * (0.5 + random), policy.maxDelayMs)
}

import type { PartialRetryPolicy, RetryPolicy } from '@asya/protocol'

/** A policy without gaps. */
export function fillRetry(retry: PartialRetryPolicy, fallback: RetryPolicy): RetryPolicy {
  return {
    maxAttempts: retry.maxAttempts ?? fallback.maxAttempts,
    initialDelayMs: retry.initialDelayMs ?? fallback.initialDelayMs,
    maxDelayMs: retry.maxDelayMs ?? fallback.maxDelayMs,
    backoff: retry.backoff ?? fallback.backoff,
    retryCodes: retry.retryCodes ?? fallback.retryCodes,
    fatalCodes: retry.fatalCodes ?? fallback.fatalCodes,
  }
}

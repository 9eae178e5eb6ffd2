/**
 * Failures that cross the wire: a closed list of codes, kept open to codes of other runtimes.
 * Source: design, section 4 (socket).
 */

export const FAILURE_CODES = [
  'processing_error',
  'validation_error',
  'timeout_error',
  'oom_error',
  'cuda_oom_error',
  'invalid_json',
  'invalid_encoding',
  'message_too_large',
  'empty_message',
  'msg_parsing_error',
  'connection_error',
] as const

export type FailureCode = (typeof FAILURE_CODES)[number]

/** Whether another attempt can help. */
export type Severity = 'recoverable' | 'fatal'

/** A handler's failure, as a runtime reports it or a sidecar finds it. */
export interface Failure {
  /** One of FAILURE_CODES, or a code of another runtime, kept as it came. */
  readonly code: string
  readonly message: string
  /** Name of the exception's class. */
  readonly exception?: string
  readonly traceback?: string
  readonly severity: Severity
  /** Wait at least this long before the next attempt. */
  readonly retryAfterMs?: number
}

const FATAL: ReadonlySet<string> = new Set<FailureCode>([
  'validation_error',
  'invalid_json',
  'invalid_encoding',
  'message_too_large',
  'empty_message',
  'msg_parsing_error',
])

/** The severity of a code that came without one: unknown codes are recoverable. */
export function severityOf(code: string): Severity {
  return FATAL.has(code) ? 'fatal' : 'recoverable'
}

/** Makes a failure, with its code's own severity unless `rest` says otherwise. */
export function makeFailure(
  code: FailureCode,
  message: string,
  rest: Partial<Omit<Failure, 'code' | 'message'>> = {},
): Failure {
  return { code, message, severity: severityOf(code), ...rest }
}

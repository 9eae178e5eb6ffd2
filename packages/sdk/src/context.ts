/** What a handler is given beside its payload. Its functions may be taken apart: they need no `this`. */
export interface Context {
  /** The message's id: the same at every attempt, and unique in a fan-out; fit as an idempotency key. */
  readonly id: string
  /** The job it belongs to; undefined when nobody follows it. */
  readonly jobId: string | undefined
  /** From 1; grows with every retry. */
  readonly attempt: number
  /** When the handler must be done; undefined without a time limit. */
  readonly deadline: Date | undefined
  /** Aborted at the deadline, and when nobody waits for the result any more. */
  readonly signal: AbortSignal
  readonly log: Log
  readonly metrics: Metrics
  /** Values that travel beside the payload; one that is no string is given as its JSON text. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly route: RouteView
  /** The whole message as it travels, route and payload included, as JSON text. */
  readonly rawMessage: string

  /**
   * Tells whoever follows the job how far this step is.
   *
   * @param percent 0–100; what lies outside is moved to the nearer end, NaN is ignored
   */
  progress(percent: number, message?: string): void
}

/** Structured logging: fields first, as in pino, or a message alone. */
export interface Log {
  readonly debug: LogAt
  readonly info: LogAt
  readonly warn: LogAt
  readonly error: LogAt
}

export interface LogAt {
  (message: string): void
  (fields: object, message?: string): void
}

export type Labels = Readonly<Record<string, string | number | boolean>>

/**
 * Metrics of this actor, collected by its sidecar. A name is letters, digits and underscores and
 * does not begin with a digit. Measuring never fails a message: what cannot be kept (a bad name, a
 * value that is not finite) is dropped with a warning in the log.
 */
export interface Metrics {
  /** Adds to a counter. @param value 0 or more; 1 when left out */
  counter(name: string, value?: number, labels?: Labels): void
  /** Sets a gauge. */
  gauge(name: string, value: number, labels?: Labels): void
  /** Observes a value, such as a duration in seconds. */
  histogram(name: string, value: number, labels?: Labels): void
}

/** Where the message has been and where it goes. */
export interface RouteView {
  /** All steps, as they stand now. */
  readonly steps: readonly string[]
  /** The index of this step. */
  readonly current: number
  readonly done: readonly string[]
  readonly ahead: readonly string[]

  /**
   * Replaces the steps that are still ahead, for all outputs of this call; `[]` makes this step the
   * last. A handler that yields calls it before its first `yield`.
   *
   * @throws TypeError for a name that no queue can have, for more than 10,000 steps in all, or after
   *   the first `yield`
   */
  replaceAhead(steps: readonly string[]): void
}

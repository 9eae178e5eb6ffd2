/**
 * What a handler may throw to say what happens next, and what a bad definition throws.
 *
 * They are recognised by a brand, not by `instanceof`: a bundled actor and the runtime that loads
 * it hold two copies of these classes.
 */

/** The same in every copy of this package that a process may hold. */
const ERROR = Symbol.for('asya.error')

/** What the runtime makes of a thrown error. */
export type ErrorKind = 'retryable' | 'fatal' | 'validation'

/** Another attempt may help: the message is retried by the actor's policy. */
export class RetryableError extends Error {
  override readonly name: string = 'RetryableError'
  readonly [ERROR]: ErrorKind = 'retryable'
  /** The next attempt comes no earlier than after this many milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, options: ErrorOptions & { readonly retryAfterMs?: number } = {}) {
    super(message, options)
    this.retryAfterMs = options.retryAfterMs
  }
}

/** No other attempt can help: the message goes to `error-end` at once. */
export class FatalError extends Error {
  override readonly name: string = 'FatalError'
  readonly [ERROR]: ErrorKind = 'fatal'
}

/** The payload is not what it should be: the message goes to `error-end` at once. */
export class ValidationError extends Error {
  override readonly name: string = 'ValidationError'
  readonly [ERROR]: ErrorKind = 'validation'
}

/** What a thrown value asks for; undefined when it is none of the errors above. */
export function errorKindOf(thrown: unknown): ErrorKind | undefined {
  if (typeof thrown !== 'object' || thrown === null || !(ERROR in thrown)) return undefined
  const kind = thrown[ERROR]
  return kind === 'retryable' || kind === 'fatal' || kind === 'validation' ? kind : undefined
}

/** A definition that can never work: the module that holds it does not load. */
export class DefinitionError extends TypeError {
  override readonly name = 'DefinitionError'
  readonly code = 'invalid_definition'
  /** One line for each thing that is wrong. */
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

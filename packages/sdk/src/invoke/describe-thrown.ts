import { makeFailure, type Failure } from '@asya/protocol'
import { errorKindOf } from '../errors.ts'
import { nameOfConstructor } from './plain-object.ts'

/** An `import` of node:util also loads its differ and its parser of arguments: 3 MiB for nothing. */
const { inspect } = process.getBuiltinModule('node:util')

/** Deeper causes say no more, and a chain of causes may be a circle. */
const MAX_CAUSES = 5

/** What anything that a handler has thrown means. Never throws, whatever `thrown` is. */
export function describeThrown(thrown: unknown): Failure {
  try {
    return isErrorLike(thrown) ? describeError(thrown) : describeOther(thrown)
  } catch {
    return makeFailure('processing_error', 'the handler threw a value that cannot be read')
  }
}

interface ErrorLike {
  readonly name?: unknown
  readonly message: string
  readonly stack?: unknown
  readonly cause?: unknown
}

/** Not `instanceof Error`: errors of another realm, and of some libraries, are none. */
function isErrorLike(thrown: unknown): thrown is ErrorLike {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'message' in thrown &&
    typeof thrown.message === 'string'
  )
}

function describeError(error: ErrorLike): Failure {
  const exception = nameOf(error)
  const traceback = traceOf(error)
  const details = { exception, ...(traceback === '' ? {} : { traceback }) }
  // A failure without a word helps nobody: its class is better than nothing.
  const message = error.message === '' ? exception : error.message
  switch (errorKindOf(error)) {
    case 'validation':
      return makeFailure('validation_error', message, details)
    case 'fatal':
      return makeFailure('processing_error', message, { ...details, severity: 'fatal' })
    case 'retryable':
      return makeFailure('processing_error', message, { ...details, ...retryAfterOf(error) })
    case undefined:
      return makeFailure('processing_error', message, details)
  }
}

/** A wait that is no number of milliseconds is no reason to lose the error itself. */
function retryAfterOf(error: object): Pick<Failure, 'retryAfterMs'> {
  const wait: unknown = 'retryAfterMs' in error ? error.retryAfterMs : undefined
  return typeof wait === 'number' && Number.isFinite(wait) && wait >= 0
    ? { retryAfterMs: wait }
    : {}
}

/** A class that sets no name of its own has the name `Error`; its constructor says more. */
function nameOf(error: ErrorLike): string {
  const { name } = error
  if (typeof name === 'string' && name !== '' && name !== 'Error') return name
  const ofClass = nameOfConstructor(error)
  return ofClass === '' || ofClass === 'Object' ? 'Error' : ofClass
}

/** The stack, and below it the stacks of what caused it. */
function traceOf(error: ErrorLike): string {
  const traces: string[] = []
  let next: unknown = error
  while (isErrorLike(next) && traces.length < MAX_CAUSES) {
    const { stack } = next
    traces.push(
      typeof stack === 'string' && stack !== '' ? stack : `${nameOf(next)}: ${next.message}`,
    )
    next = next.cause
  }
  return traces.join('\ncaused by: ')
}

/** Longer texts say no more. */
const MAX_TEXT_LENGTH = 500

function describeOther(thrown: unknown): Failure {
  const text = inspect(thrown, { depth: 2, breakLength: Infinity }).slice(0, MAX_TEXT_LENGTH)
  return makeFailure('processing_error', `the handler threw ${text}, which is not an Error`)
}

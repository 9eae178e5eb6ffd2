import { makeFailure, type Failure } from '@asya/protocol'

/**
 * Checks what an actor takes and returns against the schemas of its types. `asya build` makes one for
 * each actor, as a module with these exports.
 */
export interface Guard {
  readonly checkInput: (value: unknown) => GuardMistake | undefined
  /** One result: an item of a fan-out, not the list. */
  readonly checkOutput: (value: unknown) => GuardMistake | undefined
}

/** The first thing that is wrong with a value. */
export interface GuardMistake {
  /** `$.items[3].at` */
  readonly path: string
  /** Completes the path: `is missing`, `must be a string, and is a number`. */
  readonly message: string
}

/** The payload is none that the actor takes: whoever sent it would send it again. */
export function refuseInput({ path, message }: GuardMistake): Failure {
  const text = `the payload is not what this actor takes: ${path} ${message}`
  return makeFailure('validation_error', text, { exception: 'InvalidInput' })
}

/**
 * The handler returned what its type does not promise.
 *
 * @param place where the output stands in the result, such as `$[3]`
 */
export function refuseOutput({ path, message }: GuardMistake, place: string): Failure {
  const text = `the handler's output is not what this actor returns: ${place}${path.slice(1)} ${message}`
  return makeFailure('validation_error', text, { exception: 'InvalidOutput' })
}

/**
 * What is wrong with an output. It travels as JSON, which drops members that are undefined: one that
 * is refused is looked at again as it would arrive.
 */
export function checkOutput(guard: Guard, value: unknown, text: string): GuardMistake | undefined {
  return guard.checkOutput(value) && guard.checkOutput(JSON.parse(text))
}

import type { Context } from './context.ts'
import { DefinitionError } from './errors.ts'
import type { CheckedHandler, NotInferred, OutputOf } from './handler.ts'
import { checkActorOptions, type ActorOptions } from './options.ts'

/** The same in every copy of this package that a process may hold. */
export const ACTOR = Symbol.for('asya.actor')

/** One step of a pipeline: a handler, with what its author says of how it is to be run. */
export interface Actor<In, Out> {
  readonly process: (payload: In, ctx: Context) => unknown
  /** As they were written. */
  readonly options: ActorOptions
  /** Only for the compiler: what one of its messages carries on. */
  readonly '~out'?: Out
}

/** An actor whose name is known to the compiler, which then names it in its errors. */
export interface NamedActor<In, Out, Name extends string> extends Actor<In, Out> {
  readonly options: ActorOptions<Name> & { readonly name: Name }
}

/** What defineActor returns. */
export type DefinedActor<In, Out, Name extends string> = string extends Name
  ? Actor<In, Out>
  : NamedActor<In, Out, Name>

/**
 * Makes an actor of a handler.
 *
 * The handler is given one payload and a context. What it returns travels on: a value is one
 * message; an array, a generator or an async iterable fans out, one message for each item; null or
 * undefined ends the pipeline for this message. (To send an array as one message, put it into an
 * object.) What it throws is retried by the actor's `retry` policy, unless it is a FatalError or a
 * ValidationError.
 *
 * Both payloads must survive JSON: a handler that takes or returns a Date, a Map, a bigint, any,
 * unknown, … does not compile.
 *
 * @throws DefinitionError for an option that is not allowed
 */
export function defineActor<
  In = NotInferred,
  Result = NotInferred,
  const Name extends string = string,
>(
  process: CheckedHandler<In, Result>,
  options: ActorOptions<Name> = {},
): DefinedActor<In, OutputOf<Result>, Name> {
  if (typeof process !== 'function')
    throw new DefinitionError([`defineActor takes a function, not ${describeKind(process)}`])
  const actor = { process, options: checkActorOptions(options), [ACTOR]: true }
  // The compiler cannot see through conditional types that are not decided yet.
  return Object.freeze(actor) as unknown as DefinedActor<In, OutputOf<Result>, Name>
}

/** What a value is, in words. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

/** Whether a value was made by defineActor, of this copy of the package or another. */
export function isActor(value: unknown): value is Actor<never, unknown> {
  return typeof value === 'object' && value !== null && ACTOR in value
}

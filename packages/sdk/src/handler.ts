import type { Context } from './context.ts'
import type { WhyLost, WhyNoPayload } from './json-type.ts'

/** What an author writes: one payload in; a value, a list, a stream or nothing out. */
export type Handler<In, Result> = (payload: In, ctx: Context) => Result | Promise<Result>

/**
 * What travels on from a handler that returns `Result`: null and undefined end the pipeline, arrays
 * and iterators fan out, anything else is one message.
 */
export type OutputOf<Result> = Result extends null | undefined | void
  ? never
  : Result extends readonly (infer Item)[]
    ? Item
    : Result extends AsyncIterable<infer Item>
      ? Item
      : Result extends Iterator<infer Item>
        ? Item
        : Result

/** Stands for a type that could not be inferred. */
export interface NotInferred {
  readonly '~notInferred': never
}

export type IsNotInferred<T> = 0 extends 1 & T
  ? false
  : [T] extends [never]
    ? false
    : [T] extends [NotInferred]
      ? true
      : false

/**
 * The handler's own type when its types can travel, else the sentence that says why not: the error
 * then reads "… is not assignable to parameter of type "In: at .created_at a Date does not …"".
 *
 * TypeScript checks a handler whose `ctx` has no annotation twice, first before anything is
 * inferred of it; that first check must pass.
 */
export type CheckedHandler<In, Result> =
  IsNotInferred<Result> extends true
    ? Handler<In, Result>
    : [WhyRefused<In, Result>] extends [never]
      ? Handler<In, Result>
      : WhyRefused<In, Result>

/** Why these two cannot travel, as a sentence; never when they can. */
export type WhyRefused<In, Result> =
  IsNotInferred<In> extends true
    ? 'In: the payload has no type; write it: (payload: Page) => …'
    : [WhyNoPayload<In>] extends [never]
      ? [WhyNoOutput<Result>] extends [never]
        ? never
        : `Out: ${WhyNoOutput<Result>}`
      : `In: ${WhyNoPayload<In>}`

type WhyNoOutput<Result> = [WhyLost<OutputOf<Result>>] extends [never]
  ? OutputOf<Result> extends NonNullable<OutputOf<Result>>
    ? never
    : 'null among the items of a fan-out; leave it out'
  : WhyLost<OutputOf<Result>>

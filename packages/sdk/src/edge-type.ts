import type { Actor, NamedActor } from './actor.ts'
import type { WhyUnfit } from './unfit-type.ts'

/** Whether each actor of a pipeline takes what the one before it gives, decided by the compiler. */

/** Any actor, whatever it takes and gives. */
export type AnyActor = Actor<never, unknown>

/**
 * The actors themselves, with a sentence in place of each one that does not take what comes before
 * it. The error then stands at that actor: "… is not assignable to type "step 1 → step 2: …"".
 */
export type CheckedActors<Actors extends readonly unknown[]> = Actors extends readonly []
  ? 'a pipeline needs at least one actor'
  : number extends Actors['length']
    ? 'the actors must be written out as a list, so that their order can be checked'
    : CheckSteps<Actors, readonly []>

/** Walks along the steps; `Done` holds those that were checked. */
type CheckSteps<
  Actors extends readonly unknown[],
  Done extends readonly unknown[],
> = Actors extends readonly [infer Next, ...infer Rest]
  ? CheckSteps<Rest, readonly [...Done, CheckStep<Done, Next>]>
  : Done

type CheckStep<Done extends readonly unknown[], Next> = Next extends AnyActor
  ? Done extends readonly [...unknown[], infer Last]
    ? CheckEdge<Last, Next, Step<Done['length'], Last>, Step<[...Done, 0]['length'], Next>>
    : Next
  : `step ${[...Done, 0]['length'] & number} is not an actor; make one with defineActor`

/** `step 2`, or `step 2 (read-page)` when the actor was given a name. */
type Step<Position, SomeActor> = Position extends number
  ? SomeActor extends NamedActor<never, unknown, infer Name>
    ? string extends Name
      ? `step ${Position}`
      : `step ${Position} (${Name})`
    : `step ${Position}`
  : never

type CheckEdge<Last, Next, First extends string, Second extends string> =
  // A step that does not compile is `any`: that is reported where it stands.
  true extends IsAny<Last> | IsAny<Next>
    ? Next
    : [Last, Next] extends [Actor<never, infer Out>, Actor<infer In, unknown>]
      ? [WhyNoFlow<Out, In, First, Second>] extends [infer Why extends string]
        ? [Why] extends [never]
          ? Next
          : `${First} → ${Second}: ${Why}`
        : Next
      : // The last step was refused itself, which is reported once.
        Next

type IsAny<T> = 0 extends 1 & T ? true : false

type WhyNoFlow<Out, In, First extends string, Second extends string> = [
  WhyOpaque<Out, `${First} gives`> | WhyOpaque<In, `${Second} takes`>,
] extends [never]
  ? [Out] extends [never]
    ? `${First} returns nothing, so ${Second} is never reached`
    : [AnyJson] extends [In]
      ? never
      : WhyUnfit<Out, In>
  : WhyOpaque<Out, `${First} gives`> | WhyOpaque<In, `${Second} takes`>

/** A type that says nothing would fit everything. */
type WhyOpaque<T, Who extends string> =
  IsAny<T> extends true
    ? `${Who} any; write its type, or Json`
    : unknown extends T
      ? `${Who} unknown; write its type, or Json`
      : never

/**
 * Json however it is declared, mutable or not. An interface is not assignable to an index
 * signature, but what takes any JSON takes it all the same.
 */
type AnyJson = string | number | boolean | null | AnyJson[] | { [name: string]: AnyJson }

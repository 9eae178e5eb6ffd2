import { describeKind, isActor, type Actor } from './actor.ts'
import type { AnyActor, CheckedActors } from './edge-type.ts'
import { DefinitionError } from './errors.ts'
import { checkPipelineOptions, type PipelineOptions } from './options.ts'

/** The same in every copy of this package that a process may hold. */
const PIPELINE = Symbol.for('asya.pipeline')

/** A named route whose types were checked from end to end. */
export interface Pipeline<In, Out> {
  /** In the order of the route. */
  readonly actors: readonly AnyActor[]
  /** As they were written. */
  readonly options: PipelineOptions
  /** Only for the compiler. */
  readonly '~in'?: (payload: In) => void
  /** Only for the compiler: one of its results; a job has one for each branch of its fan-outs. */
  readonly '~out'?: Out
}

type InputOfFirst<Actors extends readonly unknown[]> = Actors extends readonly [
  Actor<infer In, unknown>,
  ...unknown[],
]
  ? In
  : never

type OutputOfLast<Actors extends readonly unknown[]> = Actors extends readonly [
  ...unknown[],
  Actor<never, infer Out>,
]
  ? Out
  : never

/**
 * Makes a pipeline of actors, in the order in which a message visits them. What one gives must fit
 * what the next takes; after a fan-out the next takes one item. A wrong order does not compile.
 *
 * @throws DefinitionError for an option that is not allowed, or a step that is no actor
 */
export function definePipeline<const Actors extends readonly unknown[]>(
  actors: CheckedActors<Actors> extends Actors ? Actors : CheckedActors<Actors>,
  options: PipelineOptions = {},
): Pipeline<InputOfFirst<Actors>, OutputOfLast<Actors>> {
  return Object.freeze({
    actors: checkActors(actors),
    options: checkPipelineOptions(options),
    [PIPELINE]: true,
  })
}

/** What the compiler checked, for those who did not ask it. */
function checkActors(actors: unknown): readonly AnyActor[] {
  if (!Array.isArray(actors) || actors.length === 0)
    throw new DefinitionError(['definePipeline takes a list of at least one actor'])
  const steps: readonly unknown[] = actors
  const problems = steps.flatMap((step, index) =>
    isActor(step) ? [] : [`step ${index + 1} is ${describeStep(step)}, not an actor`],
  )
  if (problems.length > 0) throw new DefinitionError(problems)
  return Object.freeze(steps.filter(isActor))
}

function describeStep(step: unknown): string {
  if (isPipeline(step)) return 'a pipeline'
  if (typeof step === 'function') return 'a function that defineActor was not called with'
  if (step === undefined) return 'undefined (do two modules import each other?)'
  return describeKind(step)
}

/** Whether a value was made by definePipeline, of this copy of the package or another. */
export function isPipeline(value: unknown): value is Pipeline<never, unknown> {
  return typeof value === 'object' && value !== null && PIPELINE in value
}

import { ACTOR, describeKind, type Actor } from './actor.ts'
import { DefinitionError, FatalError } from './errors.ts'
import type { Handler, IsNotInferred, NotInferred, OutputOf, WhyRefused } from './handler.ts'
import {
  checkActorOptions,
  checkRemoteActorOptions,
  type ActorOptions,
  type RemoteActorOptions,
} from './options.ts'

/** The same in every copy of this package that a process may hold. */
const REMOTE = Symbol.for('asya.remote-actor')
const STAND_IN = Symbol.for('asya.stand-in')

/** Somebody else's actor: a queue, and the types of what it takes and gives. */
export interface RemoteActor<In, Out> extends Actor<In, Out> {
  /** As they were written. */
  readonly options: RemoteActorOptions
  /** The queue that it consumes: the step that stands in the route. */
  readonly queue: string
  /**
   * Makes a handler that takes its place where it is out of reach: in `testPipeline`, which is given
   * it as one of its `standIns`, and in `asya dev`, which finds it among the exports of the project.
   * The build leaves it out: what is deployed routes to the actor itself.
   *
   * ```ts
   * export const classifyHere = classify.standIn((text) => ({ label: 'letter' }))
   * ```
   *
   * @throws DefinitionError for an option that is not allowed
   */
  standIn(handler: Handler<In, ResultOf<Out>>, options?: StandInOptions): StandIn<In, Out>
}

/** Takes a remote actor's place. */
export interface StandIn<In, Out> extends Actor<In, Out> {
  readonly standsFor: RemoteActor<never, unknown>
}

/** Its name is that of the actor that it stands for. */
export type StandInOptions = Omit<ActorOptions, 'name'>

/** What a handler may return whose outputs are `Out`. */
type ResultOf<Out> = Out | readonly Out[] | AsyncIterable<Out> | null | undefined | void

/** The options when both types can travel, else the sentence that says why not. */
type CheckedOptions<In, Result> = [WhyRemoteRefused<In, Result>] extends [never]
  ? RemoteActorOptions
  : WhyRemoteRefused<In, Result>

type WhyRemoteRefused<In, Result> =
  IsNotInferred<In> extends true
    ? 'In: it has no type; write remoteActor<Page, Text>({ … })'
    : IsNotInferred<Result> extends true
      ? 'Out: it has no type; write remoteActor<Page, Text>({ … })'
      : WhyRefused<In, Result>

/**
 * Declares an actor that another team runs, or one in another language, so that a pipeline may route
 * to it with its types checked. Nothing of it is built or deployed here.
 *
 * The second type is what it returns, as if it were a handler: a list means that it fans out (the next
 * step takes one item), null that it may end the pipeline, void that it always does.
 *
 * ```ts
 * export const classify = remoteActor<Text, Label>({ name: 'classify', queue: 'team-b.classify' })
 * ```
 *
 * `asya import` writes these from an AsyncAPI document.
 *
 * @throws DefinitionError for an option that is missing or not allowed
 */
export function remoteActor<In = NotInferred, Result = NotInferred>(
  options: CheckedOptions<In, Result>,
): RemoteActor<In, OutputOf<Result>> {
  const checked = checkRemoteActorOptions(options)
  const queue = checked.queue ?? checked.name
  const actor = {
    process: (): never => {
      throw new FatalError(
        `${checked.name} is somebody else's actor: it is served at the queue ${queue}, not here`,
      )
    },
    options: checked,
    queue,
    standIn: (handler: unknown, ownOptions: StandInOptions = {}) =>
      makeStandIn(actor, handler, { ...ownOptions, name: checked.name }),
    [ACTOR]: true,
    [REMOTE]: true,
  }
  // The compiler cannot see through conditional types that are not decided yet.
  return Object.freeze(actor) as unknown as RemoteActor<In, OutputOf<Result>>
}

function makeStandIn(standsFor: object, process: unknown, options: ActorOptions): object {
  if (typeof process !== 'function')
    throw new DefinitionError([`standIn takes a function, not ${describeKind(process)}`])
  const checked = checkActorOptions(options)
  return Object.freeze({ process, options: checked, standsFor, [ACTOR]: true, [STAND_IN]: true })
}

/** Whether a value was made by remoteActor, of this copy of the package or another. */
export function isRemoteActor(value: unknown): value is RemoteActor<never, unknown> {
  return typeof value === 'object' && value !== null && REMOTE in value
}

/** Whether a value is a remote actor's stand-in, of this copy of the package or another. */
export function isStandIn(value: unknown): value is StandIn<never, unknown> {
  return typeof value === 'object' && value !== null && STAND_IN in value
}

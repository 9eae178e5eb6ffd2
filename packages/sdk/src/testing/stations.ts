import {
  END_RETRY_POLICY,
  ERROR_END,
  HAPPY_END,
  isActorName,
  nameFromExport,
  type Station,
} from '@asya/protocol'
import type { AnyActor } from '../edge-type.ts'
import { toRetryPolicy } from '../options.ts'
import { isRemoteActor } from '../remote-actor.ts'

/** What the sidecar of an actor knows of it. */
export function makeStation(actor: AnyActor, step: string): Station {
  const retry = toRetryPolicy(actor.options.retry)
  return { queue: step, isEnd: false, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry }
}

/** What the sidecar of an end actor knows of it. */
export function makeEnd(queue: typeof HAPPY_END | typeof ERROR_END): Station {
  return {
    queue,
    isEnd: true,
    happyEnd: HAPPY_END,
    errorEnd: ERROR_END,
    retry: END_RETRY_POLICY,
  }
}

/**
 * The name of a step: a remote actor's queue, the actor's `name`, else its handler's function name in kebab-case, else
 * `step-1`, `step-2`, … (A test does not see the names of exports.)
 */
export function nameStep(actor: AnyActor, index: number): string {
  if (isRemoteActor(actor)) return actor.queue
  const name = actor.options.name ?? nameFromExport(actor.process.name)
  return isActorName(name) ? name : `step-${index + 1}`
}

/**
 * The names of a pipeline's steps; an actor that comes twice has one name.
 *
 * @throws TypeError when there are too few or too many names, or two actors have one name
 */
export function nameSteps(
  actors: readonly AnyActor[],
  given: readonly string[] | undefined,
): readonly string[] {
  if (given && given.length !== actors.length)
    throw new TypeError(`steps has ${given.length} names for ${actors.length} actors`)
  const names = given ?? actors.map((actor) => nameStep(actor, actors.indexOf(actor)))
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name)
    if (actors[first] !== actors[index])
      throw new TypeError(
        `steps ${first + 1} and ${index + 1} are both named ${name}: give one of them a name of its own`,
      )
  }
  return names
}

import {
  decide,
  type Attempt,
  type Failure,
  type Message,
  type Outcome,
  type Station,
} from '@asya/protocol'
import type { Actor } from '../actor.ts'
import {
  makeFirstMessage,
  NO_JITTER,
  parseJsonBytes,
  throughQueue,
  type CallOptions,
} from './messages.ts'
import { Recorder, type Observations } from './recorder.ts'
import { runAttempt } from './run-attempt.ts'
import { makeStation, nameStep } from './stations.ts'

export interface TestActorOptions extends CallOptions {
  /** The steps of the route before this one; none when left out. */
  readonly done?: readonly string[]
  /** The steps of the route after this one; none when left out. */
  readonly ahead?: readonly string[]
}

/** What came of an actor's call, its retries included. */
export interface ActorRun<Out> extends Observations {
  readonly status: 'succeeded' | 'failed'
  /** One for each message that travels on; none when the pipeline ends here, or the call failed. */
  readonly outputs: readonly Out[]
  /** Why the last attempt failed; undefined when it succeeded. */
  readonly failure: Failure | undefined
  readonly attempts: readonly ActorAttempt[]
  /** The steps after this one, as the handler left them. */
  readonly ahead: readonly string[]
  /** Virtual time spent waiting between attempts. */
  readonly elapsedMs: number
}

export interface ActorAttempt {
  readonly attempt: number
  /** Undefined for the attempt that succeeded. */
  readonly failure?: Failure
  /** How long the next attempt waited; undefined for the last one. */
  readonly retriedAfterMs?: number
}

/**
 * Calls an actor as the runtime would, with the retries of its policy; waits between attempts take
 * no time. Payload and outputs go through JSON.
 *
 * ```ts
 * const shout = defineActor((page: { text: string }, ctx) => {
 *   ctx.progress(100)
 *   return { text: page.text.toUpperCase() }
 * })
 *
 * const run = await testActor(shout, { text: 'hello' })
 * expect(run.outputs).toEqual([{ text: 'HELLO' }])
 * expect(run.progress).toMatchObject([{ percent: 100 }])
 * ```
 *
 * @throws TypeError when `payload` does not survive JSON
 */
export async function testActor<In, Out>(
  actor: Actor<In, Out>,
  payload: In,
  options: TestActorOptions = {},
): Promise<ActorRun<Out>> {
  const { done = [], ahead = [], random = NO_JITTER, deadline, signal } = options
  const step = nameStep(actor, 0)
  const station = makeStation(actor, step)
  const recorder = new Recorder()
  const attempts: ActorAttempt[] = []
  const route = { steps: [...done, step, ...ahead], current: done.length }
  let elapsedMs = 0
  for (let message = throughQueue(makeFirstMessage(payload, route, options)); ;) {
    const outcome = await runAttempt({ actor, step, message, recorder, deadline, signal })
    const retry = findRetry(station, { message, outcome, random: random() })
    attempts.push(describeAttempt(message, outcome, retry?.delayMs))
    if (!retry) {
      const { progress, metrics, logs } = recorder
      return { ...summarise<Out>(message, outcome), attempts, elapsedMs, progress, metrics, logs }
    }
    elapsedMs += retry.delayMs
    message = throughQueue(retry.message)
  }
}

/** The next attempt, if the sidecar would make one. */
function findRetry(
  station: Station,
  attempt: Attempt,
): { readonly message: Message; readonly delayMs: number } | undefined {
  const decision = decide(station, attempt)
  if (decision.type !== 'publish' || decision.end !== 'retried') return undefined
  const [publication] = decision.publications
  return publication && { message: publication.message, delayMs: publication.delayMs ?? 0 }
}

function describeAttempt(
  { attempt }: Message,
  outcome: Outcome,
  retriedAfterMs: number | undefined,
): ActorAttempt {
  return {
    attempt,
    ...(outcome.type === 'failed' ? { failure: outcome.failure } : {}),
    ...(retriedAfterMs === undefined ? {} : { retriedAfterMs }),
  }
}

function summarise<Out>(
  { route }: Message,
  outcome: Outcome,
): Pick<ActorRun<Out>, 'status' | 'outputs' | 'failure' | 'ahead'> {
  const outputs = outcome.type === 'outputs' ? outcome.outputs : []
  const { steps } = outputs[0]?.route ?? route
  return {
    status: outcome.type === 'failed' ? 'failed' : 'succeeded',
    // Of the type that the compiler found for the actor's outputs.
    outputs: outputs.map((output) => parseJsonBytes(output.payload) as Out),
    failure: outcome.type === 'failed' ? outcome.failure : undefined,
    ahead: steps.slice(route.current + 1),
  }
}

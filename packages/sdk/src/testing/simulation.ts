import {
  decide,
  ERROR_END,
  HAPPY_END,
  JobCompletion,
  toUnroutable,
  type IdentifiedMessage,
  type Publication,
} from '@asya/protocol'
import type { AnyActor } from '../edge-type.ts'
import { NO_JITTER, parseJsonBytes, throughQueue, type CallOptions } from './messages.ts'
import { Recorder } from './recorder.ts'
import { runAttempt } from './run-attempt.ts'
import { makeEnd, makeStation } from './stations.ts'
import type { PipelineError, PipelineRun, TracedAttempt } from './pipeline-run.ts'
import { VirtualQueue } from './virtual-queue.ts'

/** Steps that one message visits, and attempts at all messages together: more is an endless loop. */
const MAX_VISITS = 1_000
const MAX_ATTEMPTS = 100_000

/**
 * One job of a pipeline, in this process.
 *
 * T1 What becomes of a message is decided by `decide`, and the job's end by `JobCompletion`, as in
 *    sidecars and gateway.
 * T2 Every message goes through its bytes between two steps.
 * T3 Messages are served one at a time, in the order in which they are due: a run can be repeated.
 */
export class Simulation {
  readonly #actors: ReadonlyMap<string, AnyActor>
  readonly #options: CallOptions
  readonly #queue = new VirtualQueue()
  readonly #completion = new JobCompletion()
  readonly #recorder = new Recorder()
  readonly #trace: TracedAttempt[] = []

  constructor(actors: ReadonlyMap<string, AnyActor>, options: CallOptions) {
    this.#actors = actors
    this.#options = options
  }

  /** Runs until every queue is empty (T3). */
  async run(first: Publication): Promise<void> {
    this.#queue.publish(first)
    for (let next = this.#queue.take(); next; next = this.#queue.take()) {
      await this.#deliver(next)
    }
  }

  report<Out>(): PipelineRun<Out> {
    const ends = this.#completion.collect()
    const results = ends.filter((end) => end.status === 'succeeded')
    const errors = ends.filter((end) => end.status === 'failed')
    const { progress, metrics, logs } = this.#recorder
    return {
      status: errors.length === 0 ? 'succeeded' : 'failed',
      // Of the type that the compiler found for the last actor's outputs.
      results: results.map((end) => parseJsonBytes(end.result) as Out | null),
      errors: errors.map((end) => parseJsonBytes(end.error) as PipelineError),
      trace: this.#trace,
      elapsedMs: this.#queue.nowMs,
      progress,
      metrics,
      logs,
    }
  }

  async #deliver(publication: Publication): Promise<void> {
    const { queue } = publication
    const message = throughQueue(publication.message) // T2
    if (isEnd(queue)) {
      this.#end(queue, message)
      return
    }
    const actor = this.#actors.get(queue)
    if (actor) await this.#serve(queue, actor, message)
    else throw new TypeError(`a message was published to ${queue}, where there is no actor`)
  }

  /** The job is told, as the end actor's sidecar tells the gateway (T1). */
  #end(queue: typeof HAPPY_END | typeof ERROR_END, message: IdentifiedMessage): void {
    const outcome = { type: 'outputs', outputs: [] } as const
    const decision = decide(makeEnd(queue), { message, outcome, random: 0 })
    if (decision.type === 'report' && decision.final) this.#completion.record(decision.final)
  }

  async #serve(step: string, actor: AnyActor, message: IdentifiedMessage): Promise<void> {
    if (message.route.current > MAX_VISITS || this.#trace.length > MAX_ATTEMPTS)
      throw new RangeError(`the messages never end: does a route lead back to ${step} each time?`)
    const { deadline, signal, random = NO_JITTER } = this.#options
    const recorder = this.#recorder
    const outcome = await runAttempt({ actor, step, message, recorder, deadline, signal })
    const station = makeStation(actor, step)
    const decision = decide(station, { message, outcome, random: random() })
    if (decision.type !== 'publish') return
    this.#trace.push({
      step,
      id: message.id,
      branch: message.branch.map((entry) => entry.index),
      attempt: message.attempt,
      outcome: decision.end,
      outputs: outcome.type === 'outputs' ? outcome.outputs.length : 0,
      ...(outcome.type === 'failed' ? { failure: outcome.failure } : {}),
      atMs: this.#queue.nowMs,
    })
    for (const publication of decision.publications) {
      const isBound = isEnd(publication.queue) || this.#actors.has(publication.queue)
      this.#queue.publish(isBound ? publication : toUnroutable(station, publication))
    }
  }
}

function isEnd(queue: string): queue is typeof HAPPY_END | typeof ERROR_END {
  return queue === HAPPY_END || queue === ERROR_END
}

import { createHash, randomUUID } from 'node:crypto'
import type { FinalReport, JsonBytes, ProgressReport } from '@asya/protocol'
import { EndWaits } from './end-waits.ts'
import { isEndState, isJobId } from './job.ts'
import type { EndedJob, Job, JobEnd, JobUpdate, NewJob } from './job.ts'
import type { FinalAnswer, JobFilter, JobStore } from './job-store.ts'
import type { Publisher } from './publisher.ts'
import type { UpdateHub } from './update-hub.ts'

/** A call of a tool whose arguments were checked. */
export interface Call {
  readonly tool: string
  readonly principal: string
  readonly route: readonly string[]
  readonly payload: JsonBytes
  readonly headers?: JsonBytes | undefined
  readonly isPartial?: boolean
  readonly replayOf?: string | undefined
  readonly idempotencyKey?: string | undefined
  readonly timeoutMs: number
}

export type Started =
  | { readonly type: 'created'; readonly jobId: string; readonly createdAt: Date }
  /** The same call was made before, and this is its job. */
  | { readonly type: 'repeated'; readonly jobId: string }
  /** Another call was made with the same idempotency key. */
  | { readonly type: 'conflict'; readonly jobId: string }

/** What this process hears of a job that it accepted. */
export type AcceptedJob = Pick<NewJob, 'id' | 'tool' | 'route'>

interface Parts {
  readonly store: JobStore
  readonly hub: UpdateHub
  readonly publisher: Publisher
  /** Told of jobs that this process ended. */
  readonly onEnded?: ((jobId: string) => void) | undefined
  /** Ids that nobody can guess, unless whoever can ask may see everything. */
  readonly makeId?: (() => string) | undefined
}

/**
 * Everything that is done with jobs, from outside (callers) and from inside (sidecars). Whoever calls
 * for a principal sees that principal's jobs alone; `undefined` sees all.
 */
export class Jobs {
  readonly #store: JobStore
  readonly #hub: UpdateHub
  readonly #publisher: Publisher
  readonly #ends: EndWaits
  readonly #makeId: () => string
  readonly #onEnded: Parts['onEnded']
  readonly #listeners = new Set<(job: AcceptedJob) => void>()

  constructor({ store, hub, publisher, onEnded, makeId = randomUUID }: Parts) {
    this.#store = store
    this.#hub = hub
    this.#ends = new EndWaits(store, hub)
    this.#publisher = publisher
    this.#makeId = makeId
    this.#onEnded = onEnded
  }

  /** Calls `tell` with each job that this process accepts from now on. */
  onAccepted(tell: (job: AcceptedJob) => void): void {
    this.#listeners.add(tell)
  }

  /** Accepts a call: when it resolves, the job is kept and will be run. */
  start(call: Call): Promise<Started> {
    const { idempotencyKey: key, isPartial = false, ...rest } = call
    const idempotency = key === undefined ? undefined : { key, hash: hashCall(call) }
    return this.#accept({ ...rest, id: this.#makeId(), isPartial, idempotency })
  }

  /** Starts a job with the same input; undefined when there is none to repeat. */
  async replay(id: string, principal: string | undefined): Promise<Started | undefined> {
    const input = isJobId(id) ? await this.#store.readInput(id) : undefined
    if (!input || !isVisible(input, principal)) return undefined
    return this.#accept({ ...input, id: this.#makeId(), replayOf: id })
  }

  async find(id: string, principal: string | undefined): Promise<Job | undefined> {
    const job = isJobId(id) ? await this.#store.find(id) : undefined
    return job && isVisible(job, principal) ? job : undefined
  }

  list(filter: JobFilter): Promise<readonly Job[]> {
    return this.#store.list(filter)
  }

  readEnd(id: string): Promise<JobEnd> {
    return this.#store.readEnd(id)
  }

  /** The payload that a job began with. */
  async readPayload(id: string): Promise<JsonBytes | undefined> {
    return (await this.#store.readInput(id))?.payload
  }

  /** Everything that was recorded of a job after `seq`, in order; at most a thousand. */
  readUpdates(jobId: string, seq = 0): Promise<readonly JobUpdate[]> {
    return this.#store.readUpdates([{ jobId, seq }])
  }

  /** Whether the end of a job is none of the updates after `seq`: there is nothing to wait for. */
  async hasEndedBefore(job: Job, seq: number): Promise<boolean> {
    if (!job.endedAt || seq === 0) return false
    for (let after = seq; ;) {
      const updates = await this.readUpdates(job.id, after)
      if (updates.some(({ type }) => isEndState(type))) return false
      const last = updates.at(-1)
      if (!last) return true
      after = last.seq
    }
  }

  /** False when it has ended already. Its handlers are stopped at their next heartbeat. */
  async cancel(id: string): Promise<boolean> {
    const isCancelled = await this.#store.end(id, 'cancelled')
    if (isCancelled) this.#noteEnd(id)
    return isCancelled
  }

  /** Calls `tell` with every update after `seq`, until the returned function is called. */
  follow(jobId: string, seq: number, tell: (updates: readonly JobUpdate[]) => void): () => void {
    return this.#hub.follow(jobId, seq, tell)
  }

  /** The job and its end; undefined when it has not ended within `waitMs`, or `signal` says to stop. */
  waitForEnd(jobId: string, waitMs: number, signal?: AbortSignal): Promise<EndedJob | undefined> {
    return this.#ends.wait(jobId, waitMs, signal)
  }

  async recordProgress(reports: readonly ProgressReport[]): Promise<void> {
    const fit = reports.filter(({ jobId }) => isJobId(jobId))
    await Promise.all(fit.map((report) => this.#store.recordProgress(report)))
    this.#hub.touch(new Set(fit.map(({ jobId }) => jobId)))
  }

  async recordFinal(final: FinalReport): Promise<FinalAnswer> {
    if (!isJobId(final.jobId)) return 'unknown'
    const answer = await this.#store.recordFinal(final)
    if (answer === 'completed') this.#noteEnd(final.jobId)
    return answer
  }

  /** `ended`: its handlers should stop. */
  async heartbeat(jobId: string): Promise<'open' | 'ended' | 'unknown'> {
    return isJobId(jobId) ? this.#store.heartbeat(jobId) : 'unknown'
  }

  async #accept(job: NewJob): Promise<Started> {
    const accepted = await this.#store.accept(job)
    if (accepted.type !== 'created') return accepted
    for (const tell of this.#listeners) tell(job)
    this.#publisher.send(job)
    this.#hub.touch([job.id])
    return { ...accepted, jobId: job.id }
  }

  #noteEnd(jobId: string): void {
    this.#hub.touch([jobId], true)
    this.#onEnded?.(jobId)
  }
}

function isVisible({ principal }: { principal: string }, asker: string | undefined): boolean {
  return asker === undefined || principal === asker
}

function hashCall({ payload, route }: Call): Buffer {
  return createHash('sha256').update(route.join()).update('\n').update(payload).digest()
}

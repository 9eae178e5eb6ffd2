import type { JsonBytes } from '@asya/protocol'

/**
 * A job: one tracked execution of a pipeline.
 *
 * pending → running → succeeded | failed | cancelled
 *
 * J1 It is kept before anybody hears of it, together with the message that it has yet to send.
 * J2 It ends once: what is reported afterwards changes nothing.
 * J3 Its updates are numbered from 1 in the order in which they were committed, without gaps.
 * J4 Only an end, its deadline or a cancel ends it: one that nobody hears of is stalled.
 */
export const JOB_STATES = ['pending', 'running', 'succeeded', 'failed', 'cancelled'] as const

export type JobState = (typeof JOB_STATES)[number]

const JOB_ID = /^[a-z0-9-]{8,36}$/

/** Ids of jobs are made here, of these letters: whatever else is asked for is no job. */
export function isJobId(id: string): boolean {
  return JOB_ID.test(id)
}

export interface Job {
  readonly id: string
  readonly tool: string
  /** Whom it belongs to; empty where nobody has to say who they are. */
  readonly principal: string
  readonly state: JobState
  /** Names of queues. */
  readonly route: readonly string[]
  readonly replayOf: string | undefined
  readonly createdAt: Date
  readonly startedAt: Date | undefined
  readonly endedAt: Date | undefined
  readonly deadlineAt: Date
  /** When one of its sidecars was last heard of. */
  readonly heardAt: Date | undefined
  /** Nothing was heard of it for a while. */
  readonly isStalled: boolean
  /** The number of its last update. */
  readonly seq: number
  /** 0 to 100; never falls. */
  readonly percent: number
  /** The data of its newest progress, a JSON object. */
  readonly progress: string | undefined
}

/** How a job ended: a JSON list of the branches' results, one of the errors of those that failed. */
export interface JobEnd {
  readonly results: JsonBytes | undefined
  readonly errors: JsonBytes | undefined
}

/** A job that ended, with what came of it. */
export interface EndedJob {
  readonly job: Job
  readonly end: JobEnd
}

export interface NewJob {
  readonly id: string
  readonly tool: string
  readonly principal: string
  readonly route: readonly string[]
  readonly payload: JsonBytes
  readonly headers?: JsonBytes | undefined
  readonly isPartial: boolean
  readonly replayOf?: string | undefined
  readonly idempotency?: Idempotency | undefined
  readonly timeoutMs: number
}

/** How long an idempotency key may be. */
export const MAX_KEY_LENGTH = 255

export function isIdempotencyKey(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY_LENGTH
}

export interface Idempotency {
  /** Of this principal's calls of this tool. */
  readonly key: string
  /** Of what the call asked for. */
  readonly hash: Buffer
}

export type UpdateType = JobState | 'progress' | 'stalled'

export interface JobUpdate {
  readonly jobId: string
  readonly seq: number
  readonly at: Date
  readonly type: UpdateType
  /** A JSON object. */
  readonly data: string
}

export function isEndState(state: UpdateType): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'cancelled'
}

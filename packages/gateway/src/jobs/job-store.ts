import { branchKey, toJsonBytes, type FinalReport, type JsonBytes } from '@asya/protocol'
import type { ProgressReport } from '@asya/protocol'
import { UnfitValueError } from '../errors.ts'
import type { Database } from '../database/database.ts'
import { Batcher } from './batcher.ts'
import type { EndedJob, Idempotency, Job, JobEnd, JobState, JobUpdate, NewJob } from './job.ts'
import type { UpdateType } from './job.ts'
import { toJobPercent, toProgressData } from './progress-data.ts'
import * as sql from './statements.ts'

export type Accepted =
  | { readonly type: 'created'; readonly createdAt: Date }
  /** The same call was accepted before, as this job. */
  | { readonly type: 'repeated'; readonly jobId: string }
  /** The key was used for a call with other arguments. */
  | { readonly type: 'conflict'; readonly jobId: string }

/** `unknown`: there is no such job; `ended`: it needs to hear no more. */
export type FinalAnswer = 'recorded' | 'completed' | 'repeated' | 'ended' | 'unknown'

/** What a new job with the same input needs. */
export type JobInput = Pick<
  NewJob,
  'tool' | 'principal' | 'route' | 'payload' | 'headers' | 'isPartial' | 'timeoutMs'
>

/** A first message that is to be sent. */
export type UnsentJob = Pick<NewJob, 'id' | 'route' | 'payload' | 'headers'>

export interface JobFilter {
  /** All principals' when undefined. */
  readonly principal: string | undefined
  readonly states: readonly JobState[] | undefined
  readonly tool: string | undefined
  /**
   * Only jobs that have this in their id, tool, progress or errors; of the newest 20,000. Without NUL,
   * which is no text to PostgreSQL.
   */
  readonly text?: string | undefined
  /** Only jobs that are older than this one. */
  readonly before: string | undefined
  readonly limit: number
}

export interface Cursor {
  readonly jobId: string
  /** The last update that is known. */
  readonly seq: number
}

/** What the database says of a value, not of its own state: the statement changed nothing. */
const isOfItem = (error: unknown): boolean => error instanceof UnfitValueError

/** Two commits at a time: one is written while the next is gathered. */
const MAX_BATCHES = 2

/** The tables of jobs. Everything that it changes is changed in one transaction. */
export class JobStore {
  readonly #database: Database
  readonly #accepts: Batcher<NewJob, Accepted>
  readonly #finals: Batcher<FinalReport, FinalAnswer>
  readonly #reports: Batcher<ProgressReport, true>

  constructor(database: Database) {
    this.#database = database
    this.#accepts = new Batcher({
      ...{ maxItems: 100, maxBatches: MAX_BATCHES, isOfItem },
      flush: (jobs) => this.#accept(jobs),
    })
    this.#finals = new Batcher({
      ...{ maxItems: 100, maxBatches: MAX_BATCHES, isOfItem },
      flush: (finals) => this.#recordFinals(finals),
    })
    // One at a time: a job's reports stay in the order in which they came.
    this.#reports = new Batcher({
      ...{ maxItems: 1_000, maxBatches: 1, isOfItem },
      flush: (reports) => this.#recordProgress(reports),
    })
  }

  /** Keeps a job and its first message; it is not sent yet (J1). */
  accept(job: NewJob): Promise<Accepted> {
    return this.#accepts.add(job)
  }

  async find(id: string): Promise<Job | undefined> {
    const [row] = await this.#database.query<JobRow>(sql.FIND, [id])
    return row && toJob(row)
  }

  /** The newest first. */
  async list({ principal, states, tool, text, before, limit }: JobFilter): Promise<readonly Job[]> {
    const values = [principal ?? null, states ?? null, tool ?? null, before ?? null, limit]
    const rows =
      text === undefined
        ? await this.#database.query<JobRow>(sql.LIST, values)
        : await this.#database.query<JobRow>(sql.SEARCH, [...values, text])
    return rows.map(toJob)
  }

  async readEnd(id: string): Promise<JobEnd> {
    const [row] = await this.#database.query<EndRow>(sql.READ_END, [id])
    return toEnd(row)
  }

  /** Those of the jobs that have ended, with what came of them. */
  async readEnded(ids: readonly string[]): Promise<readonly EndedJob[]> {
    const rows = await this.#database.query<JobRow & EndRow>(sql.READ_ENDED, [ids])
    return rows.map((row) => ({ job: toJob(row), end: toEnd(row) }))
  }

  async readInput(id: string): Promise<JobInput | undefined> {
    const [row] = await this.#database.query<InputRow>(sql.READ_INPUT, [id])
    if (!row) return undefined
    const { tool, principal, route, payload, headers } = row
    return {
      ...{ tool, principal, route, payload: toJsonBytes(payload), headers: toBytes(headers) },
      isPartial: row.is_partial,
      timeoutMs: row.timeout_ms,
    }
  }

  /** Of each job the updates after the cursor, in order; at most a thousand of one job. */
  async readUpdates(cursors: readonly Cursor[]): Promise<readonly JobUpdate[]> {
    const values = [cursors.map(({ jobId }) => jobId), cursors.map(({ seq }) => seq)]
    const rows = await this.#database.query<UpdateRow>(sql.READ_UPDATES, values)
    return rows.map(({ job_id: jobId, ...row }) => ({ jobId, ...row }))
  }

  recordProgress(report: ProgressReport): Promise<true> {
    return this.#reports.add(report)
  }

  recordFinal(final: FinalReport): Promise<FinalAnswer> {
    return this.#finals.add(final)
  }

  /** False when it has ended already, or there is no such job (J2). */
  async end(id: string, state: 'failed' | 'cancelled', errors?: JsonBytes): Promise<boolean> {
    const values = [id, state, errors ?? null, '{}']
    const [row] = await this.#database.query<{ is_ended: boolean }>(sql.END, values)
    return row?.is_ended === true
  }

  async heartbeat(id: string): Promise<'open' | 'ended' | 'unknown'> {
    const [row] = await this.#database.query<{ has_ended: boolean }>(sql.HEARTBEAT, [id])
    if (!row) return 'unknown'
    return row.has_ended ? 'ended' : 'open'
  }

  async claimUnsent(limit: number): Promise<readonly UnsentJob[]> {
    const rows = await this.#database.query<UnsentRow>(sql.CLAIM_UNSENT, [limit])
    return rows.map(({ id, route, payload, headers }) => ({
      ...{ id, route, payload: toJsonBytes(payload), headers: toBytes(headers) },
    }))
  }

  async forgetSent(ids: readonly string[]): Promise<void> {
    await this.#database.query(sql.FORGET_SENT, [ids])
  }

  async releaseUnsent(ids: readonly string[], waitMs: number): Promise<void> {
    await this.#database.query(sql.RELEASE_UNSENT, [ids, waitMs])
  }

  async countUnsent(): Promise<number> {
    const [row] = await this.#database.query<{ count: number }>(sql.COUNT_UNSENT)
    return row?.count ?? 0
  }

  async countOpen(): Promise<readonly OpenCount[]> {
    const rows = await this.#database.query<OpenRow>(sql.COUNT_OPEN)
    return rows.map(({ is_stalled: isStalled, ...row }) => ({ isStalled, ...row }))
  }

  /** How long jobs took that have ended; nothing of the others. */
  readDurations(ids: readonly string[]): Promise<readonly JobDuration[]> {
    return this.#database.query<JobDuration>(sql.READ_DURATIONS, [ids])
  }

  /** Fails jobs whose deadline has passed; returns their ids. */
  async endOverdue(): Promise<readonly string[]> {
    return toIds(await this.#database.query<{ id: string }>(sql.END_OVERDUE))
  }

  /** Marks running jobs that nobody was heard of for a while; returns their ids (J4). */
  async markStalled(silentMs: number): Promise<readonly string[]> {
    return toIds(await this.#database.query<{ id: string }>(sql.MARK_STALLED, [silentMs]))
  }

  /** Deletes some jobs that ended longer ago than `ageMs`; returns their ids. */
  async deleteOld(ageMs: number): Promise<readonly string[]> {
    return toIds(await this.#database.query<{ id: string }>(sql.DELETE_OLD, [ageMs]))
  }

  /** Whether the database answers and takes writes. */
  async ping(): Promise<boolean> {
    const [row] = await this.#database.query<{ is_read_only: boolean }>(sql.PING)
    return row?.is_read_only === false
  }

  async #accept(jobs: readonly NewJob[]): Promise<readonly Accepted[]> {
    const rows = await this.#database.query<{ id: string; created_at: Date }>(sql.ACCEPT, [
      jobs.map(({ id }) => id),
      jobs.map(({ tool }) => tool),
      jobs.map(({ principal }) => principal),
      jobs.map(({ route }) => route.join()),
      jobs.map(({ payload }) => payload),
      jobs.map(({ headers }) => headers ?? null),
      jobs.map(({ isPartial }) => isPartial),
      jobs.map(({ replayOf }) => replayOf ?? null),
      jobs.map(({ idempotency }) => idempotency?.key ?? null),
      jobs.map(({ idempotency }) => idempotency?.hash ?? null),
      jobs.map(({ timeoutMs }) => timeoutMs),
    ])
    const created = new Map(rows.map((row) => [row.id, row.created_at]))
    return Promise.all(
      jobs.map(async (job): Promise<Accepted> => {
        const createdAt = created.get(job.id)
        return createdAt ? { type: 'created', createdAt } : this.#refer(job)
      }),
    )
  }

  /** What became of a call whose idempotency key was used before. */
  async #refer({ principal, tool, idempotency }: NewJob): Promise<Accepted> {
    const { key, hash } = idempotency ?? NO_KEY
    const [row] = await this.#database.query<{ id: string; arguments_hash: Buffer }>(
      sql.FIND_BY_KEY,
      [principal, tool, key],
    )
    if (!row) throw new Error('a job was neither created nor found: was it deleted this moment?')
    return { type: row.arguments_hash.equals(hash) ? 'repeated' : 'conflict', jobId: row.id }
  }

  async #recordProgress(reports: readonly ProgressReport[]): Promise<readonly true[]> {
    await this.#database.query(sql.RECORD_PROGRESS, [
      reports.map(({ jobId }) => jobId),
      reports.map(toProgressData),
      reports.map(toJobPercent),
    ])
    return reports.map(() => true)
  }

  async #recordFinals(finals: readonly FinalReport[]): Promise<readonly FinalAnswer[]> {
    const rows = await this.#database.query<{ place: string; answer: FinalAnswer }>(
      sql.RECORD_FINALS,
      [
        finals.map(({ jobId }) => jobId),
        finals.map(({ branch }) => branchKey(branch)),
        finals.map(({ status }) => status),
        finals.map((final) => (final.status === 'succeeded' ? final.result : final.error)),
      ],
    )
    const answers = new Map(rows.map(({ place, answer }) => [Number(place), answer]))
    return finals.map((_, index) => answers.get(index + 1) ?? 'unknown')
  }
}

const NO_KEY: Idempotency = { key: '', hash: Buffer.alloc(0) }

export interface JobDuration {
  readonly tool: string
  readonly state: JobState
  readonly seconds: number
}

export interface OpenCount {
  readonly tool: string
  readonly state: JobState
  readonly isStalled: boolean
  readonly count: number
}

interface OpenRow {
  readonly tool: string
  readonly state: JobState
  readonly is_stalled: boolean
  readonly count: number
}

export interface JobRow {
  readonly id: string
  readonly tool: string
  readonly principal: string
  readonly state: JobState
  readonly route: string[]
  readonly replay_of: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
  readonly deadline_at: Date
  readonly heard_at: Date | null
  readonly is_stalled: boolean
  readonly seq: number
  readonly percent: number
  readonly progress: string | null
}

interface EndRow {
  readonly results: Buffer | null
  readonly errors: Buffer | null
}

interface FirstMessageRow {
  readonly route: string[]
  readonly payload: Buffer
  readonly headers: Buffer | null
}

interface UnsentRow extends FirstMessageRow {
  readonly id: string
}

interface InputRow extends FirstMessageRow {
  readonly tool: string
  readonly principal: string
  readonly is_partial: boolean
  readonly timeout_ms: number
}

interface UpdateRow {
  readonly job_id: string
  readonly seq: number
  readonly at: Date
  readonly type: UpdateType
  readonly data: string
}

export function toJob(row: JobRow): Job {
  const { id, tool, principal, state, route, seq, percent } = row
  return {
    ...{ id, tool, principal, state, route, seq, percent },
    replayOf: row.replay_of ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    deadlineAt: row.deadline_at,
    heardAt: row.heard_at ?? undefined,
    isStalled: row.is_stalled,
    progress: row.progress ?? undefined,
  }
}

function toEnd(row: EndRow | undefined): JobEnd {
  return { results: toBytes(row?.results), errors: toBytes(row?.errors) }
}

function toBytes(value: Buffer | null | undefined): JsonBytes | undefined {
  return value ? toJsonBytes(value) : undefined
}

function toIds(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map(({ id }) => id)
}

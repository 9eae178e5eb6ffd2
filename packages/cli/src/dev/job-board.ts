import type { Gateway, JobUpdate } from '@asya/gateway'
import { bytesToText, parseJson, scanArray, type JsonBytes } from '@asya/protocol'
import * as z from 'zod/mini'

/**
 * The jobs of a dev run as they are shown: what its gateway accepted, and what became of it. Only the
 * last MAX_FINISHED jobs that ended are kept.
 */
export type JobState =
  | { readonly status: 'pending' }
  | { readonly status: 'running' }
  /** JSON texts; null where a branch ended early. */
  | { readonly status: 'succeeded'; readonly results: readonly (string | null)[] }
  | { readonly status: 'failed'; readonly errors: readonly JobError[] }
  | { readonly status: 'cancelled' }

/** Why a branch failed, as it stands in the message at error-end. */
export interface JobError {
  readonly type: string
  readonly message: string
  readonly step: string
  readonly exception?: string
  readonly traceback?: string
  readonly attempts: number
}

interface JobProgress {
  readonly step: string
  /** From 0. */
  readonly stepIndex: number
  readonly totalSteps: number
  /** Of the whole job, 0 to 100; never falls. */
  readonly percent: number
  /** What the handler said last. */
  readonly message?: string
}

export interface Job {
  readonly id: string
  readonly pipeline: string
  readonly steps: readonly string[]
  readonly startedAtMs: number
  readonly endedAtMs?: number
  readonly state: JobState
  readonly progress?: JobProgress
}

const MAX_FINISHED = 1_000

/** What a gateway's update says of progress. */
const PROGRESS = z.object({
  step: z.string(),
  step_index: z.number(),
  total_steps: z.number(),
  job_percent: z.number(),
  message: z.optional(z.string()),
})

/** Where jobs come from: those of a gateway. */
export type JobSource = Pick<Gateway['jobs'], 'onAccepted' | 'follow' | 'readEnd'>

export class JobBoard {
  readonly #jobs = new Map<string, Job>()
  /** Ids of jobs that ended, oldest first. */
  readonly #finished: string[] = []
  readonly #listeners = new Set<(job: Job) => void>()

  /** Follows every job that a gateway accepts from now on. */
  watch(jobs: JobSource): void {
    jobs.onAccepted(({ id, tool, route }) => {
      this.#set({
        ...{
          id,
          pipeline: tool,
          steps: route,
          startedAtMs: Date.now(),
          state: { status: 'pending' },
        },
      })
      const stop = jobs.follow(id, 0, (updates) => {
        for (const update of updates) {
          if (update.type === 'progress') this.#recordProgress(update)
          if (!isEnd(update)) continue
          stop()
          void jobs.readEnd(id).then((end) => this.#end(id, toEndState(update, end)))
        }
      })
    })
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id)
  }

  /** In the order in which they were opened. */
  list(): readonly Job[] {
    return [...this.#jobs.values()]
  }

  /** Calls `tell` with each job that changes, until the returned function is called. */
  follow(tell: (job: Job) => void): () => void {
    this.#listeners.add(tell)
    return () => {
      this.#listeners.delete(tell)
    }
  }

  #recordProgress({ jobId, data }: JobUpdate): void {
    const job = this.#jobs.get(jobId)
    if (!job || isEnded(job)) return
    const { step, step_index, total_steps, job_percent, message } = z.parse(
      PROGRESS,
      JSON.parse(data),
    )
    const earlier = job.progress
    const percent = Math.max(earlier?.percent ?? 0, job_percent)
    const said = message ?? (earlier?.step === step ? earlier.message : undefined)
    const progress = {
      ...{ step, stepIndex: step_index, totalSteps: total_steps, percent },
      ...(said === undefined ? {} : { message: said }),
    }
    this.#set({ ...job, state: { status: 'running' }, progress })
  }

  #end(id: string, state: JobState): void {
    const job = this.#jobs.get(id)
    if (!job) return
    this.#finished.push(id)
    const oldest = this.#finished.length > MAX_FINISHED ? this.#finished.shift() : undefined
    if (oldest !== undefined) this.#jobs.delete(oldest)
    this.#set({ ...job, state, endedAtMs: Date.now() })
  }

  #set(job: Job): void {
    this.#jobs.set(job.id, job)
    for (const tell of this.#listeners) tell(job)
  }
}

export function isEnded(job: Job): boolean {
  return job.state.status !== 'pending' && job.state.status !== 'running'
}

type JobEnd = Awaited<ReturnType<JobSource['readEnd']>>

function isEnd({ type }: JobUpdate): boolean {
  return type === 'succeeded' || type === 'failed' || type === 'cancelled'
}

function toEndState({ type }: JobUpdate, { results, errors }: JobEnd): JobState {
  switch (type) {
    case 'succeeded':
      // A handler cannot send null: the sidecar writes it where a branch ended early.
      return {
        status: 'succeeded',
        results: listItems(results)
          .map(bytesToText)
          .map((text) => (text === 'null' ? null : text)),
      }
    case 'failed':
      return { status: 'failed', errors: listItems(errors).map(readError) }
    default:
      return { status: 'cancelled' }
  }
}

function listItems(list: JsonBytes | undefined): readonly JsonBytes[] {
  const items = list && scanArray(list, Infinity)
  return items?.ok === true ? items.value : []
}

/** Reads the `error` member of a message at error-end; what is missing is made up. */
export function readError(bytes: Parameters<typeof parseJson>[0]): JobError {
  const parsed = parseJson(bytes)
  const fields = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []
  const members = new Map<string, unknown>(fields)
  const text = (name: string): string | undefined => {
    const value = members.get(name)
    return typeof value === 'string' ? value : undefined
  }
  const exception = text('exception')
  const traceback = text('traceback')
  const attempts = members.get('attempts')
  return {
    type: text('type') ?? 'processing_error',
    message: text('message') ?? 'the error says nothing',
    step: text('step') ?? '?',
    attempts: typeof attempts === 'number' ? attempts : 1,
    ...(exception === undefined ? {} : { exception }),
    ...(traceback === undefined ? {} : { traceback }),
  }
}

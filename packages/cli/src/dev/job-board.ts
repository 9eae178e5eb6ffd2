import { JobCompletion, branchKey, bytesToText, parseJson } from '@asya/protocol'
import type { Branch, BranchEnd, FinalReport, ProgressReport } from '@asya/protocol'

/**
 * The jobs of a dev run: pending → running → succeeded | failed | cancelled.
 *
 * J1 A job ends once: what is reported afterwards changes nothing.
 * J2 It ends when all its branches did, with their results in the order of the fan-outs; one branch
 *    that failed fails it.
 * J3 Only the last MAX_FINISHED jobs that ended are kept.
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

export type NewJob = Pick<Job, 'id' | 'pipeline' | 'steps'>

const MAX_FINISHED = 1_000

interface Entry {
  job: Job
  readonly completion: JobCompletion
  readonly ended: Set<string>
  /** Share of the job's branches that ended, 0 to 1. */
  share: number
}

export class JobBoard {
  readonly #entries = new Map<string, Entry>()
  /** Ids of jobs that ended, oldest first. */
  readonly #finished: string[] = []
  readonly #listeners = new Set<(job: Job) => void>()

  open(opened: NewJob): void {
    const job: Job = { ...opened, startedAtMs: Date.now(), state: { status: 'pending' } }
    const completion = new JobCompletion()
    this.#set({ job, completion, ended: new Set(), share: 0 }, job)
  }

  find(id: string): Job | undefined {
    return this.#entries.get(id)?.job
  }

  /** In the order in which they were opened. */
  list(): readonly Job[] {
    return [...this.#entries.values()].map((entry) => entry.job)
  }

  /** Calls `tell` with each job that changes, until the returned function is called. */
  follow(tell: (job: Job) => void): () => void {
    this.#listeners.add(tell)
    return () => {
      this.#listeners.delete(tell)
    }
  }

  recordProgress(report: ProgressReport): void {
    const entry = this.#entries.get(report.jobId)
    if (!entry || isEnded(entry.job)) return
    const { step, stepIndex, totalSteps, message } = report
    const earlier = entry.job.progress
    const percent = Math.max(earlier?.percent ?? 0, toPercent(report))
    const said = message ?? (earlier?.step === step ? earlier.message : undefined)
    this.#set(entry, {
      ...entry.job,
      state: { status: 'running' },
      progress: {
        step,
        stepIndex,
        totalSteps,
        percent,
        ...(said === undefined ? {} : { message: said }),
      },
    })
  }

  /** Takes the end of a branch. `gone`: nobody needs to hear of this job any more. */
  recordFinal(final: FinalReport): 'recorded' | 'gone' {
    const entry = this.#entries.get(final.jobId)
    if (!entry || isEnded(entry.job)) return 'gone'
    if (entry.completion.record(final)) {
      this.#end(entry, toEndState(entry.completion.collect()))
      return 'recorded'
    }
    const key = branchKey(final.branch)
    if (!entry.ended.has(key)) {
      entry.ended.add(key)
      entry.share += shareOf(final.branch)
    }
    const { progress } = entry.job
    if (progress) this.#set(entry, { ...entry.job, progress: advance(progress, entry.share) })
    return 'recorded'
  }

  /** False when the job is unknown or has ended. */
  cancel(id: string): boolean {
    const entry = this.#entries.get(id)
    if (!entry || isEnded(entry.job)) return false
    this.#end(entry, { status: 'cancelled' })
    return true
  }

  #end(entry: Entry, state: JobState): void {
    const { id } = entry.job
    this.#finished.push(id)
    const oldest = this.#finished.length > MAX_FINISHED ? this.#finished.shift() : undefined
    if (oldest !== undefined) this.#entries.delete(oldest)
    this.#set(entry, { ...entry.job, state, endedAtMs: Date.now() })
  }

  #set(entry: Entry, job: Job): void {
    entry.job = job
    this.#entries.set(job.id, entry)
    for (const tell of this.#listeners) tell(job)
  }
}

export function isEnded(job: Job): boolean {
  return job.state.status !== 'pending' && job.state.status !== 'running'
}

function toEndState(ends: readonly BranchEnd[]): JobState {
  const errors = ends.filter((end) => end.status === 'failed').map((end) => readError(end.error))
  if (errors.length > 0) return { status: 'failed', errors }
  const results = ends.filter((end) => end.status === 'succeeded').map((end) => end.result)
  return {
    status: 'succeeded',
    // A handler cannot send null: the sidecar writes it where a branch ended early.
    results: results.map((result) => {
      const text = bytesToText(result)
      return text === 'null' ? null : text
    }),
  }
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

/** A branch's part of the whole, if all children of a fan-out count alike. */
function shareOf(branch: Branch): number {
  return branch.reduce((share, entry) => share / entry.count, 1)
}

/** What is reported of one branch says little of the others: the end alone makes it 100. */
const MAX_PERCENT = 99

function toPercent(report: ProgressReport): number {
  const within = report.status === 'completed' ? 1 : (report.percent ?? 0) / 100
  // The last step's end is counted by the branches that end, for there may be many.
  const isLast = report.stepIndex + 1 >= report.totalSteps
  const done = report.stepIndex + (isLast && report.status === 'completed' ? 0 : within)
  return Math.min(MAX_PERCENT, Math.floor((100 * done) / Math.max(1, report.totalSteps)))
}

function advance(progress: JobProgress, share: number): JobProgress {
  const done = (progress.totalSteps - 1 + Math.min(1, share)) / progress.totalSteps
  const percent = Math.min(MAX_PERCENT, Math.floor(100 * done))
  return { ...progress, percent: Math.max(progress.percent, percent) }
}

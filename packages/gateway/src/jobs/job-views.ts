import { toJsonBytes, type JsonBytes } from '@asya/protocol'
import type { Database } from '../database/database.ts'
import type { Job, JobState, JobUpdate } from './job.ts'
import { toJob, type JobRow } from './job-store.ts'
import * as sql from './view-statements.ts'

/** Of one tool, in one state, of the last day. */
export interface StateCount {
  readonly tool: string
  readonly state: JobState
  readonly count: number
  readonly stalled: number
  /** From the call to the end; undefined where none has ended. */
  readonly medianMs: number | undefined
}

export interface RunningJob {
  readonly tool: string
  /** A JSON object. */
  readonly progress: string
}

type BranchStatus = 'succeeded' | 'failed' | 'fanned-out'

/** A branch that ended, or that fanned out and whose children all ended. */
interface BranchView {
  /** `index.count.generation` of each fan-out on its path, with slashes between; the root's is empty. */
  readonly branch: string
  readonly status: BranchStatus
  /** Of its children that supply its results. */
  readonly generation: string | undefined
  /** Of its result or error, in bytes. */
  readonly size: number | undefined
}

/** A fan-out: how many of the children of a branch have ended. */
interface GenerationView {
  readonly branch: string
  readonly generation: string
  readonly count: number
  readonly done: number
}

/** The fan-outs of a job, as far as they have ended; of many branches only some. */
export interface TreeView {
  readonly branches: readonly BranchView[]
  readonly generations: readonly GenerationView[]
  /** Of all branches, also those that are not in `branches`. */
  readonly counts: Readonly<Record<BranchStatus, number>>
}

export interface BranchEndView {
  readonly status: BranchStatus
  /** Its result, or its error. */
  readonly body: JsonBytes | undefined
}

/** More than one looks at. */
const MAX_BRANCHES = 2_000
const MAX_LATE = 1_000

/** What is shown of jobs, beyond what callers are told: the dashboard's questions. */
export class JobViews {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async readMany(ids: readonly string[]): Promise<readonly Job[]> {
    return (await this.#database.query<JobRow>(sql.READ_MANY, [ids])).map(toJob)
  }

  async summarise(principal: string): Promise<readonly StateCount[]> {
    const rows = await this.#database.query<StateRow>(sql.SUMMARISE, [principal])
    return rows.map(({ median_ms: medianMs, ...row }) => ({
      ...row,
      medianMs: medianMs ?? undefined,
    }))
  }

  /** At most 2,000 of them. */
  readRunning(principal: string): Promise<readonly RunningJob[]> {
    return this.#database.query<RunningRow>(sql.READ_RUNNING, [principal])
  }

  async readTree(jobId: string): Promise<TreeView> {
    const [branches, generations, counts] = await Promise.all([
      this.#database.query<BranchRow>(sql.READ_BRANCHES, [jobId, MAX_BRANCHES]),
      this.#database.query<GenerationRow>(sql.READ_GENERATIONS, [jobId, MAX_BRANCHES]),
      this.#database.query<CountRow>(sql.COUNT_BRANCHES, [jobId]),
    ])
    const count = (status: BranchStatus): number =>
      counts.find((row) => row.status === status)?.count ?? 0
    return {
      branches: branches.map(({ branch, status, generation, size }) => ({
        ...{ branch, status, generation: generation ?? undefined, size: size ?? undefined },
      })),
      generations,
      counts: {
        succeeded: count('succeeded'),
        failed: count('failed'),
        'fanned-out': count('fanned-out'),
      },
    }
  }

  /** The updates after a job's end, in order: sidecars tell of their steps a little later. */
  readLate(jobId: string): Promise<readonly JobUpdate[]> {
    return this.#database.query<JobUpdate>(sql.READ_LATE, [jobId, MAX_LATE])
  }

  /** How a branch ended; undefined when it has not. */
  async readBranch(jobId: string, branch: string): Promise<BranchEndView | undefined> {
    const [row] = await this.#database.query<BranchEndRow>(sql.READ_BRANCH, [jobId, branch])
    return row && { status: row.status, body: row.body ? toJsonBytes(row.body) : undefined }
  }
}

interface StateRow {
  readonly tool: string
  readonly state: JobState
  readonly count: number
  readonly stalled: number
  readonly median_ms: number | null
}

interface RunningRow {
  readonly tool: string
  readonly progress: string
}

interface BranchRow {
  readonly branch: string
  readonly status: BranchStatus
  readonly generation: string | null
  readonly size: number | null
}

interface GenerationRow {
  readonly branch: string
  readonly generation: string
  readonly count: number
  readonly done: number
}

interface CountRow {
  readonly status: BranchStatus
  readonly count: number
}

interface BranchEndRow {
  readonly status: BranchStatus
  readonly body: Buffer | null
}

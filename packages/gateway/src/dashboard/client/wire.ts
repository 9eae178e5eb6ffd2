/** What the gateway answers, under the names of the wire. */

export const STATES = ['pending', 'running', 'succeeded', 'failed', 'cancelled'] as const

export type JobState = (typeof STATES)[number]

export interface ProgressData {
  readonly step: string
  readonly step_index: number
  readonly total_steps: number
  readonly status: 'received' | 'processing' | 'completed'
  readonly actor_name: string
  readonly percent?: number
  readonly message?: string
  readonly duration_ms?: number
}

export interface Job {
  readonly job_id: string
  readonly tool: string
  readonly state: JobState
  readonly route: readonly string[]
  readonly percent: number
  readonly stalled: boolean
  readonly replay_of?: string
  readonly created_at: string
  readonly started_at?: string
  readonly ended_at?: string
  readonly deadline_at: string
  readonly progress?: ProgressData
}

export interface JobPage {
  readonly jobs: readonly Job[]
  /** The last of the page, when there are more. */
  readonly next?: string
}

export type JobUpdate = {
  readonly job_id: string
  readonly seq: number
  /** ISO 8601. */
  readonly at: string
} & ({ readonly type: JobState | 'stalled' } | ({ readonly type: 'progress' } & ProgressData))

/** The beginning of a JSON value, and how many bytes all of it has. */
export interface Excerpt {
  readonly text: string
  readonly bytes: number
}

/** The first of some payloads, and how many there are. */
export interface Payloads {
  readonly excerpts: readonly Excerpt[]
  readonly count: number
}

/** A message at a step. */
export interface StepMessage {
  /** As of `Branch`. */
  readonly branch: string
  readonly before?: Payloads
  readonly after?: Payloads
}

export interface JobError {
  readonly type: string
  readonly step?: string
  readonly message: string
  readonly exception?: string
  readonly traceback?: string
  readonly attempts?: number
  readonly rest?: string
}

export type BranchStatus = 'succeeded' | 'failed' | 'fanned-out'

export interface Branch {
  /** `index.count.generation` for each fan-out, with slashes between. */
  readonly branch: string
  readonly status: BranchStatus
  readonly generation?: string
  readonly size?: number
}

interface Generation {
  readonly branch: string
  readonly generation: string
  readonly count: number
  readonly done: number
}

export interface Tree {
  readonly branches: readonly Branch[]
  readonly generations: readonly Generation[]
  readonly counts: Readonly<Record<BranchStatus, number>>
}

export interface JobDetails {
  readonly job: Job
  /** What was told after its end, which is not in its stream. */
  readonly late: readonly JobUpdate[]
  readonly shows_payloads: boolean
  readonly input?: Excerpt
  readonly results?: Excerpt
  readonly errors: readonly JobError[]
  readonly error_count: number
  readonly tree: Tree
}

export interface BranchEnd {
  readonly status: BranchStatus
  readonly result?: Excerpt
  readonly errors?: readonly JobError[]
}

export interface Tool {
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly deprecated?: string
  readonly input_schema: Readonly<Record<string, unknown>>
  readonly results: 'one' | 'optional' | 'many' | 'none'
  readonly route: readonly string[]
  readonly timeout_ms: number
}

export interface ToolSummary {
  readonly states: Readonly<Partial<Record<JobState, number>>>
  readonly stalled: number
  readonly median_ms?: number
}

export interface Summary {
  readonly tools: Readonly<Record<string, ToolSummary>>
  /** By tool and index of the step. */
  readonly running: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export function hasEnded({ state }: Pick<Job, 'state'>): boolean {
  return isEnd(state)
}

export function isEnd(type: string): boolean {
  return type === 'succeeded' || type === 'failed' || type === 'cancelled'
}

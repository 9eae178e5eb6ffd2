import type { EndOfHop, Failure } from '@asya/protocol'
import type { Observations } from './recorder.ts'

/** What came of a pipeline's job. */
export interface PipelineRun<Out> extends Observations {
  /** Failed when any of its branches failed. */
  readonly status: 'succeeded' | 'failed'
  /** One for each branch that succeeded, in order; null where a handler ended the pipeline early. */
  readonly results: readonly (Out | null)[]
  /** One for each branch that failed, in order. */
  readonly errors: readonly PipelineError[]
  /** Every attempt that was made, in order. */
  readonly trace: readonly TracedAttempt[]
  /** Virtual time: only the waits between attempts take any. */
  readonly elapsedMs: number
}

/** What `error-end` is told. */
export interface PipelineError {
  /** A failure code, or `unroutable`. */
  readonly type: string
  readonly message: string
  readonly step: string
  readonly attempts: number
  /** Name of the exception's class. */
  readonly exception?: string
  readonly traceback?: string
}

export interface TracedAttempt {
  readonly step: string
  readonly id: string
  /** The message's place in the fan-outs so far: `[]` is the root, `[2, 0]` the first of the third. */
  readonly branch: readonly number[]
  readonly attempt: number
  /** `ended`: the handler returned nothing. `retried` and `failed`: see `failure`. */
  readonly outcome: EndOfHop
  /** How many messages it sent on. */
  readonly outputs: number
  readonly failure?: Failure
  /** Virtual time since the start. */
  readonly atMs: number
}

import type { JobState, JobUpdate, ProgressData } from './wire.ts'

/** What a job's updates say of one of its steps. Times are those at which the gateway was told. */
export interface StepLife {
  readonly index: number
  readonly name: string
  /** How many messages came, and how many the handler has answered: more than one after a fan-out. */
  readonly received: number
  readonly completed: number
  readonly firstMs: number | undefined
  readonly lastMs: number | undefined
  /** Of the handler, over all messages that it answered. */
  readonly durationSumMs: number
  readonly durationMaxMs: number
  /** What the handler said last. */
  readonly message: string | undefined
  readonly percent: number | undefined
}

export interface JobLife {
  readonly steps: readonly StepLife[]
  /** The newest, at most MAX_LOG of them. */
  readonly log: readonly JobUpdate[]
  readonly updateCount: number
  readonly end: JobState | undefined
}

const MAX_LOG = 200

export function beginLife(route: readonly string[]): JobLife {
  const steps = route.map((name, index): StepLife => beginStep(index, name))
  return { steps, log: [], updateCount: 0, end: undefined }
}

function beginStep(index: number, name: string): StepLife {
  return {
    ...{ index, name, received: 0, completed: 0, firstMs: undefined, lastMs: undefined },
    ...{ durationSumMs: 0, durationMaxMs: 0, message: undefined, percent: undefined },
  }
}

/** The life after some more updates, which are in order. */
export function goOn(life: JobLife, updates: readonly JobUpdate[]): JobLife {
  const steps = [...life.steps]
  let { end } = life
  for (const update of updates) {
    if (update.type === 'progress') takeProgress(steps, update)
    else if (update.type !== 'stalled' && update.type !== 'pending') end = update.type
  }
  return {
    steps,
    log: [...life.log, ...updates].slice(-MAX_LOG),
    updateCount: life.updateCount + updates.length,
    end,
  }
}

/** Routes may be changed on the way, and grow. */
const MAX_STEPS = 1_000

function takeProgress(steps: StepLife[], update: ProgressData & { readonly at: string }): void {
  const { step_index: index, step: name, status, duration_ms: durationMs = 0 } = update
  if (index >= MAX_STEPS) return
  while (steps.length < index) steps.push(beginStep(steps.length, '?'))
  const before = steps[index] ?? beginStep(index, name)
  const atMs = Date.parse(update.at)
  const isDone = status === 'completed'
  steps[index] = {
    ...{ index, name },
    received: before.received + (status === 'received' ? 1 : 0),
    completed: before.completed + (isDone ? 1 : 0),
    firstMs: Math.min(before.firstMs ?? atMs, atMs),
    lastMs: Math.max(before.lastMs ?? atMs, atMs),
    durationSumMs: before.durationSumMs + (isDone ? durationMs : 0),
    durationMaxMs: Math.max(before.durationMaxMs, isDone ? durationMs : 0),
    message: update.message ?? before.message,
    percent: isDone ? undefined : (update.percent ?? before.percent),
  }
}

export type StepState = 'waiting' | 'active' | 'done' | 'failed' | 'stopped'

/** How a step is, in a job that may have failed at one. */
export function stateOf(
  step: StepLife,
  { jobState, failedSteps }: { jobState: JobState; failedSteps: ReadonlySet<string> },
): StepState {
  if (failedSteps.has(step.name)) return 'failed'
  const isOpen = jobState === 'pending' || jobState === 'running'
  if (step.received === 0 && step.completed === 0) return isOpen ? 'waiting' : 'stopped'
  if (step.completed >= step.received || jobState === 'succeeded') return 'done'
  return isOpen ? 'active' : 'stopped'
}

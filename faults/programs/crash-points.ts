/** Where a sidecar can be ended by force: everything that happens between two of these is one step. */
export const CRASH_STEPS = [
  'after-deliver',
  'before-call',
  'mid-write',
  'mid-read',
  'after-reply',
  'after-publish',
  'after-confirm',
  'before-ack',
  'after-ack',
] as const

export type CrashStep = (typeof CRASH_STEPS)[number]

/** The process ends the `occurrence`-th time that it reaches the step. */
export interface CrashPlan {
  readonly step: CrashStep
  readonly occurrence: number
}

export class CrashPoints {
  readonly #plan: CrashPlan | undefined
  #reached = 0

  constructor(plan: CrashPlan | undefined) {
    this.#plan = plan
  }

  /** Ends the process if this is the place and the time. */
  reach(step: CrashStep): void {
    if (this.isNow(step)) endNow()
  }

  /** True when this is the place and the time, for steps that end in the middle of something. */
  isNow(step: CrashStep): boolean {
    if (this.#plan?.step !== step) return false
    this.#reached += 1
    return this.#reached === this.#plan.occurrence
  }
}

/** As the kernel ends a process that has used too much memory: no handler runs, nothing is flushed. */
export function endNow(): void {
  process.kill(process.pid, 'SIGKILL')
}

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

/** And where a gateway can be, from a call that it was sent to the message that is known to be sent. */
export const GATEWAY_CRASH_STEPS = [
  'before-commit',
  'mid-commit',
  'after-commit',
  'after-answer',
  'after-publish',
  'after-confirm',
  'mid-forget',
  'after-forget',
] as const

export type GatewayCrashStep = (typeof GATEWAY_CRASH_STEPS)[number]

/** The process ends the `occurrence`-th time that it reaches the step. */
export interface CrashPlan<Step extends string = CrashStep> {
  readonly step: Step
  readonly occurrence: number
}

/** The plan that a program is started with: a step, and an occurrence; undefined when there is none. */
export function readPlan<Step extends string>(steps: readonly Step[]): CrashPlan<Step> | undefined {
  const [name, occurrence] = process.argv.slice(2)
  const step = steps.find((each) => each === name)
  return step && { step, occurrence: Number(occurrence) }
}

export class CrashPoints<Step extends string = CrashStep> {
  readonly #plan: CrashPlan<Step> | undefined
  #reached = 0

  constructor(plan: CrashPlan<Step> | undefined) {
    this.#plan = plan
  }

  /** Ends the process if this is the place and the time. */
  reach(step: Step): void {
    if (this.isNow(step)) endNow()
  }

  /** Ends the process when what was written in this turn is with the kernel. */
  reachInFlight(step: Step): void {
    // Clients write at the end of their turn.
    if (this.isNow(step)) setImmediate(() => setImmediate(endNow))
  }

  /** True when this is the place and the time, for steps that end in the middle of something. */
  isNow(step: Step): boolean {
    if (this.#plan?.step !== step) return false
    this.#reached += 1
    return this.#reached === this.#plan.occurrence
  }
}

/** As the kernel ends a process that has used too much memory: no handler runs, nothing is flushed. */
export function endNow(): void {
  process.kill(process.pid, 'SIGKILL')
}

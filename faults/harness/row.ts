import type { Trial } from './trial.ts'

/** A fault: how it is made, how often, and what it may cost. */
export interface Row {
  readonly name: string
  /** For people: what is done. */
  readonly says: string
  readonly trials: { readonly quick: number; readonly full: number }
  /** It disturbs whoever shares the broker. */
  readonly isExclusive?: boolean
  /** How long everything may take to end after the faults are lifted; 60 s unless told. */
  readonly drainMs?: number
  /** How long the fault itself may take; three minutes unless told. */
  readonly limitMs?: number
  /** Duplicates are counted and not bounded, as where queues are classic. */
  readonly hasUnboundedDuplicates?: boolean
  /** The 99th percentile of the times to recover must be below. */
  readonly recoversWithinMs?: number
  /** Must lose messages: proves that the harness sees it when some are lost. */
  readonly isControl?: boolean
  /** It shows by itself that the system lives on. */
  readonly hasOwnCanary?: boolean
  /** The way of the canary, when not through all actors. */
  canarySteps?(trial: Trial): readonly string[]
  /** Makes the fault under load. Afterwards all is lifted, drained and counted. */
  run(trial: Trial): Promise<void>
}

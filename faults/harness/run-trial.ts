import type { Tally } from './ledger.ts'
import type { Row } from './row.ts'
import { Trial, type Count, type Timing, type TrialOptions } from './trial.ts'

export interface TrialResult extends Tally {
  readonly row: string
  readonly seed: number
  readonly faults: number
  readonly allowedDuplicates: number
  readonly recoveriesMs: readonly number[]
  readonly timings: readonly Timing[]
  readonly counts: readonly Count[]
  /** Why it failed; empty when it did not. */
  readonly problems: readonly string[]
  readonly tookMs: number
}

/** Makes a fault, then: lift, drain, canary, arithmetic. */
export async function runTrial(row: Row, options: TrialOptions): Promise<TrialResult> {
  const startedAt = performance.now()
  const trial = await Trial.open(options)
  const problems: string[] = []
  const note = (error: unknown): void => {
    problems.push(
      `it broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }
  await withinLimit(row.run(trial), row.limitMs ?? LIMIT_MS).catch(note)
  // Drained even then: what is still on its way would be counted as lost.
  await trial.drain(row.drainMs ?? DRAIN_MS).catch(note)
  if (row.isControl !== true && row.hasOwnCanary !== true)
    await trial.sendCanary(row.canarySteps?.(trial) ?? trial.route).catch(note)
  await trial.close()
  const tally = trial.ledger.count()
  const { faults, allowedDuplicates, recoveriesMs, timings, counts } = trial
  problems.push(...(row.isControl === true ? [] : explain(row, trial)))
  const tookMs = performance.now() - startedAt
  const { seed } = options
  const times = { recoveriesMs, timings, counts, tookMs }
  return { row: row.name, seed, ...tally, faults, allowedDuplicates, problems, ...times }
}

function explain(row: Row, { ledger, allowedDuplicates }: Trial): readonly string[] {
  const { lost, duplicated, unexpected } = ledger.count()
  const problems: string[] = []
  if (lost > 0) problems.push(`lost ${lost}: ${ledger.listLost().join(', ')}`)
  if (unexpected > 0)
    problems.push(`unexpected ${unexpected}:\n    ${ledger.remarks.join('\n    ')}`)
  if (duplicated > allowedDuplicates && row.hasUnboundedDuplicates !== true) {
    const which = ledger.duplicates.join(', ')
    problems.push(`duplicated ${duplicated}, and at most ${allowedDuplicates} may be: ${which}`)
  }
  return problems
}

/** A trial that is stuck must not hold up the others. */
async function withinLimit(running: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck for ${limitMs / 1_000} s`)), limitMs)
  })
  try {
    await Promise.race([running, late])
  } finally {
    clearTimeout(timer)
  }
}

const DRAIN_MS = 60_000
const LIMIT_MS = 180_000

import type { Death } from './isolate/isolate.ts'

/**
 * Who is charged when a worker does not answer, or is dead: pure.
 *
 * V1 Nobody is charged who may be innocent of what happened to the worker: who is guilty is found by
 *    running the suspects alone.
 * V2 Whose handler holds the worker is known (`blocker`), or it is the only one there: then the
 *    others are no suspects.
 * V3 A handler that holds the worker within its own time is not ended for it.
 */

/** A run in a worker, as the judge sees it. */
export interface InFlight {
  readonly id: number
  readonly deadlineAt: number
  /** `expired`: over its time, not answered yet; `abandoned`: nobody waits for it any more. */
  readonly phase: 'live' | 'expired' | 'abandoned'
}

export type Verdict =
  /** End the worker. All who are not charged and whom somebody waits for run again. */
  | { readonly type: 'end'; readonly charged: readonly number[]; readonly areSuspects: boolean }
  /** Let it go on. */
  | { readonly type: 'spare'; readonly charged: readonly number[] }

/**
 * A request that is over its time may wait so long for the handler that holds the worker to reach
 * its own end: the sidecar waits 2 s beyond the deadline.
 */
const PATIENCE_MS = 1_000

/** Judges a worker that does not answer a ping. */
export function judgeDeaf(runs: readonly InFlight[], blocker: number | undefined): Verdict {
  if (runs.every((run) => run.phase === 'abandoned'))
    return { type: 'end', charged: [], areSuspects: false }
  const culprit = findCulprit(runs, blocker)
  const expired = runs.filter((run) => run.phase === 'expired')
  switch (culprit?.phase) {
    case 'expired':
      return { type: 'end', charged: [culprit.id], areSuspects: false }
    case 'abandoned':
      return { type: 'end', charged: [], areSuspects: false }
    case 'live': {
      const tooLate = expired.filter((run) => culprit.deadlineAt > run.deadlineAt + PATIENCE_MS)
      return { type: 'spare', charged: tooLate.map((run) => run.id) }
    }
    case undefined:
      return expired.length > 0
        ? { type: 'end', charged: [], areSuspects: true }
        : { type: 'spare', charged: [] }
  }
}

/** Judges a worker that died by itself. */
export function judgeDeath(
  runs: readonly InFlight[],
  blocker: number | undefined,
  death: Death,
): Extract<Verdict, { readonly type: 'end' }> {
  // Memory may have been taken by others than the one that asked for the last of it.
  const known = death.type === 'exited' ? blocker : undefined
  const culprit = findCulprit(runs, known)
  return culprit
    ? { type: 'end', charged: [culprit.id], areSuspects: false }
    : { type: 'end', charged: [], areSuspects: true }
}

function findCulprit(runs: readonly InFlight[], blocker: number | undefined): InFlight | undefined {
  return runs.length === 1 ? runs[0] : runs.find((run) => run.id === blocker)
}

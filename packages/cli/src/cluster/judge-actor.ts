import { findCondition, pickNumber } from '@asya/operator/fields'

/** How far an actor is on its way to what was applied last. */
export interface Progress {
  /** `unseen`: no operator has looked at what was applied last. `stalled`: it does not mend by itself. */
  readonly state: 'unseen' | 'waiting' | 'ready' | 'stalled'
  readonly reason: string
  readonly message: string
}

/** Serving with the old pods is not enough for who waits for the new ones. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['RollingOut', 'ScalingOut'])

export function judgeActor(actor: object): Progress {
  const generation = pickNumber(actor, 'metadata', 'generation') ?? 0
  const seen = pickNumber(actor, 'status', 'observedGeneration') ?? 0
  const ready = findCondition(actor, 'Ready')
  if (seen < generation || ready === undefined)
    return { state: 'unseen', reason: 'NotSeen', message: 'the operator has not looked at it yet' }
  const stalled = findCondition(actor, 'Stalled')
  if (stalled?.status === 'True') return { ...pickWords(stalled), state: 'stalled' }
  const workload = findCondition(actor, 'WorkloadReady')
  if (ready.status === 'True' && workload !== undefined && ON_THE_WAY.has(workload.reason))
    return { ...pickWords(workload), state: 'waiting' }
  return { ...pickWords(ready), state: ready.status === 'True' ? 'ready' : 'waiting' }
}

function pickWords({ reason, message }: { reason: string; message: string }) {
  return { reason, message }
}

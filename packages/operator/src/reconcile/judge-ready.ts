import { unknown, yes, type Verdict } from './verdict.ts'

export interface Parts {
  readonly WorkloadReady: Verdict
  readonly ScalingReady: Verdict
  readonly TransportReady: Verdict
}

/**
 * Ready when all its parts are. Without KEDA an actor still serves with the replicas that it was
 * given: that alone does not keep it from being ready.
 */
export function judgeReady(parts: Parts): Verdict {
  const all: readonly (readonly [string, Verdict])[] = Object.entries<Verdict>({ ...parts })
  const verdicts = all.filter(([, { reason }]) => reason !== 'KedaNotInstalled')
  const bad = verdicts.find(([, { status }]) => status === 'False')
  if (bad !== undefined) return { ...bad[1], message: `${bad[0]}: ${bad[1].message}` }
  const open = verdicts.find(([, { status }]) => status === 'Unknown')
  if (open !== undefined) return unknown(open[1].reason, `${open[0]}: ${open[1].message}`)
  return yes(parts.WorkloadReady.reason, parts.WorkloadReady.message)
}

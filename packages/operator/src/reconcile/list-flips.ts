import type { Condition, Status } from './make-status.ts'

/**
 * The conditions that became another status, or are false for another reason. What was never said
 * before is news only when it is settled: each actor begins with what is not known.
 */
export function listFlips(before: Status | undefined, after: Status): Condition[] {
  const known = new Map(before?.conditions?.map((condition) => [condition.type, condition]))
  return (after.conditions ?? []).filter((condition) => {
    const { type, status, reason } = condition
    if (type === 'Reconciling') return false
    const old = known.get(type)
    if (old === undefined) return status !== 'Unknown'
    return old.status !== status || (status === 'False' && old.reason !== reason)
  })
}

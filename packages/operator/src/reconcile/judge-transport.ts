import { SIDECAR } from '../desired/sidecar-container.ts'
import { findCondition, type Observed } from './observed.ts'
import { no, unknown, yes, type Verdict } from './verdict.ts'

/**
 * Whether the queue can be reached. The operator asks no broker, and has no password for it: it says
 * what those say who do. A sidecar is ready while it consumes; KEDA's trigger is while it can count.
 */
export function judgeTransport({ pods, scaler }: Observed): Verdict {
  const sidecars = pods
    .filter(({ isEnding }) => !isEnding)
    .flatMap(({ name, containers }) => {
      const found = containers.find((container) => container.name === SIDECAR)
      return found === undefined ? [] : [{ pod: name, ...found }]
    })
  const ready = sidecars.filter(({ isReady }) => isReady).length
  if (ready > 0) return yes('Consuming', `${String(ready)} of ${String(pods.length)} pods consume`)
  const failed = sidecars.find(({ lastEnd, restarts }) => restarts > 0 && lastEnd !== undefined)
  if (failed?.lastEnd !== undefined) {
    return no(
      'SidecarFails',
      `the sidecar of pod ${failed.pod} ended with ${failed.lastEnd.reason}: ${failed.lastEnd.message}`,
    )
  }
  const counted = scaler && findCondition(scaler, 'Ready')
  if (counted?.status === 'False') {
    return no('QueueNotCounted', `KEDA cannot count the queue: ${counted.message}`)
  }
  if (counted?.status === 'True' && sidecars.length === 0) {
    return yes('QueueCounted', 'there is no pod, and KEDA counts the queue')
  }
  return sidecars.length === 0
    ? unknown('NoPods', 'there is no pod that could say whether it reaches the queue')
    : unknown(
        'NotConsuming',
        'no sidecar consumes yet: it waits for the broker, or for the runtime',
      )
}

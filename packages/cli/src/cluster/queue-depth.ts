import { findCondition, pick, pickItems, pickNumber, pickText } from '@asya/operator/fields'

/**
 * How many messages there are, as KEDA and the autoscaler say; nobody here asks the broker.
 *
 * - `empty`: KEDA saw none when it looked last
 * - `about`: what the autoscaler counted last, some 15 s ago at most
 * - `some`: KEDA saw messages, and the autoscaler has not counted them yet
 * - `unknown`: nobody says
 */
export type QueueDepth =
  | { readonly type: 'empty' | 'some' | 'unknown' }
  | { readonly type: 'about'; readonly messages: number }

/** Of what scales an actor, each undefined where there is none. */
export function readQueueDepth(
  scaler: object | undefined,
  autoscaler: object | undefined,
): QueueDepth {
  const ready = findCondition(scaler, 'Ready')
  const active = findCondition(scaler, 'Active')
  // What could not be counted is not empty.
  if (ready?.status !== 'True') return { type: 'unknown' }
  if (active?.status === 'False') return { type: 'empty' }
  if (active?.status !== 'True') return { type: 'unknown' }
  const messages = countMessages(autoscaler)
  return messages === undefined ? { type: 'some' } : { type: 'about', messages }
}

/** The autoscaler says an average for each replica, or the sum. */
function countMessages(autoscaler: object | undefined): number | undefined {
  if (findCondition(autoscaler, 'ScalingActive')?.status !== 'True') return undefined
  const metric = pickItems(autoscaler, 'status', 'currentMetrics').find(
    ({ type }) => type === 'External',
  )
  const current = pick(metric, 'external', 'current')
  const sum = parseQuantity(pickText(current, 'value'))
  const average = parseQuantity(pickText(current, 'averageValue'))
  const replicas = pickNumber(autoscaler, 'status', 'currentReplicas') ?? 0
  if (average !== undefined && replicas > 0) return Math.round(average * replicas)
  return sum !== undefined && sum > 0 ? Math.round(sum) : undefined
}

const SUFFIXES: Readonly<Record<string, number>> = { m: 0.001, '': 1, k: 1e3, M: 1e6, G: 1e9 }

/** A quantity of Kubernetes, as autoscalers write them: `5`, `2500m`, `12k`. */
function parseQuantity(text: string): number | undefined {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([mkMG]?)$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (SUFFIXES[suffix] ?? 1)
}

import { Counter, Gauge, Histogram, Registry } from '@asya/service/metrics'
import type { Status } from './reconcile/make-status.ts'

/** What Prometheus reads of an operator. */
export interface OperatorMetrics {
  readonly registry: Registry
  observeReconcile(result: 'done' | 'again' | 'gone' | 'error', seconds: number): void
  countWrite(kind: string, verb: 'apply' | 'delete' | 'status'): void
  countWatchRestart(kind: string, reason: string): void
}

export interface Gauged {
  countActors(): ReadonlyMap<`${string}/${string}`, number>
  queueDepth(): number
  isLeader(): boolean
}

const BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30]

export function createMetrics(gauged: Gauged): OperatorMetrics {
  const registry = new Registry()
  const registers = [registry]
  addGauges(gauged, registry)
  const reconciles = new Histogram({
    name: 'asya_operator_reconcile_duration_seconds',
    help: 'How long it took to reconcile an actor, by result',
    labelNames: ['result'],
    buckets: BUCKETS,
    registers,
  })
  const writes = new Counter({
    name: 'asya_operator_writes_total',
    help: 'Writes to the API server, by kind and verb; none in a steady state',
    labelNames: ['kind', 'verb'],
    registers,
  })
  const restarts = new Counter({
    name: 'asya_operator_watch_restarts_total',
    help: 'Watches that were begun again, by kind and reason',
    labelNames: ['kind', 'reason'],
    registers,
  })
  return {
    registry,
    observeReconcile: (result, seconds) => reconciles.observe({ result }, seconds),
    countWrite: (kind, verb) => writes.inc({ kind, verb }),
    countWatchRestart: (kind, reason) => restarts.inc({ kind, reason }),
  }
}

function addGauges(gauged: Gauged, registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'asya_operator_actors',
    help: 'Actors, by whether they are ready and why',
    labelNames: ['ready', 'reason'],
    registers,
    collect() {
      this.reset()
      for (const [name, count] of gauged.countActors()) {
        const [ready = '', reason = ''] = name.split('/')
        this.set({ ready, reason }, count)
      }
    },
  })
  new Gauge({
    name: 'asya_operator_queue_depth',
    help: 'Actors that wait to be reconciled',
    registers,
    collect() {
      this.set(gauged.queueDepth())
    },
  })
  new Gauge({
    name: 'asya_operator_is_leader',
    help: '1 while this operator is the one that acts',
    registers,
    collect() {
      this.set(gauged.isLeader() ? 1 : 0)
    },
  })
}

/** How an actor counts in `asya_operator_actors`. */
export function nameState(status: Status | undefined): `${string}/${string}` {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined ? 'Unknown/NotReconciled' : `${ready.status}/${ready.reason}`
}

import type { Metric } from '@asya/protocol'
import { Counter, Gauge, Histogram, Registry } from '@asya/service/metrics'
import { createCustomMetrics, type CustomMetricSpec } from './custom-metrics.ts'

/** The sidecar's metrics, under the names of the original. Times in seconds, sizes in bytes. */
export interface SidecarMetrics {
  readonly registry: Registry
  received(): void
  processed(status: 'success' | 'empty' | 'retried' | 'error' | 'released'): void
  sent(destination: string, kind: 'next' | 'happy-end' | 'error-end' | 'retry'): void
  failed(reason: string): void
  runtimeError(code: string): void
  active(change: 1 | -1): void
  messageSize(direction: 'received' | 'sent', bytes: number): void
  duration(name: DurationName, seconds: number): void
  /** What a handler measured. */
  custom(metrics: readonly Metric[]): void
}

type DurationName = 'processing' | 'runtime' | 'queue-receive' | 'queue-send'

const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300]
const BYTES = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 10_485_760]

export interface MetricsOptions {
  readonly namespace: string
  readonly queue: string
  readonly custom: readonly CustomMetricSpec[]
}

export function createMetrics(options: MetricsOptions): SidecarMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ queue: options.queue })
  const { counter, gauge, timeHistogram, sizeHistogram } = namedIn(registry, options.namespace)
  const received = counter('messages_received_total', 'Messages taken from the queue')
  const processed = counter('messages_processed_total', 'Messages dealt with', 'status')
  const sent = counter('messages_sent_total', 'Messages published', 'destination_queue', 'type')
  const failed = counter('messages_failed_total', 'Messages sent to error-end', 'reason')
  const errors = counter('runtime_errors_total', 'Failures of the runtime', 'error_type')
  const active = gauge('active_messages', 'Messages in flight')
  const sizes = sizeHistogram('message_size_bytes', 'Size of messages', 'direction')
  const durations: Readonly<Record<DurationName, Histogram>> = {
    processing: timeHistogram('processing_duration_seconds', 'From receipt to settled'),
    runtime: timeHistogram('runtime_execution_duration_seconds', 'Call of the runtime'),
    'queue-receive': timeHistogram('queue_receive_duration_seconds', 'Waiting for a message'),
    'queue-send': timeHistogram('queue_send_duration_seconds', 'Publishing, confirmed'),
  }
  const custom = createCustomMetrics(registry, options)
  const destinations = new BoundedLabels(MAX_DESTINATIONS)
  const codes = new BoundedLabels(MAX_CODES)
  return {
    registry,
    received: () => {
      received.inc()
    },
    processed: (status) => {
      processed.inc({ status })
    },
    sent: (destination, type) => {
      sent.inc({ destination_queue: destinations.bound(destination), type })
    },
    failed: (reason) => {
      failed.inc({ reason: codes.bound(reason) })
    },
    runtimeError: (code) => {
      errors.inc({ error_type: codes.bound(code) })
    },
    active: (change) => {
      active.inc(change)
    },
    messageSize: (direction, bytes) => {
      sizes.observe({ direction }, bytes)
    },
    duration: (name, seconds) => {
      durations[name].observe(seconds)
    },
    custom: (metrics) => {
      custom.record(metrics)
    },
  }
}

/** Makes metrics of one registry and namespace. */
function namedIn(registry: Registry, namespace: string) {
  const common = (name: string, help: string, labelNames: string[]) => ({
    name: `${namespace}_${name}`,
    help,
    labelNames,
    registers: [registry],
  })
  return {
    counter: (name: string, help: string, ...labels: string[]) =>
      new Counter(common(name, help, labels)),
    gauge: (name: string, help: string) => new Gauge(common(name, help, [])),
    timeHistogram: (name: string, help: string) =>
      new Histogram({ ...common(name, help, []), buckets: SECONDS }),
    sizeHistogram: (name: string, help: string, ...labels: string[]) =>
      new Histogram({ ...common(name, help, labels), buckets: BYTES }),
  }
}

/** Routes and codes come from handlers: without a bound they would fill the memory. */
const MAX_DESTINATIONS = 100
const MAX_CODES = 50

/** Lets the first values through and calls every later one `other`. */
class BoundedLabels {
  readonly #known = new Set<string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  bound(value: string): string {
    if (this.#known.has(value)) return value
    if (this.#known.size >= this.#limit) return 'other'
    this.#known.add(value)
    return value
  }
}

import * as z from 'zod/mini'
import type { Metric } from '@asya/protocol'
import { Counter, Gauge, Histogram, type Registry } from '@asya/service/metrics'

/**
 * Metrics that handlers send (tokens, inference time, …). Declared ones (`ASYA_CUSTOM_METRICS`) have
 * their help text, labels and buckets; others are made when they first come. Names, labels and label
 * values are bounded: a handler cannot fill the sidecar's memory.
 */

export interface CustomMetricSpec {
  readonly kind: Metric['kind']
  readonly name: string
  readonly help?: string | undefined
  readonly labels?: readonly string[] | undefined
  readonly buckets?: readonly number[] | undefined
}

const MAX_METRICS = 100
const MAX_SERIES = 200
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]{0,99}$/
const DEFAULT_BUCKETS = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300]

const SPECS = z.array(
  z.strictObject({
    kind: z.enum(['counter', 'gauge', 'histogram']),
    name: z.string().check(z.regex(NAME)),
    help: z.optional(z.string()),
    labels: z.optional(z.array(z.string().check(z.regex(NAME)))),
    buckets: z.optional(z.array(z.number())),
  }),
)

/** Reads `ASYA_CUSTOM_METRICS`: a JSON list; undefined when it is malformed. */
export function parseCustomMetrics(text: string): readonly CustomMetricSpec[] | undefined {
  try {
    const parsed = z.safeParse(SPECS, JSON.parse(text))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export interface CustomMetrics {
  /** Takes what fits and leaves out what does not; never throws. */
  record(metrics: readonly Metric[]): void
}

interface Known {
  readonly kind: Metric['kind']
  readonly labels: readonly string[]
  readonly series: Set<string>
  write(labels: Record<string, string>, value: number): void
}

export function createCustomMetrics(
  registry: Registry,
  options: { readonly namespace: string; readonly custom: readonly CustomMetricSpec[] },
): CustomMetrics {
  const known = new Map<string, Known>()
  const declare = (spec: CustomMetricSpec): Known | undefined => {
    const labels = spec.labels ?? []
    const isBad = !NAME.test(spec.name) || labels.some((label) => !NAME.test(label))
    const name = `${options.namespace}_${spec.name}`
    if (isBad || known.size >= MAX_METRICS || registry.getSingleMetric(name)) return undefined
    const made = make(registry, { ...spec, name })
    known.set(spec.name, made)
    return made
  }
  for (const spec of options.custom) declare(spec)
  return {
    record: (metrics) => {
      for (const metric of metrics) {
        const labels = Object.keys(metric.labels)
        const target = known.get(metric.name) ?? declare({ ...metric, labels })
        if (target) write(target, metric)
      }
    },
  }
}

function write(target: Known, metric: Metric): void {
  const isFit = Number.isFinite(metric.value) && (metric.kind !== 'counter' || metric.value >= 0)
  if (target.kind !== metric.kind || !isFit) return
  const labels: Record<string, string> = {}
  for (const label of target.labels) labels[label] = metric.labels[label] ?? ''
  const series = JSON.stringify(labels)
  if (!target.series.has(series)) {
    if (target.series.size >= MAX_SERIES) for (const label of target.labels) labels[label] = 'other'
    else target.series.add(series)
  }
  target.write(labels, metric.value)
}

function make(registry: Registry, spec: CustomMetricSpec): Known {
  const { kind, name, help = `Measured by the handler: ${name}`, labels = [] } = spec
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  const known = { kind, labels, series: new Set<string>() }
  switch (kind) {
    case 'counter': {
      const counter = new Counter(common)
      return {
        ...known,
        write: (values, value) => {
          counter.inc(values, value)
        },
      }
    }
    case 'gauge': {
      const gauge = new Gauge(common)
      return {
        ...known,
        write: (values, value) => {
          gauge.set(values, value)
        },
      }
    }
    case 'histogram': {
      const buckets = [...(spec.buckets ?? DEFAULT_BUCKETS)]
      const histogram = new Histogram({ ...common, buckets })
      return {
        ...known,
        write: (values, value) => {
          histogram.observe(values, value)
        },
      }
    }
  }
}

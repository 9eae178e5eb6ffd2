export { collectLessOften } from './collect-less-often.ts'
export { createReporter, type Reporter } from './gateway/reporter.ts'
export { createMetrics, type MetricsOptions, type SidecarMetrics } from './metrics.ts'
export { Sidecar, type SidecarOptions, type SidecarParts, type SidecarState } from './sidecar.ts'

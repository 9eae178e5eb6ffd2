import { Counter, Gauge, Histogram, Registry } from '@asya/service/metrics'
import type { EventStreams } from './http/event-streams.ts'
import type { ObserveRequest } from './http/time-routes.ts'
import { Batcher } from './jobs/batcher.ts'
import type { JobStore } from './jobs/job-store.ts'

interface Sources {
  readonly store: JobStore
  readonly streams: EventStreams
}

/** What Prometheus reads of a gateway. Counts of open jobs are those of all replicas, all else is its own. */
export interface GatewayMetrics {
  readonly registry: Registry
  readonly observeRequest: ObserveRequest
  /** Counts jobs that this process ended; what has not ended does not count. */
  observeEnds(jobIds: Iterable<string>): void
}

/** Of calls, in seconds: from a lookup to a call that waits. */
const REQUEST_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30]

/** Of jobs, in seconds: from some steps of milliseconds to an hour. */
const JOB_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600]

/** Prometheus asks every few seconds: what ended meanwhile is read together. */
const GATHER_MS = 500

export function createMetrics({ store, streams }: Sources): GatewayMetrics {
  const registry = new Registry()
  const registers = [registry]
  addGauges({ store, streams }, registry)
  const requests = new Histogram({
    name: 'asya_gateway_request_duration_seconds',
    help: 'How long requests took, by method, path and status',
    labelNames: ['method', 'path', 'status'],
    buckets: REQUEST_BUCKETS,
    registers,
  })
  const durations = new Histogram({
    name: 'asya_gateway_job_duration_seconds',
    help: 'From the call to the end of a job, by tool and state',
    labelNames: ['tool', 'state'],
    buckets: JOB_BUCKETS,
    registers,
  })
  const ended = new Counter({
    name: 'asya_gateway_jobs_ended_total',
    help: 'Jobs that ended, by tool and state',
    labelNames: ['tool', 'state'],
    registers,
  })
  const ends = new Batcher<string, true>({
    ...{ maxItems: 1_000, maxBatches: 1, gatherMs: GATHER_MS },
    flush: async (ids) => {
      for (const { tool, state, seconds } of await store.readDurations(ids)) {
        ended.inc({ tool, state })
        durations.observe({ tool, state }, seconds)
      }
      return ids.map(() => true)
    },
  })
  return {
    registry,
    observeRequest: ({ method, path, status, seconds }) => {
      requests.observe({ method, path, status: String(status) }, seconds)
    },
    observeEnds: (jobIds) => {
      // A figure that is missing is no reason to fail.
      for (const id of jobIds) ends.add(id).catch(() => undefined)
    },
  }
}

function addGauges({ store, streams }: Sources, registry: Registry): void {
  const registers = [registry]
  const jobs = new Gauge({
    name: 'asya_gateway_open_jobs',
    help: 'Jobs that have not ended, by tool and state',
    labelNames: ['tool', 'state', 'stalled'],
    registers,
    async collect() {
      jobs.reset()
      for (const { tool, state, isStalled, count } of await store.countOpen())
        jobs.set({ tool, state, stalled: String(isStalled) }, count)
    },
  })
  const unsent = new Gauge({
    name: 'asya_gateway_unsent_messages',
    help: 'First messages of jobs that are not known to be with the broker',
    registers,
    async collect() {
      unsent.set(await store.countUnsent())
    },
  })
  const open = new Gauge({
    name: 'asya_gateway_streams',
    help: 'Event streams that are open',
    registers,
    collect() {
      open.set(streams.count)
    },
  })
}

import { Gauge, Registry } from '@asya/service/metrics'
import type { EventStreams } from './http/event-streams.ts'
import type { JobStore } from './jobs/job-store.ts'

interface Sources {
  readonly store: JobStore
  readonly streams: EventStreams
}

/** What Prometheus reads of a gateway. Counts of jobs are those of all replicas. */
export function createMetrics({ store, streams }: Sources): Registry {
  const registry = new Registry()
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
  return registry
}

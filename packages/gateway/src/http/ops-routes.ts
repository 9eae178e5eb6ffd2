import type { Registry } from '@asya/service/metrics'
import type { JobStore } from '../jobs/job-store.ts'
import { answerJson, Refusal } from './answer.ts'
import type { Route } from './route.ts'

/** For probes and Prometheus. */
export function opsRoutes(parts: { store: JobStore; metrics: Registry }): readonly Route[] {
  const { store, metrics } = parts
  return [
    {
      method: 'GET',
      path: '/health',
      access: 'probe',
      handle: () => answerJson(200, { status: 'ok' }),
    },
    {
      method: 'GET',
      path: '/ready',
      access: 'probe',
      handle: async () => {
        if (await store.ping()) return answerJson(200, { status: 'ok' })
        throw new Refusal(503, 'unavailable', 'the database takes no writes')
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      access: 'probe',
      handle: async () => ({
        status: 200,
        headers: { 'content-type': metrics.contentType },
        body: await metrics.metrics(),
      }),
    },
  ]
}

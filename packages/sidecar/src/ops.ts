import type { OpsRoutes } from '@asya/service/ops-server'
import type { Registry } from '@asya/service/metrics'
import type { Sidecar } from './sidecar.ts'

/** The hook of a pod must have its answer before the grace ends: SIGTERM needs the rest. */
const ANSWER_BEFORE_GRACE_MS = 5_000

/** What the ops server answers. `registry` is absent when metrics are switched off. */
export function opsRoutes(
  sidecar: Sidecar,
  options: { readonly registry: Registry | undefined; readonly graceMs: number },
): OpsRoutes {
  const { registry, graceMs } = options
  const drain = async (): Promise<{ status: number; body: string }> => {
    const isDone = await sidecar.drain(Math.max(graceMs - ANSWER_BEFORE_GRACE_MS, 0))
    return isDone
      ? { status: 200, body: 'drained\n' }
      : { status: 503, body: `${String(sidecar.inFlight)} still in flight\n` }
  }
  return {
    'GET /health': () =>
      sidecar.state === 'closed'
        ? { status: 503, body: 'closed\n' }
        : { status: 200, body: `${sidecar.state}\n` },
    'GET /ready': () => ({
      status: sidecar.state === 'consuming' ? 200 : 503,
      body: `${sidecar.state}\n`,
    }),
    'GET /drain': drain,
    ...(registry
      ? {
          'GET /metrics': async () => ({
            status: 200,
            body: await registry.metrics(),
            contentType: registry.contentType,
          }),
        }
      : {}),
  }
}

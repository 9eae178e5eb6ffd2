import { compare, type Row } from './measure.ts'
import { startMemoryRig } from './memory-rig.ts'
import { messageOf, textOf, treeOf } from './payloads.ts'
import { pingRate } from './ping.ts'
import { makeScratch, startEcho, startRuntime } from './processes.ts'

const MEASURED_MS = 3_000
const CONCURRENCY = 16

/** Messages that wait beside those in flight: the queue is never empty. */
const QUEUED = 64

/**
 * Hops per second: queue → sidecar → socket → runtime with its worker → sidecar → next queue, in
 * memory; against a bare echo of the same bytes over as many connections.
 */
export async function* benchHop(): AsyncGenerator<Row> {
  const scratch = makeScratch()
  const runtime = await startRuntime(scratch, CONCURRENCY)
  const echo = await startEcho(scratch)
  try {
    for (const [name, payload] of PAYLOADS) {
      const body = messageOf(payload)
      yield await compare({
        row: `hop/memory/${name}/c${String(CONCURRENCY)}`,
        unit: 'hops/s',
        pairs: 3,
        measured: () => hopRate(body, runtime.socketPath),
        baseline: () =>
          pingRate(echo.socketPath, { body, connections: CONCURRENCY, forMs: MEASURED_MS }),
      })
    }
  } finally {
    await Promise.all([runtime.stop(), echo.stop()])
    scratch.remove()
  }
}

const PAYLOADS = [
  ['1KB', treeOf(1_000)],
  ['100KB-text', textOf(100_000)],
  ['100KB-tree', treeOf(100_000)],
] as const

async function hopRate(body: Buffer, socketPath: string): Promise<number> {
  let arrived = 0
  let failed = 0
  const rig = await startMemoryRig({
    socketPath,
    concurrency: CONCURRENCY,
    timeoutMs: 300_000,
    onEnd: (end) => {
      if (end === 'error-end') failed++
      arrived++
      rig.send(body)
    },
  })
  for (let i = 0; i < CONCURRENCY + QUEUED; i++) rig.send(body)
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
  const before = arrived
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
  const rate = ((arrived - before) * 1_000) / (performance.now() - startedAt)
  await rig.close()
  if (failed > 0) throw new Error(`${String(failed)} messages failed: the figure means nothing`)
  return rate
}

const WARM_UP_MS = 1_000

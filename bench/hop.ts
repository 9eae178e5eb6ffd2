import { compare, type Row } from './measure.ts'
import { makeScratch, startEcho, startRuntime } from './processes.ts'
import { startRateProcess } from './rate-process.ts'

const CONCURRENCY = 16

/** The first one compiles what is hot. */
const WARM_UPS = 2

/**
 * Hops per second: queue → sidecar → socket → runtime with its worker → sidecar → next queue, in
 * memory; against a bare echo of the same bytes over as many connections. Either side is two
 * processes: a sidecar and a runtime, a client and an echo.
 */
export async function* benchHop(): AsyncGenerator<Row> {
  const scratch = makeScratch()
  const runtime = await startRuntime(scratch, CONCURRENCY)
  const echo = await startEcho(scratch)
  try {
    for (const payload of ['1KB', '100KB-text', '100KB-tree'] as const) {
      const args = [payload, String(CONCURRENCY)]
      const hop = startRateProcess('bench/programs/hop-process.ts', [runtime.socketPath, ...args])
      const ping = startRateProcess('bench/programs/ping-process.ts', [echo.socketPath, ...args])
      for (let count = 1; count < WARM_UPS; count++) await hop.measure()
      yield await compare({
        row: `hop/memory/${payload}/c${String(CONCURRENCY)}`,
        unit: 'hops/s',
        measured: () => hop.measure(),
        baseline: () => ping.measure(),
      })
      await Promise.all([hop.stop(), ping.stop()])
    }
  } finally {
    await Promise.all([runtime.stop(), echo.stop()])
    scratch.remove()
  }
}

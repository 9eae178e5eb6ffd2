import { compare, type Row } from './measure.ts'
import { messageOf, treeOf } from './payloads.ts'
import { pingRate } from './ping.ts'
import { makeScratch, startEcho, startRuntime } from './processes.ts'

const MEASURED_MS = 1_500

/** Round trips to the Node runtime over one connection, against a bare echo on the same kind of socket. */
export async function* benchSocket(): AsyncGenerator<Row> {
  const scratch = makeScratch()
  const runtime = await startRuntime(scratch, 1)
  const echo = await startEcho(scratch)
  const options = { body: messageOf(treeOf(1_000)), connections: 1, forMs: MEASURED_MS }
  try {
    yield await compare({
      row: 'socket/1KB',
      unit: 'round trips/s',
      measured: () => pingRate(runtime.socketPath, options),
      baseline: () => pingRate(echo.socketPath, options),
    })
  } finally {
    await Promise.all([runtime.stop(), echo.stop()])
    scratch.remove()
  }
}

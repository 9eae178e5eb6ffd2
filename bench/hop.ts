import { DEFAULT_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import { createLogger } from '@asya/service/logger'
import { createMetrics, createReporter, Sidecar } from '@asya/sidecar'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { compare, type Row } from './measure.ts'
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
  const broker = createMemoryBroker()
  const outside = broker.connect()
  const queue = 'bench'
  const logger = createLogger({ level: 'warn' })
  const sidecar = new Sidecar(
    {
      station: {
        queue,
        isEnd: false,
        happyEnd: HAPPY_END,
        errorEnd: ERROR_END,
        retry: DEFAULT_RETRY_POLICY,
      },
      actorName: queue,
      socketPath,
      maxMessageBytes: 10 * 1024 * 1024,
      concurrency: CONCURRENCY,
      timeoutMs: 300_000,
    },
    {
      transport: broker.connect(),
      reporter: createReporter(undefined, logger),
      metrics: createMetrics({ namespace: 'asya_actor', queue, custom: [] }),
      logger,
    },
  )
  broker.declareQueue(ERROR_END)
  let arrived = 0
  const send = (): void => {
    void outside.publish({ queue, body, messageId: 'bench' })
  }
  await outside.consume(HAPPY_END, {
    prefetch: CONCURRENCY,
    onDelivery: (delivery) => {
      arrived++
      delivery.settle('acknowledge')
      send()
    },
  })
  await sidecar.start()
  for (let i = 0; i < CONCURRENCY + QUEUED; i++) send()
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
  const before = arrived
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, MEASURED_MS))
  const rate = ((arrived - before) * 1_000) / (performance.now() - startedAt)
  const hasFailures = broker.peek(ERROR_END, 1).length > 0
  await sidecar.close(1_000)
  await broker.close()
  if (hasFailures) throw new Error('messages failed: the figure means nothing')
  return rate
}

const WARM_UP_MS = 1_000

import { DEFAULT_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import { createLogger } from '@asya/service/logger'
import { collectLessOften, createMetrics, createReporter, Sidecar } from '@asya/sidecar'
import { createMemoryBroker } from '@asya/transport/in-memory'

/** A sidecar in this process, on the in-memory transport, before a runtime that is already there. */
export interface MemoryRig {
  send(body: Buffer): void
  close(): Promise<void>
}

export interface MemoryRigOptions {
  readonly socketPath: string
  readonly concurrency: number
  readonly timeoutMs: number
  /** A message came to this end: happy-end, or error-end (nothing is tried twice). */
  readonly onEnd: (end: 'happy-end' | 'error-end') => void
}

const QUEUE = 'bench'

export async function startMemoryRig(options: MemoryRigOptions): Promise<MemoryRig> {
  const { socketPath, concurrency, timeoutMs, onEnd } = options
  collectLessOften()
  const broker = createMemoryBroker()
  const outside = broker.connect()
  const logger = createLogger({ level: 'silent' })
  const retry = { ...DEFAULT_RETRY_POLICY, maxAttempts: 1 }
  const station = { queue: QUEUE, isEnd: false, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry }
  const maxMessageBytes = 10 * 1024 * 1024
  const sidecar = new Sidecar(
    { station, actorName: QUEUE, socketPath, maxMessageBytes, concurrency, timeoutMs },
    {
      transport: broker.connect(),
      reporter: createReporter(undefined, logger),
      metrics: createMetrics({ namespace: 'asya_actor', queue: QUEUE, custom: [] }),
      logger,
    },
  )
  for (const end of [HAPPY_END, ERROR_END] as const)
    await outside.consume(end, {
      prefetch: concurrency,
      onDelivery: (delivery) => {
        delivery.settle('acknowledge')
        onEnd(end)
      },
    })
  await sidecar.start()
  return {
    send: (body) => {
      void outside.publish({ queue: QUEUE, body, messageId: 'bench' })
    },
    close: async () => {
      await sidecar.close(1_000)
      await broker.close()
    },
  }
}

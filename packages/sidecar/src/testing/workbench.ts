import { createSilentLogger } from '@asya/service/logger'
import {
  DEFAULT_RETRY_POLICY,
  decodeMessage,
  END_RETRY_POLICY,
  ERROR_END,
  HAPPY_END,
  parseJson,
  type FinalReport,
  type Message,
  type ProgressReport,
  type Station,
} from '@asya/protocol'
import { createMemoryBroker, type MemoryBroker } from '@asya/transport/in-memory'
import type { Delivery, Transport } from '@asya/transport'
import type { Reporter } from '../gateway/reporter.ts'
import { createMetrics, type SidecarMetrics } from '../metrics.ts'
import { Sidecar, type SidecarOptions } from '../sidecar.ts'
import { eventually } from './eventually.ts'
import { ScriptedRuntime, type Script } from './scripted-runtime.ts'

/** A message as a test reads it. */
export interface Seen {
  readonly message: Message
  readonly payload: unknown
  readonly error: Record<string, unknown>
  readonly body: Uint8Array
}

type WorkbenchOptions = Partial<SidecarOptions & Station> & {
  /** The largest body that the broker takes. */
  readonly maxBodyBytes?: number
}

/** One sidecar between a scripted runtime and an in-memory broker whose other queues are watched. */
export class Workbench {
  readonly broker: MemoryBroker
  readonly runtime: ScriptedRuntime
  readonly reports: ProgressReport[] = []
  readonly finals: FinalReport[] = []
  readonly metrics: SidecarMetrics
  gateway: 'told' | 'unreachable' = 'told'
  cancelJob: (() => void) | undefined
  readonly sidecar: Sidecar
  readonly transport: ReturnType<MemoryBroker['connect']>
  readonly #seen = new Map<string, Seen[]>()
  readonly #outside: Transport

  constructor(script: Script, options: WorkbenchOptions = {}) {
    const { queue = 'actor', isEnd = false, retry, maxBodyBytes, ...rest } = options
    this.broker = createMemoryBroker(maxBodyBytes === undefined ? {} : { maxBodyBytes })
    this.runtime = new ScriptedRuntime(script)
    this.metrics = createMetrics({ namespace: 'asya_actor', queue, custom: [] })
    this.transport = this.broker.connect()
    this.#outside = this.broker.connect()
    const policy = retry ?? (isEnd ? END_RETRY_POLICY : DEFAULT_RETRY_POLICY)
    const station = { queue, isEnd, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry: policy }
    this.sidecar = new Sidecar(
      {
        station,
        actorName: queue,
        socketPath: this.runtime.socketPath,
        maxMessageBytes: 10_000_000,
        concurrency: 1,
        timeoutMs: 5_000,
        ...rest,
      },
      {
        transport: this.transport,
        reporter: this.#reporter(),
        metrics: this.metrics,
        logger: createSilentLogger(),
      },
    )
  }

  async start(queues: readonly string[] = [HAPPY_END, ERROR_END, 'next']): Promise<void> {
    for (const queue of queues) await this.watch(queue)
    await this.runtime.start()
    await this.sidecar.start()
    await eventually('the sidecar consumes', () => this.sidecar.state === 'consuming')
  }

  /** Consumes a queue and keeps what comes. */
  async watch(queue: string): Promise<void> {
    const seen: Seen[] = []
    this.#seen.set(queue, seen)
    await this.#outside.consume(queue, {
      prefetch: 100,
      onDelivery: (delivery) => {
        seen.push(toSeen(delivery))
        delivery.settle('acknowledge')
      },
    })
  }

  /** What has come to a queue so far. */
  seen(queue: string): readonly Seen[] {
    return this.#seen.get(queue) ?? []
  }

  /** Waits for the n-th message of a queue. */
  async waitFor(queue: string, count = 1): Promise<readonly Seen[]> {
    await eventually(
      `${String(count)} messages in ${queue}`,
      () => this.seen(queue).length >= count,
    )
    return this.seen(queue)
  }

  async send(payload: unknown, members: Record<string, unknown> = {}): Promise<void> {
    const route = { steps: ['actor', 'next'], current: 0 }
    await this.sendRaw(JSON.stringify({ id: 'm', route, ...members, payload }))
  }

  async sendRaw(body: string | Uint8Array, queue = 'actor'): Promise<void> {
    const result = await this.#outside.publish({
      queue,
      body: Buffer.from(body),
      messageId: 'amqp',
    })
    if (result.type !== 'confirmed') throw new Error(`not sent: ${result.type}`)
  }

  /** Messages that wait, are being served, or wait for a retry. */
  load(queue = 'actor'): { ready: number; unsettled: number; delayed: number } {
    const found = this.broker.inspect().find((one) => one.name === queue)
    return found ?? { ready: 0, unsettled: 0, delayed: 0 }
  }

  async close(): Promise<void> {
    await this.sidecar.close(0)
    await this.broker.close()
    await this.runtime.close()
  }

  #reporter(): Reporter {
    return {
      progress: (report) => this.reports.push(report),
      final: (report) => {
        this.finals.push(report)
        return Promise.resolve(this.gateway)
      },
      watch: (_, onCancel) => {
        this.cancelJob = onCancel
        return () => undefined
      },
      close: () => Promise.resolve(),
    }
  }
}

function toSeen(delivery: Delivery): Seen {
  const decoded = decodeMessage(delivery.body)
  if (!decoded.ok) throw new Error(`the sidecar published no message: ${decoded.failure.reason}`)
  const { message } = decoded
  const error = message.error ? parseJson(message.error) : {}
  return {
    message,
    payload: parseJson(message.payload),
    error: error as Record<string, unknown>,
    body: delivery.body,
  }
}

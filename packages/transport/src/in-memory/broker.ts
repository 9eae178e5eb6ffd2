import type { RetryTierMs } from '@asya/protocol'
import { assertQueueName } from '../limits.ts'
import { TransportError } from '../transport.ts'
import { MemoryConnection, type Store } from './connection.ts'
import { MemoryQueue, type QueueInspection, type StoredMessage } from './queue.ts'

/**
 * The queue system of `asya dev` and of tests: it lives and dies with its process, and obeys the
 * laws of the real one (conformance.ts).
 *
 * B1 A body belongs to the broker once it was published: it is not copied, so nobody may change it.
 * B2 A retry waits in a tier, first in, first out; its queue may be declared later, and it is kept
 *    until then, as RabbitMQ's at-least-once dead-lettering keeps it.
 * B3 After `close` nothing of it holds the process. Until then a retry that waits does, as an open
 *    connection to a broker would.
 */
export interface MemoryBroker {
  /** Opens a connection; it holds nothing but what is consumed through it. */
  connect(options?: MemoryConnectionOptions): MemoryConnection
  /** Declares a queue in its owner's place. */
  declareQueue(name: string): void
  /** All queues, by name. */
  inspect(): readonly QueueInspection[]
  /** The messages that a queue delivers next, at most `limit`. Read only. */
  peek(queue: string, limit: number): readonly PeekedMessage[]
  /** Closes all connections and forgets all that waits. Idempotent. */
  close(): Promise<void>
}

export interface MemoryBrokerOptions {
  /** 16 MiB unless told. */
  readonly maxBodyBytes?: number
  /** How many messages of a queue may be ready for delivery; a publisher waits for room. */
  readonly maxMessagesPerQueue?: number
}

export interface MemoryConnectionOptions {
  /** How long a publish waits for room; 30 s unless told. */
  readonly publishTimeoutMs?: number
}

export interface PeekedMessage {
  readonly body: Uint8Array
  readonly messageId: string
  readonly wasDelivered: boolean
}

const DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024
const DEFAULT_PUBLISH_TIMEOUT_MS = 30_000

export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const store = new MemoryStore(options)
  const connections = new Set<MemoryConnection>()
  let isClosed = false
  return {
    connect({ publishTimeoutMs = DEFAULT_PUBLISH_TIMEOUT_MS } = {}) {
      if (isClosed) throw new TransportError('The in-memory broker is closed: make a new one')
      const connection: MemoryConnection = new MemoryConnection(store, publishTimeoutMs, () =>
        connections.delete(connection),
      )
      connections.add(connection)
      return connection
    },
    declareQueue(name) {
      assertQueueName(name)
      store.declareQueue(name)
    },
    inspect: () => store.inspect(),
    peek: (queue, limit) => store.findQueue(queue)?.peek(limit) ?? [],
    async close() {
      isClosed = true
      for (const connection of connections) await connection.close()
      store.clear()
    },
  }
}

class MemoryStore implements Store {
  readonly maxBodyBytes: number
  readonly #maxReady: number
  readonly #queues = new Map<string, MemoryQueue>()
  /** One for each retry: timers of equal length go off in the order they were set (B2). */
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(options: MemoryBrokerOptions) {
    this.maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES
    this.#maxReady = options.maxMessagesPerQueue ?? Infinity
  }

  findQueue(name: string): MemoryQueue | undefined {
    return this.#queues.get(name)
  }

  declareQueue(name: string): MemoryQueue {
    const queue = this.#openQueue(name)
    queue.declare()
    return queue
  }

  /** B2 */
  delay(message: StoredMessage, name: string, delayMs: RetryTierMs): void {
    const queue = this.#openQueue(name)
    queue.expectRetry()
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      queue.takeRetry(message)
    }, delayMs)
    this.#timers.add(timer)
  }

  inspect(): readonly QueueInspection[] {
    return [...this.#queues.values()]
      .map((queue) => queue.inspect())
      .sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  /** B3 */
  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const queue of this.#queues.values()) queue.close()
    this.#queues.clear()
  }

  #openQueue(name: string): MemoryQueue {
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new MemoryQueue(name, this.#maxReady)
    this.#queues.set(name, queue)
    return queue
  }
}

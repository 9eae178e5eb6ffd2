import type { RetryTierMs } from '@asya/protocol'
import { assertConsumable, explainRefusal } from '../limits.ts'
import {
  TransportError,
  type ConsumeOptions,
  type Consumer,
  type Outgoing,
  type PublishResult,
  type Transport,
} from '../transport.ts'
import { MemoryConsumer } from './consumer.ts'
import type { Arrival, MemoryQueue, StoredMessage } from './queue.ts'

/** The part of the broker that connections see. */
export interface Store {
  readonly maxBodyBytes: number
  findQueue(name: string): MemoryQueue | undefined
  declareQueue(name: string): MemoryQueue
  /** Keeps a message for a time, and then makes it ready in a queue that need not exist yet. */
  delay(message: StoredMessage, queue: string, delayMs: RetryTierMs): void
}

/** A publisher that waits for room, and how it is answered. */
interface Waiting extends Arrival {
  fail(reason: string): void
}

/**
 * `open` ⇄ `cut` → `closed`. Publishers wait only while it is open; consumers outlive a cut.
 */
type Phase =
  | { readonly type: 'open'; readonly waiting: Set<Waiting> }
  | { readonly type: 'cut' }
  | { readonly type: 'closed' }

const CONFIRMED: PublishResult = { type: 'confirmed' }
const UNROUTABLE: PublishResult = { type: 'unroutable' }

export class MemoryConnection implements Transport {
  readonly maxBodyBytes: number
  readonly #store: Store
  readonly #publishTimeoutMs: number
  readonly #onClose: () => void
  readonly #consumers = new Set<MemoryConsumer>()
  #phase: Phase = { type: 'open', waiting: new Set() }

  constructor(store: Store, publishTimeoutMs: number, onClose: () => void) {
    this.maxBodyBytes = store.maxBodyBytes
    this.#store = store
    this.#publishTimeoutMs = publishTimeoutMs
    this.#onClose = onClose
  }

  publish(outgoing: Outgoing): Promise<PublishResult> {
    return Promise.resolve(this.#answer(outgoing))
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    assertConsumable(queue, options.prefetch)
    if (this.#phase.type !== 'open') {
      throw new TransportError(
        `Queue "${queue}" cannot be consumed: the connection is ${this.#phase.type}`,
      )
    }
    const consumer: MemoryConsumer = new MemoryConsumer(
      this.#store.declareQueue(queue),
      options,
      () => this.#consumers.delete(consumer),
    )
    this.#consumers.add(consumer)
    return consumer
  }

  /**
   * What a crash or a cut cable does: consumers are interrupted and what they hold goes back,
   * publishes and settles fail. It lasts until `mend`.
   */
  cut(): void {
    if (this.#phase.type !== 'open') return
    const { waiting } = this.#phase
    this.#phase = { type: 'cut' }
    failAll(waiting, 'The connection was cut')
    for (const consumer of this.#consumers) consumer.interrupt()
  }

  /** Remakes a connection that was cut. */
  mend(): void {
    if (this.#phase.type !== 'cut') return
    this.#phase = { type: 'open', waiting: new Set() }
    for (const consumer of this.#consumers) consumer.restore()
  }

  async close(): Promise<void> {
    if (this.#phase.type === 'closed') return
    const waiting = this.#phase.type === 'open' ? this.#phase.waiting : new Set<Waiting>()
    this.#phase = { type: 'closed' }
    failAll(waiting, 'The connection was closed')
    for (const consumer of this.#consumers) consumer.end()
    this.#onClose()
  }

  #answer(outgoing: Outgoing): PublishResult | Promise<PublishResult> {
    const { body, messageId, delayMs } = outgoing
    if (this.#phase.type !== 'open') {
      return { type: 'failed', reason: `The connection is ${this.#phase.type}` }
    }
    const refusal = explainRefusal(outgoing, this.maxBodyBytes)
    if (refusal !== undefined) return { type: 'refused', reason: refusal }
    // B1: the body itself, no copy.
    const message: StoredMessage = { body, messageId, position: 0, wasDelivered: false }
    if (delayMs !== undefined) {
      this.#store.delay(message, outgoing.queue, delayMs)
      return CONFIRMED
    }
    const queue = this.#store.findQueue(outgoing.queue)
    const offered = queue?.offer(message)
    if (offered === 'taken') return CONFIRMED
    if (!queue || offered !== 'full') return UNROUTABLE
    return this.#waitForRoom(queue, message, this.#phase.waiting)
  }

  #waitForRoom(
    queue: MemoryQueue,
    message: StoredMessage,
    waiting: Set<Waiting>,
  ): Promise<PublishResult> {
    return new Promise((resolve) => {
      let hasGivenUp = false
      const finish = (result: PublishResult): void => {
        clearTimeout(deadline)
        waiting.delete(arrival)
        resolve(result)
      }
      const arrival: Waiting = {
        message,
        get hasGivenUp() {
          return hasGivenUp
        },
        confirm: () => finish(CONFIRMED),
        fail: (reason) => {
          hasGivenUp = true
          queue.forgetGivenUp()
          finish({ type: 'failed', reason })
        },
      }
      const deadline = setTimeout(
        () => arrival.fail(`Queue "${queue.name}" was full for ${this.#publishTimeoutMs} ms`),
        this.#publishTimeoutMs,
      )
      waiting.add(arrival)
      queue.wait(arrival)
    })
  }
}

function failAll(waiting: ReadonlySet<Waiting>, reason: string): void {
  for (const arrival of waiting) arrival.fail(reason)
}

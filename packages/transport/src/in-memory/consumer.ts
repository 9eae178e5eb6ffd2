import type { Consumer, ConsumeOptions, ConsumerState, Delivery } from '../transport.ts'
import type { MemoryQueue, StoredMessage, Taker } from './queue.ts'

/**
 * A consumer of one queue. What it was asked for (`consuming`, `paused`, `closed`) outlives its
 * link: an interrupted consumer goes on as it was asked when the link is remade.
 *
 * C1 It takes a message only while it consumes, is linked and holds less than its prefetch (T4).
 * C2 A delivery is known by its own object, made anew for each delivery: a stale one settles
 *    nothing, even when its message is back in the same hands (T3).
 * C3 When the link goes, all that is unsettled goes back.
 */
export class MemoryConsumer implements Consumer, Taker {
  readonly #queue: MemoryQueue
  readonly #options: ConsumeOptions
  /** Called when it is closed and holds nothing. */
  readonly #onDone: () => void
  readonly #unsettled = new Map<Delivery, StoredMessage>()
  #asked: 'consuming' | 'paused' | 'closed'
  #isLinked = true

  constructor(queue: MemoryQueue, options: ConsumeOptions, onDone: () => void) {
    this.#queue = queue
    this.#options = options
    this.#onDone = onDone
    this.#asked = options.isPaused === true ? 'paused' : 'consuming'
    queue.attach(this)
  }

  get state(): ConsumerState {
    return this.#isLinked || this.#asked === 'closed' ? this.#asked : 'interrupted'
  }

  get isConsuming(): boolean {
    return this.#isLinked && this.#asked === 'consuming'
  }

  /** C1 */
  get canTake(): boolean {
    return this.isConsuming && this.#unsettled.size < this.#options.prefetch
  }

  take(message: StoredMessage): void {
    const delivery = this.#makeDelivery(message)
    message.wasDelivered = true
    this.#unsettled.set(delivery, message)
    this.#options.onDelivery(delivery)
  }

  async pause(): Promise<void> {
    if (this.#asked === 'consuming') this.#asked = 'paused'
  }

  async resume(): Promise<void> {
    if (this.#asked !== 'paused') return
    this.#asked = 'consuming'
    this.#queue.wake()
  }

  async close(): Promise<void> {
    this.#asked = 'closed'
    this.#queue.detach(this)
    this.#checkDone()
  }

  interrupt(): void {
    this.#isLinked = false
    this.#giveBack()
  }

  restore(): void {
    this.#isLinked = true
    this.#queue.wake()
  }

  /** Ends with its transport. */
  end(): void {
    this.#asked = 'closed'
    this.#queue.detach(this)
    this.#giveBack()
  }

  /** C3 */
  #giveBack(): void {
    const messages = [...this.#unsettled.values()]
    this.#unsettled.clear()
    for (const message of messages) this.#queue.putBack(message)
    this.#checkDone()
  }

  /** C2 */
  #makeDelivery(message: StoredMessage): Delivery {
    let isSettled = false
    const unsettled = this.#unsettled
    const delivery: Delivery = {
      body: message.body,
      messageId: message.messageId,
      isRedelivered: message.wasDelivered,
      get isLost() {
        return !isSettled && !unsettled.has(delivery)
      },
      settle: (how) => {
        if (isSettled) {
          throw new Error(
            `Message "${message.messageId}" of queue "${this.#queue.name}" is settled twice: ` +
              'settle each delivery once',
          )
        }
        isSettled = true
        return this.#settle(delivery, how)
      },
    }
    return delivery
  }

  #settle(delivery: Delivery, how: 'acknowledge' | 'release'): boolean {
    const message = this.#unsettled.get(delivery)
    if (!message) return false
    this.#unsettled.delete(delivery)
    if (how === 'acknowledge') this.#queue.acknowledge()
    else this.#queue.putBack(message)
    this.#checkDone()
    return true
  }

  #checkDone(): void {
    if (this.#asked === 'closed' && this.#unsettled.size === 0) this.#onDone()
  }
}

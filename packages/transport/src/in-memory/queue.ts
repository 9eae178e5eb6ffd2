// Not the global one: deliveries take no time, so a faked clock does not hold them.
import { clearImmediate, setImmediate } from 'node:timers'
import { Fifo } from './fifo.ts'
import { Heap } from './heap.ts'

/**
 * A queue. A message comes from a publisher or from a retry whose wait is over:
 *
 *   (waits for room or for the queue) → ready → unsettled → gone
 *                                         ↑_________|
 *
 * Q1 A message is in one place at a time, and only an acknowledgement makes it go.
 * Q2 What came back is delivered before what was never delivered; both in their first order.
 * Q3 Nobody waits while there is room; whoever waits keeps their turn. What was ready once is
 *    never refused for want of room.
 * Q4 Consumers are called from `#deliver` alone: never from inside publish, settle or resume.
 * Q5 Consumers that can take a message take turns.
 * Q6 After a batch of deliveries the event loop has its turn, so that a consumer which releases
 *    all it gets stops no timer.
 */
export interface StoredMessage {
  readonly body: Uint8Array
  readonly messageId: string
  /** Its place in the queue (Q2), given when it is made ready for the first time. */
  position: number
  wasDelivered: boolean
}

/** Whom a queue hands its messages to. */
export interface Taker {
  readonly isConsuming: boolean
  readonly canTake: boolean
  take(message: StoredMessage): void
}

/** A publisher that waits for room. */
export interface Arrival {
  readonly message: StoredMessage
  readonly hasGivenUp: boolean
  /** Its message is ready. */
  confirm(): void
}

export interface QueueInspection {
  readonly name: string
  /** False for a queue that only retries wait for. */
  readonly isDeclared: boolean
  readonly ready: number
  readonly unsettled: number
  /** Retries that wait for their time, or are due but find no queue or no room. */
  readonly delayed: number
  /** Those that are consuming now. */
  readonly consumers: number
}

/** Deliveries at a stretch (Q6). */
const BATCH = 128

export class MemoryQueue {
  readonly name: string
  readonly #maxReady: number
  readonly #fresh = new Fifo<StoredMessage>()
  readonly #returned = new Heap<StoredMessage>()
  readonly #due = new Fifo<StoredMessage>()
  readonly #arrivals = new Fifo<Arrival>()
  readonly #takers: Taker[] = []
  #isDeclared = false
  #nextPosition = 0
  #nextTurn = 0
  #unsettled = 0
  #delayed = 0
  /** Set from when deliveries are due until a batch of them was made. */
  #pending: NodeJS.Immediate | undefined

  constructor(name: string, maxReady: number) {
    this.name = name
    this.#maxReady = maxReady
  }

  declare(): void {
    this.#isDeclared = true
    this.#admit()
  }

  /** Takes a message at once, if it can. */
  offer(message: StoredMessage): 'taken' | 'undeclared' | 'full' {
    if (!this.#isDeclared) return 'undeclared'
    if (!this.#hasRoom()) return 'full'
    this.#append(message)
    this.#schedule()
    return 'taken'
  }

  wait(arrival: Arrival): void {
    this.#arrivals.push(arrival)
  }

  /** Lets go of those who gave up; each has a deadline, so that none stays behind another for ever. */
  forgetGivenUp(): void {
    while (this.#arrivals.at(0)?.hasGivenUp) this.#arrivals.shift()
  }

  expectRetry(): void {
    this.#delayed += 1
  }

  takeRetry(message: StoredMessage): void {
    this.#delayed -= 1
    this.#due.push(message)
    this.#admit()
  }

  acknowledge(): void {
    this.#unsettled -= 1
    this.#schedule()
  }

  /** Takes back what was not settled, room or not (Q3). */
  putBack(message: StoredMessage): void {
    this.#unsettled -= 1
    this.#returned.push(message)
    this.#schedule()
  }

  attach(taker: Taker): void {
    this.#takers.push(taker)
    this.#schedule()
  }

  detach(taker: Taker): void {
    const index = this.#takers.indexOf(taker)
    if (index >= 0) this.#takers.splice(index, 1)
  }

  /** A consumer can take messages again. */
  wake(): void {
    this.#schedule()
  }

  close(): void {
    clearImmediate(this.#pending)
  }

  inspect(): QueueInspection {
    return {
      name: this.name,
      isDeclared: this.#isDeclared,
      ready: this.#countReady(),
      unsettled: this.#unsettled,
      delayed: this.#delayed + this.#due.size,
      consumers: this.#takers.filter((taker) => taker.isConsuming).length,
    }
  }

  /** The messages that will be delivered next. */
  peek(limit: number): readonly StoredMessage[] {
    const next = this.#returned.list().slice(0, limit)
    for (let index = 0; next.length < limit; index += 1) {
      const message = this.#fresh.at(index)
      if (!message) break
      next.push(message)
    }
    return next
  }

  #countReady(): number {
    return this.#returned.size + this.#fresh.size
  }

  #hasRoom(): boolean {
    return this.#countReady() < this.#maxReady
  }

  #append(message: StoredMessage): void {
    message.position = this.#nextPosition
    this.#nextPosition += 1
    this.#fresh.push(message)
  }

  /** Lets in who waits (Q3); a retry first, as its wait began before any publisher's could. */
  #admit(): void {
    while (this.#isDeclared && this.#hasRoom()) {
      const message = this.#due.shift() ?? this.#admitArrival()
      if (!message) break
      this.#append(message)
    }
    this.#schedule()
  }

  #admitArrival(): StoredMessage | undefined {
    this.forgetGivenUp()
    const arrival = this.#arrivals.shift()
    arrival?.confirm()
    return arrival?.message
  }

  /** Has deliveries made soon, in a turn of the event loop of their own (Q4). */
  #schedule(): void {
    if (this.#pending || this.#countReady() === 0) return
    if (!this.#takers.some((taker) => taker.canTake)) return
    this.#pending = setImmediate(() => this.#deliver())
  }

  #deliver(): void {
    try {
      for (let count = 0; count < BATCH && this.#countReady() > 0; count += 1) {
        const taker = this.#nextTaker()
        // What came back goes first (Q2).
        const message = taker && (this.#returned.pop() ?? this.#fresh.shift())
        if (!message) break
        this.#unsettled += 1
        if (this.#due.size > 0 || this.#arrivals.size > 0) this.#admit()
        taker.take(message)
      }
    } finally {
      this.#pending = undefined
      this.#schedule()
    }
  }

  /** The next in turn that can take a message (Q5). */
  #nextTaker(): Taker | undefined {
    const count = this.#takers.length
    for (let step = 0; step < count; step += 1) {
      const index = (this.#nextTurn + step) % count
      const taker = this.#takers[index]
      if (taker?.canTake) {
        this.#nextTurn = index + 1
        return taker
      }
    }
    return undefined
  }
}

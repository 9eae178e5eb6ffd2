import type { RetryTierMs } from '@asya/protocol'

/**
 * Moves message bodies between queues, at least once. Implementations: `in-memory/`, `rabbitmq/`
 * (one conformance suite for all: conformance.ts).
 *
 * T1 `confirmed` means: the body survives anything that the queue system survives.
 * T2 A body that no queue takes is answered `unroutable`, never dropped.
 * T3 Every delivery is settled exactly once. A delivery whose connection is gone can no longer be
 *    settled; its body is delivered again, to whoever consumes the queue then.
 * T4 At most `prefetch` deliveries of a consumer are unsettled at any time.
 * T5 A body published with `delayMs` is confirmed when its wait is safe, is delivered after the
 *    wait, and holds no consumer meanwhile.
 * T6 No call waits for ever: each has its deadline, and answers `failed` when it has passed.
 */
export interface Transport {
  /** The largest body that `publish` takes. */
  readonly maxBodyBytes: number

  /** Resolves when the queue system has answered, never rejects. Several may be under way. */
  publish(outgoing: Outgoing): Promise<PublishResult>

  /**
   * Consumes an actor's own queue, and declares it if it is missing: only its owner does that.
   * Rejects with a TransportError when the queue cannot be had at all. The first delivery may come
   * before it resolves.
   */
  consume(queue: string, options: ConsumeOptions): Promise<Consumer>

  /** Gives back what is unsettled and closes the connection. Idempotent, bounded in time. */
  close(): Promise<void>
}

export interface Outgoing {
  readonly queue: string
  /** Handed over: whoever published it must not change it any more. */
  readonly body: Uint8Array
  /** Any string; the body goes without it where the queue system cannot carry it. */
  readonly messageId: string
  /** Wait before delivery. Never answered `unroutable`: it is kept until its queue exists. */
  readonly delayMs?: RetryTierMs
}

export type PublishResult =
  | { readonly type: 'confirmed' }
  /** No such queue: try again later, or send it elsewhere. */
  | { readonly type: 'unroutable' }
  /** Will never be taken as it is, such as a body that is too large. */
  | { readonly type: 'refused'; readonly reason: string }
  /** Not known to be safe (connection lost, full, no answer in time): may have arrived all the same. */
  | { readonly type: 'failed'; readonly reason: string }

export interface ConsumeOptions {
  /** How many deliveries may be unsettled at a time, 1 to 65,535, over pauses and cuts too. */
  readonly prefetch: number
  /** Begin paused: the queue is declared, and nothing is delivered until `resume`. */
  readonly isPaused?: boolean
  /** Called for each delivery, never from inside another call of the transport; must not throw. */
  onDelivery(delivery: Delivery): void
}

/** `consuming`: deliveries come; `paused`: by us; `interrupted`: the connection is being remade. */
export type ConsumerState = 'consuming' | 'paused' | 'interrupted' | 'closed'

/** What is asked of it while it is interrupted holds when the connection is remade. */
export interface Consumer {
  readonly state: ConsumerState
  /** No new deliveries after it resolves; what is unsettled stays with the consumer. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Stops for good; what is unsettled may still be settled until the transport closes. */
  close(): Promise<void>
}

export interface Delivery {
  /** Read only; owned by the delivery. */
  readonly body: Uint8Array
  readonly messageId: string | undefined
  /** True when it was delivered before, as far as the queue system knows. */
  readonly isRedelivered: boolean
  /** True when nobody settled it and nobody can any more: its body is delivered again (T3). */
  readonly isLost: boolean
  /**
   * `acknowledge`: done with. `release`: back to its queue, to be delivered again.
   * Returns false when it was too late (T3); true may still be lost with the connection, and then
   * the body is delivered again. Throws when it was settled before: that is a bug.
   */
  settle(how: 'acknowledge' | 'release'): boolean
}

/** The queue system refuses what a consumer needs; `message` says what and how to mend it. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code = 'transport_error'
}

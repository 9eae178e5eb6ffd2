import type { ConsumeMessage } from 'amqplib'

/** How a delivery is settled, as the broker is told. */
export interface SettleFrame {
  readonly message: ConsumeMessage
  readonly how: 'acknowledge' | 'release'
  /** This one, and all before it that are unsettled. */
  readonly isUpTo: boolean
}

/**
 * What is unsettled on one channel, and what the broker is yet to be told. Pure.
 *
 * W1 One frame for several acknowledgements covers only what was acknowledged, or released by a frame
 *    before it: never what is unsettled.
 * W2 Deliveries come in the order of their tags, as a channel numbers them.
 */
export class DeliveryWindow {
  /** By tag, in order (W2). */
  readonly #unsettled = new Map<number, ConsumeMessage>()
  readonly #acknowledged: ConsumeMessage[] = []
  readonly #released: ConsumeMessage[] = []
  /** Unsettled with tags up to this one belong to consumers that were cancelled. */
  #retiredUpTo = 0
  #retired = 0
  #lastTag = 0

  /** How many are unsettled. */
  get size(): number {
    return this.#unsettled.size
  }

  /** How many of these came before the last `retire`. */
  get retired(): number {
    return this.#retired
  }

  add(message: ConsumeMessage): void {
    this.#lastTag = message.fields.deliveryTag
    this.#unsettled.set(this.#lastTag, message)
  }

  /** From now on all that is unsettled belongs to a consumer that was cancelled. */
  retire(): void {
    this.#retiredUpTo = this.#lastTag
    this.#retired = this.#unsettled.size
  }

  /** True when this is the first since the last frames were taken. */
  settle(message: ConsumeMessage, how: 'acknowledge' | 'release'): boolean {
    const isFirst = this.#acknowledged.length + this.#released.length === 0
    const tag = message.fields.deliveryTag
    this.#unsettled.delete(tag)
    if (tag <= this.#retiredUpTo) this.#retired -= 1
    if (how === 'acknowledge') this.#acknowledged.push(message)
    else this.#released.push(message)
    return isFirst
  }

  /** What the broker is to be told, in order. */
  takeFrames(): readonly SettleFrame[] {
    const frames = this.#released
      .splice(0)
      .map((message): SettleFrame => ({ message, how: 'release', isUpTo: false }))
    const acknowledged = this.#acknowledged.splice(0)
    const firstUnsettled = this.#unsettled.keys().next().value ?? Infinity
    const isCovered = ({ fields }: ConsumeMessage): boolean => fields.deliveryTag < firstUnsettled
    const covered = acknowledged.filter(isCovered)
    const last = covered.reduce<ConsumeMessage | undefined>(later, undefined)
    if (last) frames.push({ message: last, how: 'acknowledge', isUpTo: covered.length > 1 })
    for (const message of acknowledged) {
      if (!isCovered(message)) frames.push({ message, how: 'acknowledge', isUpTo: false })
    }
    return frames
  }
}

function later(one: ConsumeMessage | undefined, other: ConsumeMessage): ConsumeMessage {
  return one && one.fields.deliveryTag > other.fields.deliveryTag ? one : other
}

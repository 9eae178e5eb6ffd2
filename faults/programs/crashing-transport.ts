import type {
  ConsumeOptions,
  Consumer,
  Delivery,
  Outgoing,
  PublishResult,
  Transport,
} from '@asya/transport'
import type { CrashPoints } from './crash-points.ts'

/** A transport that ends its process at the steps between a delivery and its acknowledgement. */
export class CrashingTransport implements Transport {
  readonly #inner: Transport
  readonly #points: CrashPoints

  constructor(inner: Transport, points: CrashPoints) {
    this.#inner = inner
    this.#points = points
  }

  get maxBodyBytes(): number {
    return this.#inner.maxBodyBytes
  }

  async publish(outgoing: Outgoing): Promise<PublishResult> {
    this.#points.reach('after-reply')
    const publishing = this.#inner.publish(outgoing)
    this.#points.reachInFlight('after-publish')
    const result = await publishing
    this.#points.reach('after-confirm')
    return result
  }

  consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const onDelivery = (delivery: Delivery): void => {
      this.#points.reach('after-deliver')
      options.onDelivery(this.#watch(delivery))
    }
    return this.#inner.consume(queue, { ...options, onDelivery })
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #watch(delivery: Delivery): Delivery {
    const { body, messageId, isRedelivered } = delivery
    const settle = (how: 'acknowledge' | 'release'): boolean => {
      this.#points.reach('before-ack')
      const isSettled = delivery.settle(how)
      this.#points.reachInFlight('after-ack')
      return isSettled
    }
    return {
      ...{ body, messageId, isRedelivered, settle },
      get isLost() {
        return delivery.isLost
      },
    }
  }
}

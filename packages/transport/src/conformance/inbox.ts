import type { Consumer, Delivery, Outgoing, PublishResult, Transport } from '../transport.ts'
import { inTime, sleep, until, type Harness } from './harness.ts'

/** A consumer that keeps what it gets, in order, and settles nothing by itself. */
export interface Inbox {
  readonly consumer: Consumer
  /** All that came, settled or not. */
  readonly deliveries: readonly Delivery[]
  /** The next so many deliveries that were not taken yet, when they have come. */
  take(count: number): Promise<readonly Delivery[]>
  /** Waits until nothing comes any more; returns what came and was not taken yet. */
  takeRest(): Promise<readonly Delivery[]>
}

export interface InboxOptions {
  readonly queue: string
  readonly prefetch: number
  readonly isPaused?: boolean
  /** Called for each delivery after it was kept. */
  readonly onDelivery?: (delivery: Delivery) => void
}

export async function openInbox(
  harness: Harness,
  transport: Transport,
  options: InboxOptions,
): Promise<Inbox> {
  const deliveries: Delivery[] = []
  let taken = 0
  const take = (count: number): readonly Delivery[] => {
    taken += count
    return deliveries.slice(taken - count, taken)
  }
  const consumer = await inTime(
    harness,
    transport.consume(options.queue, {
      prefetch: options.prefetch,
      ...(options.isPaused === undefined ? {} : { isPaused: options.isPaused }),
      onDelivery: (delivery) => {
        deliveries.push(delivery)
        options.onDelivery?.(delivery)
      },
    }),
  )
  return {
    consumer,
    deliveries,
    async take(count) {
      const wanted = taken + count
      await until(harness, `delivery ${wanted} of "${options.queue}"`, () => {
        return deliveries.length >= wanted
      })
      return take(count)
    },
    async takeRest() {
      for (let seen = -1; seen !== deliveries.length;) {
        seen = deliveries.length
        await sleep(harness.quietMs)
      }
      return take(deliveries.length - taken)
    },
  }
}

/** An outgoing message whose body is its message id. */
export function outgoing(queue: string, text: string): Outgoing {
  return { queue, body: new TextEncoder().encode(text), messageId: text }
}

export function textOf(delivery: Delivery): string {
  return new TextDecoder().decode(delivery.body)
}

export function textsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(textOf)
}

/** Publishes texts in order; all answers must be `confirmed`. */
export async function publishAll(
  harness: Harness,
  transport: Transport,
  messages: readonly Outgoing[],
): Promise<void> {
  const answers = await inTime(
    harness,
    Promise.all(messages.map((message) => transport.publish(message))),
  )
  const others = answers.filter((answer) => answer.type !== 'confirmed')
  if (others.length > 0) throw new Error(`Not confirmed: ${JSON.stringify(others)}`)
}

/** Declares a queue as its owner would, and leaves nobody consuming it. */
export async function declare(
  harness: Harness,
  transport: Transport,
  queue: string,
): Promise<void> {
  const { consumer } = await openInbox(harness, transport, { queue, prefetch: 1 })
  await inTime(harness, consumer.close())
}

/** So many messages for a queue, their bodies numbered from 1. */
export function numbered(queue: string, count: number): readonly Outgoing[] {
  return Array.from({ length: count }, (_, index) => outgoing(queue, `${index + 1}`))
}

export function settleAll(
  deliveries: readonly Delivery[],
  how: 'acknowledge' | 'release',
): readonly boolean[] {
  return deliveries.map((delivery) => delivery.settle(how))
}

export function typesOf(answers: readonly PublishResult[]): readonly string[] {
  return answers.map((answer) => answer.type)
}

import { expect } from 'vitest'
import { inTime, nameQueue, sleep, until, type Laws } from './harness.ts'
import { numbered, openInbox, outgoing, publishAll, textsOf } from './inbox.ts'

const TIER_MS = 1_000

/** Timers and brokers count in milliseconds of their own. */
const CLOCK_SKEW_MS = 50

export const delayingLaws: Laws = {
  async 'A delayed body comes after its wait, to its queue alone, and others overtake it'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const startMs = performance.now()
    let lateMs = 0
    const inbox = await openInbox(harness, transport, {
      queue,
      prefetch: 10,
      onDelivery: () => {
        lateMs = performance.now() - startMs
      },
    })
    const other = await openInbox(harness, transport, { queue: nameQueue(), prefetch: 10 })
    const late = { ...outgoing(queue, 'late'), delayMs: TIER_MS } as const
    await publishAll(harness, transport, [late, outgoing(queue, 'prompt')])
    expect(textsOf(await inbox.take(2))).toEqual(['prompt', 'late'])
    expect(inbox.deliveries[1]?.messageId).toBe('late')
    expect(lateMs).toBeGreaterThanOrEqual(TIER_MS - CLOCK_SKEW_MS)
    expect(await inbox.takeRest()).toEqual([])
    expect(other.deliveries).toEqual([])
  },

  async 'Bodies of equal delay come in the order of publishing'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 100 })
    const messages = numbered(queue, 100)
    await publishAll(
      harness,
      transport,
      messages.map((message) => ({ ...message, delayMs: TIER_MS })),
    )
    expect(inbox.deliveries).toEqual([])
    expect(textsOf(await inbox.take(100))).toEqual(messages.map(({ messageId }) => messageId))
  },

  async 'A wait survives the crash of its publisher and of its queue’s only consumer'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    await openInbox(harness, transport, { queue, prefetch: 10 })
    await publishAll(harness, transport, [{ ...outgoing(queue, 'late'), delayMs: TIER_MS }])
    await harness.cut(transport)
    await sleep(TIER_MS)
    const inbox = await openInbox(harness, await harness.connect(), { queue, prefetch: 10 })
    expect(textsOf(await inbox.take(1))).toEqual(['late'])
    expect(await inbox.takeRest()).toEqual([])
  },

  async 'A wait holds no consumer: one of prefetch 1 is served all the while'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, {
      queue,
      prefetch: 1,
      onDelivery: (delivery) => delivery.settle('acknowledge'),
    })
    await publishAll(
      harness,
      transport,
      numbered(queue, 10).map((message) => ({ ...message, delayMs: TIER_MS })),
    )
    await publishAll(harness, transport, numbered(queue, 20))
    await until(harness, 'all that did not wait', () => inbox.deliveries.length >= 20)
    const prompt = await inbox.take(20)
    expect(textsOf(prompt)).toEqual(numbered(queue, 20).map(({ messageId }) => messageId))
    await inbox.take(10)
    expect(await inbox.takeRest()).toEqual([])
  },

  async 'A delayed body that is too large is refused'(harness) {
    const transport = await harness.connect()
    const body = new Uint8Array(transport.maxBodyBytes + 1)
    const publish = transport.publish({
      ...{ queue: nameQueue(), messageId: 'large' },
      body,
      delayMs: TIER_MS,
    })
    expect((await inTime(harness, publish)).type).toBe('refused')
  },
}

import { expect } from 'vitest'
import { TransportError, type Delivery } from '../transport.ts'
import { inTime, nameQueue, sleep, until, type Laws } from './harness.ts'
import { declare, numbered, openInbox, publishAll, settleAll, textsOf } from './inbox.ts'

export const consumingLaws: Laws = {
  async 'A consumer never holds more than its prefetch, and each settle brings one more'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 3 })
    await publishAll(harness, transport, numbered(queue, 6))
    const held = await inbox.takeRest()
    expect(textsOf(held)).toEqual(['1', '2', '3'])
    expect(held[1]?.settle('acknowledge')).toBe(true)
    expect(textsOf(await inbox.takeRest())).toEqual(['4'])
    expect(held[0]?.settle('acknowledge')).toBe(true)
    expect(held[2]?.settle('acknowledge')).toBe(true)
    expect(textsOf(await inbox.takeRest())).toEqual(['5', '6'])
  },

  async 'The prefetch holds when many settle at random times'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    let held = 0
    let heldAtMost = 0
    const work = async (delivery: Delivery): Promise<void> => {
      held += 1
      heldAtMost = Math.max(heldAtMost, held)
      await sleep(Math.random() * 3)
      held -= 1
      delivery.settle('acknowledge')
    }
    const options = { queue, prefetch: 7, onDelivery: (delivery: Delivery) => void work(delivery) }
    const inbox = await openInbox(harness, transport, options)
    await publishAll(harness, transport, numbered(queue, 200))
    await inbox.take(200)
    expect(heldAtMost).toBeLessThanOrEqual(7)
    await until(harness, 'the last settle', () => held === 0)
  },

  async 'The prefetch counts what is unsettled from before a pause'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await publishAll(harness, transport, numbered(queue, 5))
    const held = await inbox.take(2)
    await inTime(harness, inbox.consumer.pause())
    await inTime(harness, inbox.consumer.resume())
    expect(await inbox.takeRest()).toEqual([])
    held[0]?.settle('acknowledge')
    expect(textsOf(await inbox.takeRest())).toEqual(['3'])
  },

  async 'A prefetch that is not 1 to 65,535, and a name that no queue can have, are rejected'(
    harness,
  ) {
    const transport = await harness.connect()
    const onDelivery = (): void => {}
    for (const prefetch of [0, -1, 1.5, Number.NaN, Infinity, 65_536]) {
      const consuming = transport.consume(nameQueue(), { prefetch, onDelivery })
      await expect(inTime(harness, consuming)).rejects.toThrow(TransportError)
    }
    for (const name of ['', '#', '*', 'a b', 'a'.repeat(201)]) {
      const consuming = transport.consume(name, { prefetch: 1, onDelivery })
      await expect(inTime(harness, consuming)).rejects.toThrow(TransportError)
    }
    const inbox = await openInbox(harness, transport, { queue: nameQueue(), prefetch: 65_535 })
    expect(inbox.consumer.state).toBe('consuming')
  },

  async 'To settle a delivery twice throws, and does nothing'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await publishAll(harness, transport, numbered(queue, 1))
    const [first] = await inbox.take(1)
    expect(first?.settle('release')).toBe(true)
    const [second] = await inbox.take(1)
    expect(() => first?.settle('acknowledge')).toThrow(/twice/)
    expect(() => first?.settle('release')).toThrow(/twice/)
    expect(await inbox.takeRest()).toEqual([])
    expect(second?.settle('acknowledge')).toBe(true)
  },

  async 'What was acknowledged is not delivered again, even when the transport closes at once'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 100 })
    await publishAll(harness, transport, numbered(queue, 100))
    const held = await inbox.take(100)
    settleAll(held.slice(0, 60), 'acknowledge')
    await inTime(harness, transport.close())
    const next = await openInbox(harness, await harness.connect(), { queue, prefetch: 200 })
    expect(textsOf(await next.take(40))).toEqual(textsOf(held.slice(60)))
    expect(await next.takeRest()).toEqual([])
  },

  async 'What is released comes again, marked, in its old order and before what never came'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 3 })
    await publishAll(harness, transport, numbered(queue, 5))
    const held = await inbox.take(3)
    expect(held.map(({ isRedelivered }) => isRedelivered)).toEqual([false, false, false])
    await inTime(harness, inbox.consumer.pause())
    expect(settleAll(held, 'release')).toEqual([true, true, true])
    const next = await openInbox(harness, await harness.connect(), { queue, prefetch: 5 })
    const again = await next.take(5)
    expect(textsOf(again)).toEqual(['1', '2', '3', '4', '5'])
    const marks = again.map(({ isRedelivered }) => isRedelivered)
    expect(marks).toEqual([true, true, true, false, false])
  },

  async 'Several consumers of a queue share it: each body goes to one of them'(harness) {
    const queue = nameQueue()
    const publisher = await harness.connect()
    const inboxes = [
      await openInbox(harness, publisher, { queue, prefetch: 5 }),
      await openInbox(harness, publisher, { queue, prefetch: 5 }),
      await openInbox(harness, await harness.connect(), { queue, prefetch: 5 }),
    ]
    await publishAll(harness, publisher, numbered(queue, 15))
    const shares = await Promise.all(inboxes.map((inbox) => inbox.take(5)))
    expect(new Set(shares.flatMap(textsOf)).size).toBe(15)
  },

  async 'A paused consumer gets nothing, may settle what it holds, and goes on when resumed'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await publishAll(harness, transport, numbered(queue, 4))
    const [first, second] = await inbox.take(2)
    await inTime(harness, inbox.consumer.pause())
    expect(inbox.consumer.state).toBe('paused')
    expect(first?.settle('acknowledge')).toBe(true)
    expect(await inbox.takeRest()).toEqual([])
    await inTime(harness, inbox.consumer.resume())
    expect(inbox.consumer.state).toBe('consuming')
    expect(textsOf(await inbox.take(1))).toEqual(['3'])
    expect(second?.settle('acknowledge')).toBe(true)
    expect(textsOf(await inbox.take(1))).toEqual(['4'])
  },

  async 'A consumer that begins paused declares its queue, and gets nothing until it is resumed'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2, isPaused: true })
    expect(inbox.consumer.state).toBe('paused')
    await publishAll(harness, transport, numbered(queue, 3))
    expect(await inbox.takeRest()).toEqual([])
    await inTime(harness, inbox.consumer.resume())
    expect(inbox.consumer.state).toBe('consuming')
    expect(textsOf(await inbox.takeRest())).toEqual(['1', '2'])
  },

  async 'A closed consumer gets nothing ever again, and may settle what it holds'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await publishAll(harness, transport, numbered(queue, 4))
    const [first, second] = await inbox.take(2)
    await inTime(harness, inbox.consumer.close())
    await inTime(harness, inbox.consumer.close())
    await inTime(harness, inbox.consumer.resume())
    expect(inbox.consumer.state).toBe('closed')
    expect(first?.settle('acknowledge')).toBe(true)
    expect(second?.settle('release')).toBe(true)
    expect(await inbox.takeRest()).toEqual([])
    const next = await openInbox(harness, transport, { queue, prefetch: 10 })
    expect(textsOf(await next.take(3))).toEqual(['2', '3', '4'])
    expect(await next.takeRest()).toEqual([])
  },

  async 'To pause, to resume and to close may be asked for again and again'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const { consumer } = await openInbox(harness, transport, { queue, prefetch: 1 })
    expect(consumer.state).toBe('consuming')
    const calls = [consumer.pause(), consumer.resume(), consumer.pause(), consumer.pause()]
    await inTime(harness, Promise.all(calls))
    expect(consumer.state).toBe('paused')
    await inTime(harness, Promise.all([consumer.resume(), consumer.resume()]))
    expect(consumer.state).toBe('consuming')
    await inTime(harness, Promise.all([transport.close(), transport.close()]))
    expect(consumer.state).toBe('closed')
    await inTime(harness, Promise.all([consumer.pause(), consumer.resume(), consumer.close()]))
    expect(consumer.state).toBe('closed')
  },

  async 'A transport that closes gives back what is unsettled, and its deliveries settle nothing'(
    harness,
  ) {
    const queue = nameQueue()
    const leaving = await harness.connect()
    const inbox = await openInbox(harness, leaving, { queue, prefetch: 3 })
    await publishAll(harness, leaving, numbered(queue, 4))
    const held = await inbox.take(3)
    await inTime(harness, leaving.close())
    const heir = await harness.connect()
    const next = await openInbox(harness, heir, { queue, prefetch: 10 })
    expect(textsOf(await next.take(4))).toEqual(['1', '2', '3', '4'])
    expect(settleAll(held, 'acknowledge')).toEqual([false, false, false])
    await inTime(harness, heir.close())
    const last = await openInbox(harness, await harness.connect(), { queue, prefetch: 10 })
    expect(textsOf(await last.take(4))).toEqual(['1', '2', '3', '4'])
  },

  async 'A closed transport consumes nothing'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    await declare(harness, transport, queue)
    await inTime(harness, transport.close())
    const consuming = transport.consume(queue, { prefetch: 1, onDelivery: () => {} })
    await expect(inTime(harness, consuming)).rejects.toThrow(TransportError)
  },

  async 'No delivery comes from inside a publish, a settle or another delivery'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    let depth = 0
    let deepest = 0
    let leftToPublish = 5
    const onDelivery = (delivery: Delivery): void => {
      depth += 1
      deepest = Math.max(deepest, depth)
      if (leftToPublish > 0) {
        leftToPublish -= 1
        for (const message of numbered(queue, 2)) void transport.publish(message)
      }
      delivery.settle(delivery.isRedelivered ? 'acknowledge' : 'release')
      depth -= 1
    }
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10, onDelivery })
    depth += 1
    const publishing = publishAll(harness, transport, numbered(queue, 1))
    depth -= 1
    await publishing
    await inbox.take(22)
    expect(deepest).toBe(1)
  },
}

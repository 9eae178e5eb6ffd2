import { expect } from 'vitest'
import { inTime, nameQueue, until, type Laws } from './harness.ts'
import { declare, numbered, openInbox, outgoing, publishAll, textsOf, typesOf } from './inbox.ts'

const NO_QUEUE_NAMES = ['', '#', '*', 'a b', '.a', '-a', 'ä', 'a/b', 'a'.repeat(201)]

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index)

export const publishingLaws: Laws = {
  async 'What is confirmed is delivered, with its body and its message id'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    const publish = transport.publish({ ...outgoing(queue, 'body'), messageId: 'id-1' })
    expect(await inTime(harness, publish)).toEqual({ type: 'confirmed' })
    const deliveries = await inbox.take(1)
    expect(textsOf(deliveries)).toEqual(['body'])
    expect(deliveries[0]?.messageId).toBe('id-1')
    expect(deliveries[0]?.isRedelivered).toBe(false)
    expect(await inbox.takeRest()).toEqual([])
  },

  async 'Messages come in the order of publishing, however many publishes are under way'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 1_000 })
    const messages = numbered(queue, 1_000)
    await publishAll(harness, transport, messages)
    expect(textsOf(await inbox.take(1_000))).toEqual(messages.map(({ messageId }) => messageId))
  },

  async 'A body for a queue that nobody declared is answered unroutable'(harness) {
    const transport = await harness.connect()
    const publish = transport.publish(outgoing(nameQueue(), 'lost'))
    expect(await inTime(harness, publish)).toEqual({ type: 'unroutable' })
  },

  async 'Each of several publishes gets its own answer, even when their message ids are equal'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    await declare(harness, transport, queue)
    const queues = Array.from({ length: 50 }, (_, index) => (index % 2 ? queue : nameQueue()))
    const answers = await inTime(
      harness,
      Promise.all(queues.map((name) => transport.publish(outgoing(name, 'same')))),
    )
    const expected = queues.map((name) => (name === queue ? 'confirmed' : 'unroutable'))
    expect(typesOf(answers)).toEqual(expected)
  },

  async 'Publishing declares no queue; only its owner does, by consuming'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const first = await inTime(harness, transport.publish(outgoing(queue, 'early')))
    const second = await inTime(harness, transport.publish(outgoing(queue, 'early')))
    expect(typesOf([first, second])).toEqual(['unroutable', 'unroutable'])
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    await publishAll(harness, transport, [outgoing(queue, 'in time')])
    expect(textsOf(await inbox.take(1))).toEqual(['in time'])
    expect(await inbox.takeRest()).toEqual([])
  },

  async 'A queue outlives its consumers and keeps what comes meanwhile'(harness) {
    const queue = nameQueue()
    const owner = await harness.connect()
    await declare(harness, owner, queue)
    await inTime(harness, owner.close())
    const publisher = await harness.connect()
    await publishAll(harness, publisher, numbered(queue, 3))
    const inbox = await openInbox(harness, await harness.connect(), { queue, prefetch: 10 })
    expect(textsOf(await inbox.take(3))).toEqual(['1', '2', '3'])
  },

  async 'The largest body is taken, and one byte more is refused without harm to its neighbours'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    const bodies = [1, transport.maxBodyBytes + 1, 2, transport.maxBodyBytes, 3]
    const answers = await inTime(
      harness,
      Promise.all(
        bodies.map((bytes) =>
          transport.publish({ queue, body: new Uint8Array(bytes), messageId: `${bytes}` }),
        ),
      ),
    )
    const types = ['confirmed', 'refused', 'confirmed', 'confirmed', 'confirmed']
    expect(typesOf(answers)).toEqual(types)
    const lengths = (await inbox.take(4)).map(({ body }) => body.byteLength)
    expect(lengths).toEqual([1, 2, transport.maxBodyBytes, 3])
  },

  async 'A name that no queue can have is refused without harm to its neighbours'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    await declare(harness, transport, queue)
    const names = [...NO_QUEUE_NAMES, queue]
    const answers = await inTime(
      harness,
      Promise.all(names.map((name) => transport.publish(outgoing(name, 'body')))),
    )
    expect(typesOf(answers)).toEqual([...NO_QUEUE_NAMES.map(() => 'refused'), 'confirmed'])
  },

  async 'A body of every byte there is, of none, and of 5 MiB comes as it was'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    const large = new Uint8Array(5 * 1024 * 1024).map((_, index) => index * 31 + (index >> 8))
    // A copy each to compare with: what was published is the queue system's.
    const bodies = [ALL_BYTES, new Uint8Array(0), large]
    await publishAll(
      harness,
      transport,
      bodies.map((body) => ({ queue, body: body.slice(), messageId: 'bytes' })),
    )
    const delivered = await inbox.take(3)
    const areSame = delivered.map(({ body }, index) => isSame(body, bodies[index]))
    expect(areSame).toEqual([true, true, true])
  },

  async 'Of a view into a larger buffer only the bytes of the view travel'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    const body = Buffer.from('before|body|after').subarray(7, 11)
    await publishAll(harness, transport, [{ queue, body, messageId: 'view' }])
    expect(textsOf(await inbox.take(1))).toEqual(['body'])
  },

  async 'No message id keeps a body from its queue, however long or strange'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 10 })
    const ids = ['', 'x'.repeat(256), 'é'.repeat(200), 'x'.repeat(100_000), 'a\u0000b', '\ud800']
    await publishAll(
      harness,
      transport,
      ids.map((messageId, index) => ({ ...outgoing(queue, `${index}`), messageId })),
    )
    expect(textsOf(await inbox.take(ids.length))).toEqual(ids.map((_, index) => `${index}`))
  },

  async 'A transport that is closed answers failed'(harness) {
    const queue = nameQueue()
    await declare(harness, await harness.connect(), queue)
    const transport = await harness.connect()
    await inTime(harness, transport.close())
    const late = outgoing(queue, 'late')
    const publishing = [transport.publish(late), transport.publish({ ...late, delayMs: 1_000 })]
    const answers = await inTime(harness, Promise.all(publishing))
    expect(typesOf(answers)).toEqual(['failed', 'failed'])
  },

  async 'A body that was confirmed survives the crash of its publisher at once'(harness) {
    const queue = nameQueue()
    const owner = await harness.connect()
    const inbox = await openInbox(harness, owner, { queue, prefetch: 10 })
    const publisher = await harness.connect()
    await publishAll(harness, publisher, [outgoing(queue, 'safe')])
    await harness.cut(publisher)
    expect(textsOf(await inbox.take(1))).toEqual(['safe'])
  },

  async 'Every publish that a cut meets is answered in time, and what was confirmed is delivered'(
    harness,
  ) {
    const queue = nameQueue()
    const inbox = await openInbox(harness, await harness.connect(), { queue, prefetch: 1_000 })
    const publisher = await harness.connect()
    const messages = numbered(queue, 1_000)
    const before = messages.slice(0, 500).map((message) => publisher.publish(message))
    const cut = harness.cut(publisher)
    const after = messages.slice(500).map((message) => publisher.publish(message))
    await cut
    const answers = await inTime(harness, Promise.all([...before, ...after]))
    const confirmed = messages.filter((_, index) => answers[index]?.type === 'confirmed')
    const others = answers.filter(({ type }) => type !== 'confirmed' && type !== 'failed')
    expect(others).toEqual([])
    await until(harness, 'a body that was confirmed', () => {
      const delivered = new Set(textsOf(inbox.deliveries))
      return confirmed.every(({ messageId }) => delivered.has(messageId))
    })
  },
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other !== undefined && Buffer.compare(one, other) === 0
}

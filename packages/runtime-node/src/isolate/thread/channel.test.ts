import { MessageChannel } from 'node:worker_threads'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { BatchWriter, readBatch, transferable, type Batch } from '../batch.ts'
import { Channel, createRings } from './channel.ts'

type Message = { readonly type: 'some'; readonly batch: Batch } | { readonly type: 'ping' }

/** What one end sends is told, by name, as it arrives at the other end. */
function openChannel(): { send: (sizes: readonly number[] | 'ping') => void; arrived: string[] } {
  const { port1, port2 } = new MessageChannel()
  const { toIsolate, fromIsolate } = createRings()
  const arrived: string[] = []
  const wrap = (batch: Batch): Message => ({ type: 'some', batch })
  const near = new Channel<Message, Message>({
    ...{ out: toIsolate, in: fromIsolate, wrap, receive: () => undefined },
    post: (message, transfer) => port1.postMessage(message, transfer),
  })
  const far = new Channel<Message, Message>({
    ...{ out: fromIsolate, in: toIsolate, wrap, post: () => undefined },
    receive: (message) => {
      if (message.type === 'ping') arrived.push('ping')
      else readBatch(message.batch, (id, _, { length }) => arrived.push(`${id}: ${length}`))
    },
  })
  port2.on('message', (message: Message) => far.receive(message))
  void far.listen()
  onTestFinished(() => {
    far.close()
    port1.close()
  })
  let lastId = 0
  const send = (sizes: readonly number[] | 'ping'): void => {
    if (sizes === 'ping') {
      near.send({ type: 'ping' }, [])
      return
    }
    const writer = new BatchWriter()
    for (const size of sizes) writer.add(++lastId, 0, Buffer.alloc(size))
    const batch = writer.take()
    near.send({ type: 'some', batch }, transferable(batch))
  }
  return { send, arrived }
}

test('All arrive in the order in which they were sent, whichever way they went.', async () => {
  const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.integer({ min: 20_000, max: 50_000 })), {
    minLength: 1,
    maxLength: 20,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(sizes, { maxLength: 30 }), async (batches) => {
      const { send, arrived } = openChannel()
      for (const batch of batches) send(batch)
      send('ping')
      await expect.poll(() => arrived.includes('ping'), { interval: 1 }).toBe(true)
      const all = batches.flat().map((size, index) => `${index + 1}: ${size}`)
      // What was sent after the last that went through the port may come with it, but not before.
      expect(arrived.filter((each) => each !== 'ping')).toEqual(all)
      expect(arrived.at(-1)).toBe('ping')
    }),
    { numRuns: 50 },
  )
})

test('What comes while nothing else happens is taken.', async () => {
  const { send, arrived } = openChannel()
  for (const id of [1, 2, 3]) {
    send([100])
    await expect.poll(() => arrived.length).toBe(id)
  }
})

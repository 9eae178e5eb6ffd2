import { Duplex } from 'node:stream'
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { gatherWrites } from './gather-writes.ts'
import { openTestVhost, type TestVhost } from './testing/test-vhost.ts'

let vhost: TestVhost
let model: ChannelModel
let channel: ConfirmChannel
beforeAll(async () => {
  vhost = await openTestVhost()
  model = await connect(vhost.url, { noDelay: true })
  channel = await model.createConfirmChannel()
})
afterAll(async () => {
  await model.close()
})

const PHASES: Readonly<Record<string, (run: () => void) => void>> = {
  'a tick': process.nextTick,
  'a microtask': queueMicrotask,
  'an immediate': setImmediate,
}

// When the client writes is its own affair: this fails when that has changed.
it.each(Object.entries(PHASES))('Ten publishes of %s are one write', async (_, plan) => {
  const stream = 'stream' in model.connection ? model.connection.stream : undefined
  if (!(stream instanceof Duplex)) throw new Error('the client has no stream any more')
  const single = vi.spyOn(stream, '_write')
  const several = vi.spyOn(stream, '_writev')
  const gather = gatherWrites(model)
  await new Promise<void>((resolve) => {
    plan(() => {
      for (let count = 0; count < 10; count++) {
        gather()
        channel.publish('', 'nowhere', Buffer.from('a'))
      }
      resolve()
    })
  })
  await channel.waitForConfirms()
  expect([single.mock.calls.length, several.mock.calls.length]).toEqual([0, 1])
  vi.restoreAllMocks()
})

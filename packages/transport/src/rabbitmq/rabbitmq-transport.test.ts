import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { connect, type ChannelModel } from 'amqplib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { TransportError, type Delivery } from '../transport.ts'
import { closeConnections, runCtl } from './broker/index.ts'
import type { Notice, RabbitmqOptions } from './options.ts'
import { RabbitmqTransport } from './rabbitmq-transport.ts'
import { Secret } from './secret.ts'
import { collect, eventually, outgoing, sleep } from './testing/collector.ts'
import { expectUnusable } from './testing/expect-unusable.ts'
import { TcpProxy } from './testing/tcp-proxy.ts'
import { openTestVhost, type TestVhost } from './testing/test-vhost.ts'

let vhost: TestVhost
let raw: ChannelModel
const closers: (() => Promise<void> | void)[] = []
let names = 0

beforeAll(async () => {
  vhost = await openTestVhost()
  raw = await connect(vhost.url)
  raw.on('error', () => undefined)
})
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})
afterAll(async () => {
  // The tests may have had it closed.
  await raw.close().catch(() => undefined)
})

function open(options: Partial<RabbitmqOptions> = {}): RabbitmqTransport {
  const transport = new RabbitmqTransport({
    endpoint: vhost.endpoint,
    answerTimeoutMs: 10_000,
    ...options,
    naming: { exchange: vhost.exchange, ...options.naming },
  })
  closers.push(() => transport.close())
  return transport
}

function nameQueue(): string {
  return `only-${vhost.name}-${++names}`
}

async function openProxy(): Promise<TcpProxy> {
  const proxy = await TcpProxy.open(vhost.endpoint)
  closers.push(() => proxy.close())
  return proxy
}

const SECRET = 'canary-of-a-password'

describe('What is declared', { timeout: 60_000 }, () => {
  it('A queue of other settings is refused with what to do, and keeps what is in it', async () => {
    const queue = nameQueue()
    const channel = await raw.createChannel()
    await channel.assertQueue(queue, { arguments: { 'x-queue-type': 'classic' } })
    channel.sendToQueue(queue, Buffer.from('precious'))
    const transport = open()
    const other = await collect(transport, nameQueue())
    const consuming = transport.consume(queue, { prefetch: 1, onDelivery: () => {} })
    await expect(consuming).rejects.toThrow(TransportError)
    await expect(consuming).rejects.toThrow(/exists with other settings .* never deletes a queue/s)
    expect((await channel.checkQueue(queue)).messageCount).toBe(1)
    expect(other.texts).toEqual([])
    await channel.close()
  })

  it('A queue that is deleted while it is consumed is declared anew by its owner', async () => {
    const queue = nameQueue()
    const transport = open()
    const { texts } = await collect(transport, queue)
    const channel = await raw.createChannel()
    await channel.deleteQueue(queue)
    await channel.close()
    while ((await transport.publish(outgoing(queue, 'again'))).type !== 'confirmed') await sleep(10)
    await eventually('the delivery', () => texts.includes('again'))
  })

  it('A binding that is removed is put back by whoever publishes, before anything is unroutable', async () => {
    const queue = nameQueue()
    const { texts } = await collect(open(), queue)
    const publisher = open()
    const channel = await raw.createChannel()
    for (const round of ['one', 'two']) {
      await channel.unbindQueue(queue, vhost.exchange, queue)
      const both = [outgoing(queue, `${round} a`), outgoing(queue, `${round} b`)]
      const answers = await Promise.all(both.map((letter) => publisher.publish(letter)))
      expect(answers).toEqual([{ type: 'confirmed' }, { type: 'confirmed' }])
      // It does not look more often.
      await sleep(1_100)
    }
    await channel.close()
    await eventually('the deliveries', () => texts.length === 4)
  })

  it('A binding that is removed is put back by its owner, for those who publish by other means', async () => {
    const queue = nameQueue()
    const { texts } = await collect(open(), queue)
    const channel = await raw.createChannel()
    await channel.unbindQueue(queue, vhost.exchange, queue)
    const endsAt = performance.now() + 15_000
    while (texts.length === 0) {
      if (performance.now() > endsAt) throw new Error('the binding is still missing')
      channel.publish(vhost.exchange, queue, Buffer.from('by other means'))
      await sleep(100)
    }
    await channel.close()
  })

  it('An exchange that is deleted is declared anew, with the bindings of whoever consumes', async () => {
    const exchange = `${vhost.exchange}-fleeting`
    const queue = nameQueue()
    const transport = open({ naming: { exchange } })
    const { texts } = await collect(transport, queue)
    const channel = await raw.createChannel()
    await channel.deleteExchange(exchange)
    await channel.close()
    // Sooner than its owner would look by itself.
    const endsAt = performance.now() + 8_000
    while ((await transport.publish(outgoing(queue, 'back'))).type !== 'confirmed') {
      if (performance.now() > endsAt) throw new Error('the exchange is still missing')
      await sleep(100)
    }
    await eventually('the delivery', () => texts.length > 0)
  })

  it('Classic queues serve where they are asked for', async () => {
    const queue = nameQueue()
    const transport = open({
      naming: { queueType: 'classic', exchange: `${vhost.exchange}-classic` },
    })
    const { texts } = await collect(transport, queue)
    expect(await transport.publish(outgoing(queue, 'now'))).toEqual({ type: 'confirmed' })
    const later = { ...outgoing(queue, 'later'), delayMs: 1_000 } as const
    expect(await transport.publish(later)).toEqual({ type: 'confirmed' })
    await eventually('both', () => texts.length === 2)
  })

  it('An actor that may take longer than the broker waits is refused, with what to do', async () => {
    const { version } = raw.connection.serverProperties
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const canBeAsked = major > 3 || minor >= 12
    const transport = open({ holdMs: 3 * 3_600_000 })
    const consuming = transport.consume(nameQueue(), { prefetch: 1, onDelivery: () => {} })
    if (canBeAsked) expect((await consuming).state).toBe('consuming')
    else await expect(consuming).rejects.toThrow(/180 minutes.*Raise consumer_timeout/s)
    const told = open({ holdMs: 3 * 3_600_000, consumerTimeoutMs: 4 * 3_600_000 })
    await told.consume(nameQueue(), { prefetch: 1, onDelivery: () => {} })
  })
})

describe('What the broker gives back', { timeout: 60_000 }, () => {
  it('A body that kills its consumers again and again ends at error-end', async () => {
    const queue = nameQueue()
    const errorEnd = nameQueue()
    const transport = open({ naming: { errorEnd } })
    const dead = await collect(transport, errorEnd)
    const { texts } = await collect(transport, queue, (delivery) => delivery.settle('release'))
    await transport.publish(outgoing(queue, 'poison'))
    await eventually('the body at error-end', () => dead.texts.length > 0, 50_000)
    expect(dead.texts).toEqual(['poison'])
    expect(texts.length).toBe(1_001)
  })

  it('What waited for a retry travels on without a trace of it', async () => {
    const queue = nameQueue()
    const next = nameQueue()
    const transport = open()
    await collect(transport, next)
    await collect(transport, queue, (delivery) => {
      const { body, messageId = '' } = delivery
      void transport.publish({ queue: next, body, messageId })
      delivery.settle('acknowledge')
    })
    const channel = await raw.createChannel()
    const { queue: tap } = await channel.assertQueue('', { exclusive: true })
    await channel.bindQueue(tap, vhost.exchange, next)
    await transport.publish({ ...outgoing(queue, 'later'), delayMs: 1_000 })
    await sleep(1_500)
    const got = await channel.get(tap, { noAck: true })
    if (!got) throw new Error('nothing came')
    expect(got.content.toString()).toBe('later')
    expect(got.properties.headers).toEqual({})
    expect(got.properties.messageId).toBe('later')
    expect(got.properties.deliveryMode).toBe(2)
    await channel.close()
  })

  it('A retry tier that is deleted is declared anew, and a delayed body is never unroutable', async () => {
    const queue = nameQueue()
    const exchange = `${vhost.exchange}-tiers`
    const transport = open({ naming: { exchange } })
    const { texts } = await collect(transport, queue)
    const delayed = (text: string) => ({ ...outgoing(queue, text), delayMs: 1_000 }) as const
    await transport.publish(delayed('one'))
    await eventually('the first', () => texts.length === 1)
    const channel = await raw.createChannel()
    await channel.deleteQueue(`${exchange}.retry.1000`)
    await channel.close()
    expect(await transport.publish(delayed('two'))).toEqual({ type: 'confirmed' })
    await eventually('the second', () => texts.length === 2)
  })

  it('A retry whose queue is missing when it falls due waits for it', async () => {
    if (vhost.handle.ctl === undefined) return
    const queue = nameQueue()
    const transport = open()
    const delayed = { ...outgoing(queue, 'patient'), delayMs: 1_000 } as const
    expect(await transport.publish(delayed)).toEqual({ type: 'confirmed' })
    await sleep(2_500)
    const { texts } = await collect(transport, queue)
    await eventually('the retry', () => texts.length === 1, 40_000)
    expect(texts).toEqual(['patient'])
  })
})

describe('What becomes of connections', { timeout: 60_000 }, () => {
  it('Connections that the broker closes are remade, and nothing that was confirmed is lost', async () => {
    if (vhost.handle.ctl === undefined) return
    const queue = nameQueue()
    const transport = open()
    const { texts } = await collect(transport, queue)
    const confirmed: string[] = []
    const over = new AbortController()
    const publishing = (async () => {
      for (let number = 0; !over.signal.aborted; number += 1) {
        const { type } = await transport.publish(outgoing(queue, `${number}`))
        if (type === 'confirmed') confirmed.push(`${number}`)
        else await sleep(10)
      }
    })()
    for (let round = 0; round < 3; round += 1) {
      const before = confirmed.length
      await closeConnections(vhost.handle, vhost.name)
      await eventually('more confirms', () => confirmed.length > before + 10)
    }
    over.abort()
    await publishing
    await eventually('all that was confirmed', () => {
      const come = new Set(texts)
      return confirmed.every((text) => come.has(text))
    })
  })

  it('A peer that takes connections and never answers is tried again and again', async () => {
    const sockets = new Set<Socket>()
    const hole = net.createServer((socket) => {
      sockets.add(socket.resume())
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => hole.listen(0, '127.0.0.1', resolve))
    closers.push(() => {
      for (const socket of sockets) socket.destroy()
      hole.close()
    })
    const { port } = hole.address() as AddressInfo
    const endpoint = { ...vhost.endpoint, host: '127.0.0.1', port }
    const transport = open({ endpoint, connectTimeoutMs: 200, answerTimeoutMs: 1_000 })
    await expect(transport.whenReady(1_000)).rejects.toThrow(/cannot be used/)
    const consuming = transport.consume('any', { prefetch: 1, onDelivery: () => {} })
    await expect(consuming).rejects.toThrow(TransportError)
    expect((await transport.publish(outgoing('any', 'late'))).type).toBe('failed')
    expect(sockets.size).toBeGreaterThan(3)
    await transport.close()
    // A connection that was begun before the close may still come out of the kernel's queue.
    await sleep(500)
    const count = sockets.size
    await sleep(1_000)
    expect(sockets.size).toBe(count)
    for (const socket of sockets) expect(socket.destroyed || socket.readableEnded).toBe(true)
  })

  it('A connection that falls silent is noticed by its missing heartbeats, and remade', async () => {
    const proxy = await openProxy()
    const queue = nameQueue()
    const endpoint = { ...vhost.endpoint, host: '127.0.0.1', port: proxy.port }
    const transport = open({ endpoint, heartbeatS: 1, connectTimeoutMs: 500 })
    const { texts } = await collect(transport, queue)
    proxy.set('black-hole')
    await sleep(4_000)
    proxy.set('pass')
    expect(await transport.publish(outgoing(queue, 'heard'))).toEqual({ type: 'confirmed' })
    await eventually('the delivery', () => texts.length > 0)
  })

  it('What was acknowledged right before consumer and transport are closed does not come again', async () => {
    const queue = nameQueue()
    for (let round = 0; round < 20; round++) {
      const transport = open()
      const held: Delivery[] = []
      const consumer = await transport.consume(queue, {
        prefetch: 10,
        onDelivery: (delivery) => held.push(delivery),
      })
      const publishing = Array.from({ length: 10 }, () => transport.publish(outgoing(queue, 'x')))
      await Promise.all(publishing)
      await eventually('all are here', () => held.length === 10)
      expect(held.filter(({ isRedelivered }) => isRedelivered)).toEqual([])
      // As a sidecar does that is asked to end: nothing new, then what is in flight, then the end.
      await consumer.pause()
      for (const delivery of held) delivery.settle('acknowledge')
      await consumer.close()
      await transport.close()
    }
    const { texts } = await collect(open(), queue)
    await sleep(500)
    expect(texts).toEqual([])
  })

  it('To close takes no longer than its bound when the broker has fallen silent', async () => {
    const proxy = await openProxy()
    const endpoint = { ...vhost.endpoint, host: '127.0.0.1', port: proxy.port }
    const transport = open({ endpoint })
    await collect(transport, nameQueue())
    proxy.set('black-hole')
    const publishing = transport.publish(outgoing('any', 'late'))
    const startedAt = performance.now()
    await transport.close()
    expect(performance.now() - startedAt).toBeLessThan(4_000)
    expect((await publishing).type).toBe('failed')
  })
})

describe('Secrets', { timeout: 60_000 }, () => {
  it('A wrong password is named as that, and is itself in no error and no notice', async () => {
    const notices: Notice[] = []
    const endpoint = { ...vhost.endpoint, password: Secret.ofText(SECRET) }
    const transport = open({
      endpoint,
      // A broker refuses a password late, and later still on a busy machine; it is tried that long.
      answerTimeoutMs: 12_000,
      notify: (notice) => notices.push(notice),
    })
    const consuming = transport.consume('any', { prefetch: 1, onDelivery: () => {} })
    await expect(consuming).rejects.toThrow(/ACCESS[-_]REFUSED.*check user and password/s)
    const error = await consuming.catch((reason: unknown) => reason)
    const seen = [error, notices, endpoint, transport].map((thing) => inspect(thing, { depth: 10 }))
    expect(notices.length).toBeGreaterThan(0)
    expect(`${seen.join()}${JSON.stringify(endpoint)}${String(endpoint.password)}`).not.toContain(
      SECRET,
    )
  })

  it('A password in a file is read again for each connection', async () => {
    if (vhost.handle.ctl === undefined) return
    const folder = mkdtempSync(join(tmpdir(), 'asya-password-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'password')
    const user = 'rotated'
    await runCtl(vhost.handle, ['add_user', user, 'first-password'])
    await runCtl(vhost.handle, ['set_permissions', '--vhost', vhost.name, user, '.*', '.*', '.*'])
    writeFileSync(path, 'not yet\n')
    const endpoint = { ...vhost.endpoint, username: user, password: Secret.inFile(path) }
    const transport = open({ endpoint })
    await expectUnusable(transport, /ACCESS[-_]REFUSED/)
    writeFileSync(path, 'first-password\n')
    await transport.whenReady(10_000)
    await runCtl(vhost.handle, ['change_password', user, 'second-password'])
    writeFileSync(path, 'second-password')
    await closeConnections(vhost.handle, vhost.name)
    const queue = nameQueue()
    const { texts } = await collect(transport, queue)
    expect(await transport.publish(outgoing(queue, 'in'))).toEqual({ type: 'confirmed' })
    await eventually('the delivery', () => texts.length > 0)
  })

  it('A file of a password that is missing is named', async () => {
    const endpoint = { ...vhost.endpoint, password: Secret.inFile('/nowhere/password') }
    await expectUnusable(open({ endpoint }), /\/nowhere\/password/)
  })
})

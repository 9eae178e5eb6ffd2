import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findInstallation } from './broker/find-server.ts'
import { PrivateServer, setMemoryAlarm } from './broker/index.ts'
import type { RabbitmqOptions } from './options.ts'
import { RabbitmqTransport } from './rabbitmq-transport.ts'
import { collect, eventually, outgoing, sleep } from './testing/collector.ts'
import { toEndpoint } from './testing/test-vhost.ts'

// These would disturb whoever shares the broker, so they have one of their own: an installed one, as
// a container keeps no data when it is started anew.
const installation = findInstallation()

const QUEUES = [
  ...['survivors-sigterm', 'survivors-sigkill', 'warm-up', 'patient'],
  ...['alarmed', 'alarmed-backlog'],
]

describe.runIf(installation)('When the broker itself is in trouble', { timeout: 120_000 }, () => {
  let server: PrivateServer
  const transports: RabbitmqTransport[] = []

  beforeAll(async () => {
    if (!installation) return
    server = await PrivateServer.start(installation)
    const transport = open()
    for (const queue of QUEUES) await (await collect(transport, queue)).close()
    await transport.publish({ ...outgoing('warm-up', 'retry'), delayMs: 5_000 })
    await transport.close()
    // RabbitMQ 3.10 writes down where a new quorum queue keeps its log only a while after it was
    // declared: killed before that, it forgets what was confirmed there.
    await sleep(4_000)
  }, 120_000)
  afterEach(async () => {
    await Promise.all(transports.splice(0).map((transport) => transport.close()))
  })
  afterAll(() => server.close())

  function open(options: Partial<RabbitmqOptions> = {}): RabbitmqTransport {
    const transport = new RabbitmqTransport({
      endpoint: toEndpoint(server.handle.url),
      ...options,
    })
    transports.push(transport)
    return transport
  }

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'What was confirmed, and what waits for a retry, survives the broker’s end by %s',
    async (signal) => {
      const queue = `survivors-${signal.toLowerCase()}`
      const transport = open()
      const texts = Array.from({ length: 500 }, (_, index) => `${index}`)
      const answers = await Promise.all([
        ...texts.map((text) => transport.publish(outgoing(queue, text))),
        transport.publish({ ...outgoing(queue, 'retry'), delayMs: 5_000 }),
      ])
      expect(answers.filter(({ type }) => type !== 'confirmed')).toEqual([])
      await server.down(signal)
      await server.up()
      const came = await collect(transport, queue)
      await eventually('all of them', () => new Set(came.texts).size === 501)
    },
  )

  it('A consumer goes on within seconds after the broker listens again', async () => {
    const transport = open()
    const { texts } = await collect(transport, 'patient')
    await server.down('SIGKILL')
    const early = transport.publish(outgoing('patient', 'early'))
    await server.up()
    const startedAt = performance.now()
    // It waited for a connection, and is sent on the first that there is.
    expect(await early).toEqual({ type: 'confirmed' })
    await eventually('the delivery', () => texts.includes('early'))
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  })

  it('In a memory alarm publishes wait for its end, and no more of them than memory has room for', async () => {
    const transport = open()
    const settled = await collect(transport, 'alarmed')
    const held = open()
    expect(await held.publish(outgoing('alarmed', 'before'))).toEqual({ type: 'confirmed' })
    await eventually('what was there before', () => settled.texts.length === 1)
    await setMemoryAlarm(server.handle, true)
    try {
      const large = Buffer.alloc(8 * 1024 * 1024)
      const answers: string[] = []
      const publishing = Array.from({ length: 20 }, async () => {
        const { type } = await held.publish({ queue: 'alarmed', body: large, messageId: 'large' })
        answers.push(type)
      })
      await sleep(1_000)
      // Those beyond what may wait were told so at once; nobody was told that all is well.
      expect(answers.length).toBeGreaterThan(0)
      expect(new Set(answers)).toEqual(new Set(['failed']))
      await setMemoryAlarm(server.handle, false)
      await Promise.all(publishing)
      expect(answers).toContain('confirmed')
    } finally {
      await setMemoryAlarm(server.handle, false)
    }
  })

  it('In a memory alarm what lies in a queue is consumed and settled, and to close is bounded', async () => {
    const publisher = open()
    const queue = 'alarmed-backlog'
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => publisher.publish(outgoing(queue, `${index}`))),
    )
    await setMemoryAlarm(server.handle, true)
    try {
      const blocked = publisher.publish(outgoing(queue, 'blocked'))
      const late = open()
      const { texts } = await collect(late, queue)
      await eventually('all of the backlog', () => texts.length >= 200)
      const again = open()
      const rest = await collect(again, queue)
      await sleep(500)
      expect(rest.texts).toEqual([])
      const startedAt = performance.now()
      await Promise.all([publisher.close(), late.close(), again.close()])
      expect(performance.now() - startedAt).toBeLessThan(4_000)
      expect((await blocked).type).toBe('failed')
    } finally {
      await setMemoryAlarm(server.handle, false)
    }
  })
})

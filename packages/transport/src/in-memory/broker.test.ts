import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RETRY_TIERS_MS } from '@asya/protocol'
import { TransportError, type Delivery, type Outgoing } from '../transport.ts'
import {
  createMemoryBroker,
  type MemoryBroker,
  type MemoryBrokerOptions,
  type MemoryConnection,
} from './index.ts'

const CONFIRMED = { type: 'confirmed' }

let broker: MemoryBroker
let connection: MemoryConnection

function start(options?: MemoryBrokerOptions): void {
  broker = createMemoryBroker(options)
  connection = broker.connect()
}

beforeEach(() => {
  vi.useFakeTimers()
  start()
})

afterEach(async () => {
  await broker.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function message(queue: string, text: string): Outgoing {
  return { queue, body: Buffer.from(text), messageId: text }
}

function publish(queue: string, ...texts: readonly string[]): Promise<unknown> {
  return Promise.all(texts.map((text) => connection.publish(message(queue, text))))
}

async function consume(
  queue: string,
  prefetch = 100,
): Promise<{ readonly texts: string[]; readonly deliveries: Delivery[] }> {
  const texts: string[] = []
  const deliveries: Delivery[] = []
  const onDelivery = (delivery: Delivery): void => {
    deliveries.push(delivery)
    texts.push(Buffer.from(delivery.body).toString())
  }
  await connection.consume(queue, { prefetch, onDelivery })
  return { texts, deliveries }
}

/** Lets deliveries be made; no time passes. */
async function breathe(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** An answer, or `waiting`. */
async function look<T>(answer: Promise<T>): Promise<T | 'waiting'> {
  await breathe()
  return Promise.race([answer, Promise.resolve('waiting' as const)])
}

describe('A full queue pushes back', () => {
  beforeEach(() => {
    start({ maxMessagesPerQueue: 2 })
    broker.declareQueue('full')
  })

  it('A publisher waits for room, is confirmed when there is some, and keeps its turn', async () => {
    expect(await publish('full', 'a', 'b')).toEqual([CONFIRMED, CONFIRMED])
    const third = connection.publish(message('full', 'c'))
    const fourth = connection.publish(message('full', 'd'))
    expect(await look(third)).toBe('waiting')
    const inbox = await consume('full', 1)
    expect(await look(third)).toEqual(CONFIRMED)
    expect(await look(fourth)).toBe('waiting')
    for (let count = 0; count < 4; count += 1) {
      inbox.deliveries.at(-1)?.settle('acknowledge')
      await breathe()
    }
    expect(await look(fourth)).toEqual(CONFIRMED)
    expect(inbox.texts).toEqual(['a', 'b', 'c', 'd'])
  })

  it('A publisher that finds no room in time is answered failed, and its body is gone', async () => {
    connection = broker.connect({ publishTimeoutMs: 500 })
    await publish('full', 'a', 'b')
    const late = connection.publish(message('full', 'late'))
    await vi.advanceTimersByTimeAsync(499)
    expect(await look(late)).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await look(late)).toMatchObject({
      type: 'failed',
      reason: expect.stringMatching('full'),
    })
    const inbox = await consume('full')
    await breathe()
    expect(inbox.texts).toEqual(['a', 'b'])
  })

  it('A publisher waits 30 seconds unless told', async () => {
    await publish('full', 'a', 'b')
    const late = connection.publish(message('full', 'late'))
    await vi.advanceTimersByTimeAsync(29_999)
    expect(await look(late)).toBe('waiting')
    await vi.advanceTimersByTimeAsync(1)
    expect(await look(late)).toMatchObject({ type: 'failed' })
  })

  it('A publisher that waits is answered failed when its connection or the broker goes', async () => {
    await publish('full', 'a', 'b')
    const others = [broker.connect(), broker.connect(), broker.connect()]
    const publishing = others.map((other, index) => other.publish(message('full', `${index}`)))
    others[0]?.cut()
    await others[1]?.close()
    expect(await look(publishing[2] ?? Promise.reject(new Error()))).toBe('waiting')
    await broker.close()
    const failed = { type: 'failed' }
    expect(await Promise.all(publishing)).toMatchObject([failed, failed, failed])
  })

  it('One that gave up in the middle of the line holds up nobody behind it', async () => {
    await publish('full', 'a', 'b')
    const impatient = broker.connect({ publishTimeoutMs: 10 })
    const answers = [
      connection.publish(message('full', 'c')),
      impatient.publish(message('full', 'd')),
      connection.publish(message('full', 'e')),
    ]
    await vi.advanceTimersByTimeAsync(10)
    const inbox = await consume('full')
    expect(await Promise.all(answers)).toMatchObject([CONFIRMED, { type: 'failed' }, CONFIRMED])
    await breathe()
    expect(inbox.texts).toEqual(['a', 'b', 'c', 'e'])
  })

  it('What is released is never without room, and what is unsettled takes none', async () => {
    const inbox = await consume('full', 2)
    await publish('full', 'a', 'b')
    await breathe()
    expect(await publish('full', 'c', 'd')).toEqual([CONFIRMED, CONFIRMED])
    const other = connection.publish(message('full', 'e'))
    inbox.deliveries.slice(0, 2).map((delivery) => delivery.settle('release'))
    expect(broker.inspect()).toMatchObject([{ ready: 4, unsettled: 0 }])
    expect(await look(other)).toBe('waiting')
    expect(inbox.texts).toEqual(['a', 'b', 'a', 'b'])
  })

  it('A retry that is due waits for room, and goes before a publisher', async () => {
    await connection.publish({ ...message('full', 'retry'), delayMs: 1_000 })
    await publish('full', 'a', 'b')
    const waiting = connection.publish(message('full', 'c'))
    await vi.advanceTimersByTimeAsync(20_000)
    expect(broker.inspect()).toMatchObject([{ ready: 2, delayed: 1 }])
    const inbox = await consume('full')
    expect(await waiting).toEqual(CONFIRMED)
    await breathe()
    expect(inbox.texts).toEqual(['a', 'b', 'retry', 'c'])
  })
})

describe('A retry waits in its tier', () => {
  it.each(RETRY_TIERS_MS)(
    'A retry of %i ms comes then, and not a moment earlier',
    async (delayMs) => {
      const inbox = await consume('slow')
      expect(await connection.publish({ ...message('slow', 'a'), delayMs })).toEqual(CONFIRMED)
      await vi.advanceTimersByTimeAsync(delayMs - 1)
      expect(inbox.texts).toEqual([])
      await vi.advanceTimersByTimeAsync(1)
      expect(inbox.texts).toEqual(['a'])
    },
  )

  it('Within a tier first in is first out, and a shorter tier overtakes a longer one', async () => {
    const inbox = await consume('slow')
    for (const delayMs of [5_000, 1_000, 5_000, 2_000, 1_000] as const) {
      const text = `${delayMs} at ${performance.now()}`
      await connection.publish({ ...message('slow', text), delayMs })
      await vi.advanceTimersByTimeAsync(10)
    }
    await vi.advanceTimersByTimeAsync(10_000)
    const delays = inbox.texts.map((text) => Number.parseInt(text))
    expect(delays).toEqual([1_000, 1_000, 2_000, 5_000, 5_000])
    expect(inbox.texts).toEqual(inbox.texts.toSorted(byDelayThenTime))
  })

  it('A retry whose queue is not there when it is due is kept until it is', async () => {
    await connection.publish({ ...message('later', 'a'), delayMs: 1_000 })
    await connection.publish({ ...message('later', 'b'), delayMs: 1_000 })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(broker.inspect()).toEqual([
      { name: 'later', isDeclared: false, ready: 0, unsettled: 0, delayed: 2, consumers: 0 },
    ])
    expect(await publish('later', 'prompt')).toEqual([{ type: 'unroutable' }])
    const inbox = await consume('later')
    await breathe()
    expect(inbox.texts).toEqual(['a', 'b'])
  })

  it('A broker that closes forgets what waits: no timer is left', async () => {
    await connection.publish({ ...message('later', 'a'), delayMs: 3_600_000 })
    expect(vi.getTimerCount()).toBe(1)
    await broker.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('Consumers of a queue', () => {
  it('Consumers that can take a message take turns', async () => {
    const inboxes = [await consume('shared'), await consume('shared', 2), await consume('shared')]
    await publish('shared', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')
    await breathe()
    const texts = inboxes.map((inbox) => inbox.texts.join(''))
    expect(texts).toEqual(['0368', '14', '2579'])
  })

  it('What was delivered is what was published: the broker copies no body', async () => {
    const inbox = await consume('bodies')
    const outgoing = message('bodies', 'body')
    await connection.publish(outgoing)
    await breathe()
    expect(inbox.deliveries[0]?.body).toBe(outgoing.body)
  })

  it('Released in any order, messages come back in their own', async () => {
    const inbox = await consume('order', 5)
    await publish('order', '0', '1', '2', '3', '4', '5')
    await breathe()
    for (const index of [3, 0, 4, 1, 2]) inbox.deliveries[index]?.settle('release')
    await breathe()
    expect(inbox.texts.slice(5).join('')).toBe('01234')
  })

  it('A consumer that releases all it gets stops no timer', async () => {
    vi.useRealTimers()
    start()
    const onDelivery = (delivery: Delivery): void => void delivery.settle('release')
    await connection.consume('loop', { prefetch: 10, onDelivery })
    await publish('loop', 'a', 'b')
    await new Promise((resolve) => setTimeout(resolve, 20))
    await broker.close()
    vi.useFakeTimers()
  })
})

describe('A broker', () => {
  it('A queue may be declared in its owner’s place, unless no queue can have that name', async () => {
    broker.declareQueue('early')
    expect(await publish('early', 'a')).toEqual([CONFIRMED])
    expect(() => broker.declareQueue('not a name')).toThrow(TransportError)
  })

  it('It shows each queue by its numbers, in the order of names', async () => {
    broker.declareQueue('z-empty')
    const inbox = await consume('a-busy', 2)
    const paused = await connection.consume('a-busy', { prefetch: 1, onDelivery: () => {} })
    await paused.pause()
    await publish('a-busy', 'a', 'b', 'c', 'd', 'e')
    await connection.publish({ ...message('a-busy', 'late'), delayMs: 1_000 })
    await breathe()
    inbox.deliveries[0]?.settle('acknowledge')
    const declared = { isDeclared: true }
    expect(broker.inspect()).toEqual([
      { ...declared, name: 'a-busy', ready: 3, unsettled: 1, delayed: 1, consumers: 1 },
      { ...declared, name: 'z-empty', ready: 0, unsettled: 0, delayed: 0, consumers: 0 },
    ])
  })

  it('It shows what a queue delivers next, and takes nothing out', async () => {
    const inbox = await consume('busy', 2)
    await publish('busy', 'a', 'b', 'c', 'd', 'e')
    await breathe()
    connection.cut()
    const peek = (limit: number): readonly string[] =>
      broker.peek('busy', limit).map(({ messageId }) => messageId)
    expect(peek(1)).toEqual(['a'])
    expect(peek(4)).toEqual(['a', 'b', 'c', 'd'])
    expect(peek(100)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(broker.peek('busy', 3).map(({ wasDelivered }) => wasDelivered)).toEqual([
      ...[true, true, false],
    ])
    expect(broker.peek('unknown', 3)).toEqual([])
    connection.mend()
    await breathe()
    expect(inbox.texts).toEqual(['a', 'b', 'a', 'b'])
  })

  it('Once closed it is closed: its connections answer failed, and there are no new ones', async () => {
    const inbox = await consume('gone')
    await publish('gone', 'a')
    await breathe()
    await Promise.all([broker.close(), broker.close()])
    expect(inbox.deliveries[0]?.settle('acknowledge')).toBe(false)
    expect(await publish('gone', 'b')).toMatchObject([{ type: 'failed' }])
    expect(() => broker.connect()).toThrow(TransportError)
  })
})

function byDelayThenTime(one: string, other: string): number {
  const [delayMs = 0, timeMs = 0] = one.split(' at ').map(Number)
  const [otherDelayMs = 0, otherTimeMs = 0] = other.split(' at ').map(Number)
  return delayMs - otherDelayMs || timeMs - otherTimeMs
}

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { KeyedQueue, type Outcome, type Priority, type QueueOptions } from './keyed-queue.ts'

const DONE: Outcome = { next: 'done' }

/** A queue whose work is ended by hand, with what it did so far. */
function openQueue(options: Partial<QueueOptions> = {}): Bench {
  const started: string[] = []
  const failures: unknown[] = []
  const running = new Map<string, PromiseWithResolvers<Outcome>>()
  const queue = new KeyedQueue({
    concurrency: 1,
    onFailure: (_, error) => failures.push(error),
    ...options,
    work: (key) => {
      if (running.has(key)) throw new Error(`${key} is worked on twice`)
      started.push(key)
      const work = Promise.withResolvers<Outcome>()
      running.set(key, work)
      return work.promise
    },
  })
  const end = async (key: string, outcome: Outcome | Error = DONE): Promise<void> => {
    const work = running.get(key)
    if (work === undefined) throw new Error(`${key} is not worked on`)
    running.delete(key)
    if (outcome instanceof Error) work.reject(outcome)
    else work.resolve(outcome)
    await settle()
  }
  return { queue, started, failures, running, end }
}

interface Bench {
  readonly queue: KeyedQueue
  readonly started: string[]
  readonly failures: unknown[]
  readonly running: ReadonlyMap<string, PromiseWithResolvers<Outcome>>
  end(key: string, outcome?: Outcome | Error): Promise<void>
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

describe('a keyed queue', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('A key that is added again while it stands in line is worked on once.', async () => {
    const { queue, started, end } = openQueue()
    queue.add('first')
    await settle()
    for (const key of ['a', 'b', 'b', 'a']) queue.add(key)
    for (const key of ['first', 'a', 'b']) await end(key)
    expect(started).toEqual(['first', 'a', 'b'])
    expect(queue.isIdle).toBe(true)
  })

  test('A key that is added while it is worked on is worked on again, and not beside itself.', async () => {
    const { queue, started, end } = openQueue({ concurrency: 4 })
    queue.add('a')
    await settle()
    queue.add('a')
    queue.add('a')
    await settle()
    expect(started).toEqual(['a'])
    await end('a')
    await end('a')
    expect(started).toEqual(['a', 'a'])
    expect(queue.isIdle).toBe(true)
  })

  test('Low keys come after all others, unless they are added as normal ones.', async () => {
    const { queue, started, end } = openQueue()
    queue.add('first')
    await settle()
    for (const key of ['low', 'risen', 'lower']) queue.add(key, 'low')
    queue.add('normal')
    queue.add('risen')
    for (const key of ['first', 'normal', 'risen', 'low', 'lower']) await end(key)
    expect(started).toEqual(['first', 'normal', 'risen', 'low', 'lower'])
  })

  test('Of several times the earliest holds, and an add does away with all.', async () => {
    const { queue, started, end } = openQueue()
    queue.addAfter('a', 500)
    queue.addAfter('a', 100)
    queue.addAfter('a', 300)
    await vi.advanceTimersByTimeAsync(99)
    expect(started).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(started).toEqual(['a'])
    await end('a')
    queue.addAfter('a', 100)
    queue.add('a')
    await settle()
    await end('a')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(started).toEqual(['a', 'a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('What fails waits longer each time, up to the longest wait, until it succeeds.', async () => {
    const { queue, started, failures, end } = openQueue({
      backoff: { firstMs: 100, longestMs: 800 },
    })
    queue.add('a')
    await settle()
    for (const plannedMs of [100, 200, 400, 800, 800]) {
      const before = started.length
      await end('a', new Error('no'))
      await vi.advanceTimersByTimeAsync(plannedMs / 2 - 1)
      expect(started.length).toBe(before)
      await vi.advanceTimersByTimeAsync(plannedMs / 2 + 1)
      expect(started.length).toBe(before + 1)
    }
    expect(failures).toHaveLength(5)
    expect(queue.countFailures('a')).toBe(5)
    await end('a')
    expect(queue.countFailures('a')).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('What changes while an attempt fails waits for the first wait only.', async () => {
    const { queue, started, end } = openQueue({ backoff: { firstMs: 100, longestMs: 60_000 } })
    queue.add('a')
    await settle()
    for (const plannedMs of [100, 200, 400, 800]) {
      await end('a', { next: 'retry' })
      await vi.advanceTimersByTimeAsync(plannedMs)
    }
    queue.add('a')
    const before = started.length
    await end('a', { next: 'retry' })
    await vi.advanceTimersByTimeAsync(100)
    expect(started.length).toBe(before + 1)
  })

  test('A key that asks to be looked at later is, after those that have news.', async () => {
    const { queue, started, end } = openQueue()
    queue.add('a')
    await settle()
    await end('a', { next: 'after', delayMs: 1_000 })
    await vi.advanceTimersByTimeAsync(999)
    queue.add('b')
    await vi.advanceTimersByTimeAsync(1)
    queue.add('c')
    for (const key of ['b', 'c', 'a']) await end(key)
    expect(started).toEqual(['a', 'b', 'c', 'a'])
  })

  test('After it is closed nothing begins, no timer is left, and what ran was waited for.', async () => {
    const { queue, started, running } = openQueue()
    queue.add('a')
    queue.add('b')
    queue.addAfter('c', 100)
    await settle()
    let isClosed = false
    const closing = queue.close().then(() => {
      isClosed = true
    })
    await settle()
    expect(isClosed).toBe(false)
    running.get('a')?.resolve({ next: 'retry' })
    await closing
    await queue.close()
    queue.add('d')
    queue.addAfter('d', 1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(started).toEqual(['a'])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('However keys are added and however their work ends: none is worked on beside itself, and each is worked on after it was last added.', async () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd')
    const priority = fc.constantFrom<Priority>('normal', 'low')
    const step = fc.oneof(
      fc.record({ act: fc.constant('add' as const), key, priority }),
      fc.record({ act: fc.constant('later' as const), key, delayMs: fc.nat(500) }),
      fc.record({ act: fc.constant('end' as const), pick: fc.nat(), fails: fc.boolean() }),
      fc.record({ act: fc.constant('pass' as const), ms: fc.nat(400) }),
    )
    const steps = fc.array(step, { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), async (taken, concurrency) => {
        const { queue, started, running, end } = openQueue({ concurrency })
        /** How many times a key had been started when it was last added. */
        const wanted = new Map<string, number>()
        const countStarts = (name: string): number => started.filter((each) => each === name).length
        const endOne = async (pick: number, fails: boolean): Promise<void> => {
          const names = [...running.keys()]
          const name = names[pick % names.length]
          if (name !== undefined) await end(name, fails ? new Error('no') : DONE)
        }
        for (const each of taken) {
          if (each.act === 'add') queue.add(each.key, each.priority)
          else if (each.act === 'later') queue.addAfter(each.key, each.delayMs)
          else if (each.act === 'pass') await vi.advanceTimersByTimeAsync(each.ms)
          else await endOne(each.pick, each.fails)
          if ('key' in each) wanted.set(each.key, countStarts(each.key))
          await settle()
          expect(running.size).toBeLessThanOrEqual(concurrency)
        }
        for (let round = 0; running.size > 0 || vi.getTimerCount() > 0; round += 1) {
          expect(round).toBeLessThan(200)
          await endOne(0, false)
          await vi.advanceTimersByTimeAsync(1_000)
        }
        for (const [name, before] of wanted) expect(countStarts(name)).toBeGreaterThan(before)
        expect(queue.isIdle).toBe(true)
        await queue.close()
      }),
    )
  })
})

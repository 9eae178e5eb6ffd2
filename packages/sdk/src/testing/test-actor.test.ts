import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { defineActor, FatalError, RetryableError, ValidationError } from '../index.ts'
import { testActor } from './index.ts'

interface Page {
  text: string
}

describe('testActor', () => {
  test('The example of its documentation works.', async () => {
    const shout = defineActor((page: { text: string }, ctx) => {
      ctx.progress(100)
      return { text: page.text.toUpperCase() }
    })

    const run = await testActor(shout, { text: 'hello' })
    expect(run.outputs).toEqual([{ text: 'HELLO' }])
    expect(run.progress).toMatchObject([{ percent: 100 }])
  })

  test('Outputs have the type of the actor’s outputs.', async () => {
    const run = await testActor(
      defineActor((page: Page) => page.text.split(' ')),
      { text: 'a b' },
    )
    expectTypeOf(run.outputs).toEqualTypeOf<readonly string[]>()
    expect(run).toMatchObject({ status: 'succeeded', outputs: ['a', 'b'], failure: undefined })
  })

  test('An actor that ends the pipeline has no outputs, and has not failed.', async () => {
    const run = await testActor(
      defineActor((_: Page) => null),
      { text: '' },
    )
    expect(run).toMatchObject({ status: 'succeeded', outputs: [] })
  })

  test('Payload and outputs go through JSON, in both directions.', async () => {
    const actor = defineActor((page: { text: string; note?: string }) => ({
      hasNote: 'note' in page,
      note: page.note,
    }))
    const payload = { text: '', note: undefined } as unknown as Page
    const run = await testActor(actor, payload)
    expect(run.outputs).toStrictEqual([{ hasNote: false }])
  })

  test('A result that does not survive JSON fails as it would in a cluster.', async () => {
    const actor = defineActor((_: Page) => ({ at: new Date() }) as unknown as Page)
    const run = await testActor(actor, { text: '' })
    expect(run.failure).toMatchObject({
      code: 'processing_error',
      severity: 'fatal',
      exception: 'UnserializableResult',
      message: '$.at: a Date does not survive JSON; return an ISO string',
    })
  })

  test('A payload that does not survive JSON is the test’s own mistake.', async () => {
    const actor = defineActor((page: Page) => page)
    await expect(testActor(actor, { text: 1n as never })).rejects.toThrow(
      'payload.text: a bigint does not survive JSON; return a string',
    )
  })

  test('A failed attempt is tried again by the actor’s policy, in no time.', async () => {
    const flaky = defineActor(
      (page: Page, ctx) => {
        if (ctx.attempt < 3) throw new RetryableError('busy', { retryAfterMs: 40_000 })
        return page
      },
      { retry: { maxAttempts: 5, initialDelay: '2s' } },
    )
    const run = await testActor(flaky, { text: 'x' })
    expect(run.outputs).toEqual([{ text: 'x' }])
    // 40 s are rounded up to the next queue of delayed retries.
    expect(run.attempts).toMatchObject([
      { attempt: 1, failure: { message: 'busy' }, retriedAfterMs: 60_000 },
      { attempt: 2, failure: { message: 'busy' }, retriedAfterMs: 60_000 },
      { attempt: 3 },
    ])
    expect(run.attempts[2]).toEqual({ attempt: 3 })
    expect(run.elapsedMs).toBe(120_000)
  })

  test('Waits grow as configured; with `random` they spread.', async () => {
    const failing = defineActor(
      (_: Page): Page => {
        throw new Error('down')
      },
      { retry: { maxAttempts: 4, initialDelay: '10s', backoff: 3 } },
    )
    const waits = async (random?: () => number): Promise<unknown[]> => {
      const run = await testActor(failing, { text: '' }, random ? { random } : {})
      return run.attempts.map((attempt) => attempt.retriedAfterMs)
    }
    expect(await waits()).toEqual([10_000, 30_000, 120_000, undefined])
    expect(await waits(() => 0)).toEqual([5_000, 30_000, 60_000, undefined])
  })

  test('What is fatal is not tried again.', async () => {
    for (const error of [new FatalError('no'), new ValidationError('no')]) {
      const actor = defineActor((_: Page): Page => {
        throw error
      })
      const run = await testActor(actor, { text: '' })
      expect(run).toMatchObject({ status: 'failed', outputs: [], failure: { severity: 'fatal' } })
      expect(run.attempts).toHaveLength(1)
    }
  })

  test('Headers, attempt, route and signal are what the test says.', async () => {
    const actor = defineActor(
      (_: Page, ctx) => ({
        source: ctx.headers['source'] ?? '',
        depth: ctx.headers['depth'] ?? '',
        attempt: ctx.attempt,
        done: [...ctx.route.done],
        ahead: [...ctx.route.ahead],
        isAborted: ctx.signal.aborted,
      }),
      { name: 'here' },
    )
    const run = await testActor(
      actor,
      { text: '' },
      {
        headers: { source: 'scan', depth: 2 },
        attempt: 2,
        done: ['before'],
        ahead: ['after'],
        signal: AbortSignal.abort(),
      },
    )
    expect(run.outputs).toEqual([
      {
        source: 'scan',
        depth: '2',
        attempt: 2,
        done: ['before'],
        ahead: ['after'],
        isAborted: true,
      },
    ])
  })

  test('The steps ahead are those that the handler left.', async () => {
    const router = defineActor((page: Page, ctx) => {
      if (page.text === 'long') ctx.route.replaceAhead(['summarise', ...ctx.route.ahead])
      return page
    })
    const options = { ahead: ['store'] }
    expect((await testActor(router, { text: 'short' }, options)).ahead).toEqual(['store'])
    expect((await testActor(router, { text: 'long' }, options)).ahead).toEqual([
      'summarise',
      'store',
    ])
  })

  test('What the handler tells is kept, with the attempt that told it.', async () => {
    const actor = defineActor(function countPages(page: Page, ctx) {
      ctx.log.info({ size: page.text.length }, 'reading')
      ctx.log.debug('fine')
      ctx.progress(50, 'half')
      ctx.metrics.counter('pages', 1, { kind: 'scan' })
      if (ctx.attempt === 1) throw new Error('once')
      return page
    })
    const run = await testActor(actor, { text: 'abc' })
    const first = { step: 'count-pages', attempt: 1 }
    expect(run.logs.slice(0, 2)).toEqual([
      { ...first, level: 'info', message: 'reading', fields: { size: 3 } },
      { ...first, level: 'debug', message: 'fine', fields: {} },
    ])
    expect(run.progress).toEqual([
      { ...first, percent: 50, message: 'half' },
      { ...first, attempt: 2, percent: 50, message: 'half' },
    ])
    expect(run.metrics[0]).toEqual({
      ...first,
      kind: 'counter',
      name: 'pages',
      value: 1,
      labels: { kind: 'scan' },
    })
  })
})

describe('the deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('A handler that outlives its timeout fails with timeout_error, and its signal is aborted.', async () => {
    const signals: AbortSignal[] = []
    const slow = defineActor(
      (_: Page, ctx) => {
        signals.push(ctx.signal)
        return new Promise<Page>(() => {})
      },
      { timeout: '2m', retry: { maxAttempts: 2 } },
    )
    const running = testActor(slow, { text: '' })
    await vi.advanceTimersByTimeAsync(240_000)
    const run = await running
    expect(run.failure).toMatchObject({
      code: 'timeout_error',
      severity: 'recoverable',
      message: 'the handler did not finish within 2m',
    })
    expect(run.attempts).toHaveLength(2)
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true])
    expect(signals[0]?.reason).toMatchObject({ name: 'TimeoutError' })
  })

  test('A handler that is done in time leaves no timer behind.', async () => {
    const deadlines: (Date | undefined)[] = []
    const quick = defineActor(
      (page: Page, ctx) => {
        deadlines.push(ctx.deadline)
        return page
      },
      { timeout: 5_000 },
    )
    await testActor(quick, { text: '' })
    const deadline = new Date(Date.now() + 1_000)
    await testActor(quick, { text: '' }, { deadline })
    expect(deadlines).toEqual([new Date(Date.now() + 5_000), deadline])
    expect(vi.getTimerCount()).toBe(0)
  })
})

import { ROOT, toJsonBytes, type Metric, type OutputText } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { defineActor, FatalError, type Context, type Log } from '../index.ts'
import { invoke, type Invocation, type InvokeResult } from './index.ts'

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function makeInvocation(payload: string, rest: Partial<Invocation> = {}): Invocation {
  return {
    message: {
      id: 'm-1',
      jobId: 'j-1',
      attempt: 2,
      branch: ROOT,
      route: { steps: ['a', 'b', 'c', 'd'], current: 1, unknown: [] },
      payload: toJsonBytes(Buffer.from(payload)),
      unknown: [],
    },
    signal: new AbortController().signal,
    log: silent,
    emit: { progress: () => {}, metric: () => {} },
    ...rest,
  }
}

type Process = (payload: never, ctx: Context) => unknown

/** Calls a handler whose types nobody checked. */
async function call(process: Process, invocation = makeInvocation('{}')): Promise<InvokeResult> {
  return invoke(defineActor(process as never), invocation)
}

async function payloadsOf(process: Process): Promise<readonly string[]> {
  const result = await call(process)
  return result.type === 'outputs' ? result.outputs.map((output) => output.payload) : [result.type]
}

async function failureOf(process: Process): Promise<unknown> {
  const result = await call(process)
  return result.type === 'failed' ? result.failure : result
}

describe('what a result becomes', () => {
  test('A value is one output.', async () => {
    expect(await payloadsOf(() => ({ a: 1 }))).toEqual(['{"a":1}'])
    expect(await payloadsOf(async () => 'text')).toEqual(['"text"'])
    expect(await payloadsOf(() => 0)).toEqual(['0'])
    expect(await payloadsOf(() => false)).toEqual(['false'])
    expect(await payloadsOf(() => '')).toEqual(['""'])
  })

  test('null, undefined and an empty list are no output.', async () => {
    expect(await payloadsOf(() => null)).toEqual([])
    expect(await payloadsOf(async () => {})).toEqual([])
    expect(await payloadsOf(() => [])).toEqual([])
  })

  test('An array is an output for each item, also for items that are arrays.', async () => {
    expect(await payloadsOf(() => [1, [2, 3], 'x'])).toEqual(['1', '[2,3]', '"x"'])
  })

  test('A generator, an async one, and any async iterable are an output for each item.', async () => {
    expect(
      await payloadsOf(function* () {
        yield 1
        yield 2
      }),
    ).toEqual(['1', '2'])
    expect(
      await payloadsOf(async function* () {
        yield 1
        yield 2
      }),
    ).toEqual(['1', '2'])
    expect(await payloadsOf(() => [1, 2].values())).toEqual(['1', '2'])
    expect(await payloadsOf(() => new Blob(['']).stream())).toEqual([])
  })

  test('A Map or a Set is data, and refused as such.', async () => {
    expect(await failureOf(() => new Map())).toMatchObject({ exception: 'UnserializableResult' })
    expect(await failureOf(() => new Set([1]))).toMatchObject({ exception: 'UnserializableResult' })
  })

  test('null among the items is refused.', async () => {
    for (const process of [
      () => [1, null],
      function* () {
        yield 1
        yield undefined
      },
    ])
      expect(await failureOf(process)).toMatchObject({
        code: 'processing_error',
        severity: 'fatal',
        exception: 'UnserializableResult',
        message: expect.stringMatching(
          /^\$\[1\]: (null|undefined) among the items of a fan-out; leave it out$/,
        ),
      })
  })

  test('What does not survive JSON is fatal, with its path.', async () => {
    expect(await failureOf(() => [{}, { at: new Date() }])).toEqual({
      code: 'processing_error',
      severity: 'fatal',
      exception: 'UnserializableResult',
      message: '$[1].at: a Date does not survive JSON; return an ISO string',
    })
  })

  test('10,000 outputs are allowed, one more is not.', async () => {
    expect(await payloadsOf(() => Array.from({ length: 10_000 }, () => 1))).toHaveLength(10_000)
    const tooMany = { severity: 'fatal', exception: 'TooManyOutputs' }
    expect(await failureOf(() => Array.from({ length: 10_001 }, () => 1))).toMatchObject(tooMany)
    let isClosed = false
    const endless = function* (): Generator<number> {
      try {
        for (;;) yield 1
      } finally {
        isClosed = true
      }
    }
    expect(await failureOf(endless)).toMatchObject(tooMany)
    expect(isClosed).toBe(true)
  })

  test('A generator’s outputs go out one by one where somebody takes them.', async () => {
    const taken: OutputText[] = []
    const events: string[] = []
    const output = async (text: OutputText): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      events.push(`taken ${text.payload}`)
      taken.push(text)
    }
    const emit = { progress: () => {}, metric: () => {}, output }
    const result = await call(
      async function* () {
        events.push('before 1')
        yield 1
        events.push('before 2')
        yield 2
      },
      makeInvocation('{}', { emit }),
    )
    expect(result).toEqual({ type: 'outputs', outputs: [] })
    expect(taken).toEqual([{ payload: '1' }, { payload: '2' }])
    // The handler waits until its output is taken.
    expect(events).toEqual(['before 1', 'taken 1', 'before 2', 'taken 2'])
  })

  test('A generator is closed when nobody waits for the rest.', async () => {
    const controller = new AbortController()
    let isClosed = false
    const result = await call(
      async function* () {
        try {
          for (let n = 0; ; n++) {
            if (n === 3) controller.abort()
            yield n
          }
        } finally {
          isClosed = true
        }
      },
      makeInvocation('{}', { signal: controller.signal }),
    )
    expect(result).toMatchObject({ type: 'failed', failure: { exception: 'AbortError' } })
    expect(isClosed).toBe(true)
  })
})

describe('what fails', () => {
  test('A payload that is no JSON never reaches the handler.', async () => {
    const result = await call(() => expect.unreachable(), makeInvocation('{"a":NaN}'))
    expect(result).toEqual({
      type: 'failed',
      failure: {
        code: 'invalid_json',
        severity: 'fatal',
        message: 'the payload is not JSON: expected a value at byte 5',
      },
    })
  })

  test('What a handler throws, now or later, is told.', async () => {
    const processes: Process[] = [
      () => {
        throw new FatalError('no')
      },
      async () => {
        throw new FatalError('no')
      },
      function* () {
        yield 1
        throw new FatalError('no')
      },
      async function* () {
        yield 1
        throw new FatalError('no')
      },
      () => ({
        get a(): number {
          throw new FatalError('no')
        },
      }),
      () => ({
        then: (_: unknown, reject: (reason: unknown) => void) => {
          reject(new FatalError('no'))
        },
      }),
    ]
    for (const process of processes)
      expect(await failureOf(process)).toMatchObject({ message: 'no', severity: 'fatal' })
  })

  test('Throwing nothing at all is survived.', async () => {
    expect(
      await failureOf(() => ({
        then: (_: unknown, reject: (reason?: unknown) => void) => {
          reject()
        },
      })),
    ).toMatchObject({
      message: 'the handler threw undefined, which is not an Error',
    })
  })
})

describe('what a handler is given', () => {
  test('The payload, parsed.', async () => {
    expect(
      await call((payload: { n: number }) => payload.n + 1, makeInvocation('{"n":41}')),
    ).toEqual({ type: 'outputs', outputs: [{ payload: '42' }] })
  })

  test('Who the message is, how often it was tried, and how long there is.', async () => {
    const deadline = new Date(Date.now() + 1_000)
    const seen: unknown[] = []
    await call(
      (_, { id, jobId, attempt, deadline, signal }) => {
        seen.push(id, jobId, attempt, deadline, signal.aborted)
      },
      makeInvocation('{}', { deadline }),
    )
    expect(seen).toEqual(['m-1', 'j-1', 2, deadline, false])
  })

  test('A message without an id gets one of its own.', async () => {
    const invocation = makeInvocation('{}')
    const message = { ...invocation.message, id: undefined as never }
    const ids: string[] = []
    const collect: Process = (_payload, ctx) => void ids.push(ctx.id, ctx.id)
    await call(collect, { ...invocation, message })
    await call(collect, { ...invocation, message })
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(2)
  })

  test('The headers, with the JSON text of those that are no strings.', async () => {
    const invocation = makeInvocation('{}')
    const headers = toJsonBytes(
      Buffer.from('{"traceparent":"00-1","n": 1 ,"o":{"a":[1, 2]},"__proto__":"x","tab":"\\t"}'),
    )
    let seen: Context['headers'] = {}
    const message = { ...invocation.message, headers }
    await call((_, ctx) => void (seen = ctx.headers), { ...invocation, message })
    expect(Object.entries(seen)).toEqual([
      ['traceparent', '00-1'],
      ['n', '1'],
      ['o', '{"a":[1, 2]}'],
      ['__proto__', 'x'],
      ['tab', '\t'],
    ])
    expect(seen.constructor).toBeUndefined()
    expect(Object.isFrozen(seen)).toBe(true)
  })

  test('The whole message, as it travels.', async () => {
    let text = ''
    await call((_, ctx) => void (text = ctx.rawMessage), makeInvocation('{"n": 1.0}'))
    expect(text).toContain('"payload":{"n": 1.0}')
    expect(JSON.parse(text)).toMatchObject({ id: 'm-1', job_id: 'j-1', attempt: 2 })
  })

  test('A log, and ends for progress and metrics that need no this.', async () => {
    const told: unknown[] = []
    const metrics: Metric[] = []
    const log = { ...silent, info: (...words: unknown[]) => void told.push(words) }
    const emit = {
      progress: (...words: unknown[]) => void told.push(words),
      metric: (metric: Metric) => void metrics.push(metric),
    }
    await call(
      (_, { log, progress, metrics: { counter, gauge, histogram } }) => {
        log.info({ a: 1 }, 'hello')
        progress(50, 'half')
        progress(120)
        progress(-1)
        progress(NaN)
        counter('pages')
        counter('pages', 2, { kind: 'scan', page: 3, last: true })
        gauge('depth', -1.5)
        histogram('seconds', 0.2)
      },
      makeInvocation('{}', { log, emit }),
    )
    expect(told).toEqual([
      [{ a: 1 }, 'hello'],
      [50, 'half'],
      [100, undefined],
      [0, undefined],
    ])
    expect(metrics).toEqual([
      { kind: 'counter', name: 'pages', value: 1, labels: {} },
      {
        kind: 'counter',
        name: 'pages',
        value: 2,
        labels: { kind: 'scan', page: '3', last: 'true' },
      },
      { kind: 'gauge', name: 'depth', value: -1.5, labels: {} },
      { kind: 'histogram', name: 'seconds', value: 0.2, labels: {} },
    ])
  })

  test('A metric that cannot be kept is dropped with a warning, and fails nothing.', async () => {
    const warnings: unknown[] = []
    const log = { ...silent, warn: (...words: unknown[]) => void warnings.push(words) }
    const emit = { progress: () => {}, metric: () => expect.unreachable() }
    const result = await call(
      (_, { metrics }) => {
        metrics.gauge('a-b', 1)
        metrics.gauge('mean', NaN)
        metrics.counter('pages', -1)
        return 1
      },
      makeInvocation('{}', { log, emit }),
    )
    expect(result.type).toBe('outputs')
    expect(warnings).toEqual([
      [
        { metric: 'a-b', kind: 'gauge' },
        'metric dropped: its name is not letters, digits and underscores',
      ],
      [{ metric: 'mean', kind: 'gauge' }, 'metric dropped: its value is NaN'],
      [
        { metric: 'pages', kind: 'counter' },
        'metric dropped: a counter cannot go down, and its value is -1',
      ],
    ])
  })
})

test('What a handler tells after it has returned is dropped.', async () => {
  const emit = { progress: () => expect.unreachable(), metric: () => expect.unreachable() }
  let late: Context | undefined
  await call((_, ctx) => void (late = ctx), makeInvocation('{}', { emit }))
  late?.progress(100)
  late?.metrics.counter('pages')
  expect(late?.id).toBe('m-1')
})

describe('the route', () => {
  test('A handler sees where the message has been and where it goes.', async () => {
    let seen: unknown
    await call((_, { route: { steps, current, done, ahead } }) => {
      seen = { steps, current, done, ahead }
    })
    expect(seen).toEqual({
      steps: ['a', 'b', 'c', 'd'],
      current: 1,
      done: ['a'],
      ahead: ['c', 'd'],
    })
  })

  test('What it puts ahead counts for every output of the call.', async () => {
    const result = await call((_, ctx) => {
      ctx.route.replaceAhead(['x'])
      expect(ctx.route.ahead).toEqual(['x'])
      ctx.route.replaceAhead(['y', 'z'])
      return [1, 2]
    })
    const route = { steps: ['a', 'b', 'y', 'z'], current: 1 }
    expect(result).toEqual({
      type: 'outputs',
      outputs: [
        { payload: '1', route },
        { payload: '2', route },
      ],
    })
  })

  test('A name that no queue can have is refused.', async () => {
    expect(await failureOf((_, ctx) => ctx.route.replaceAhead(['ok', '*.b']))).toMatchObject({
      exception: 'TypeError',
      message: 'route.replaceAhead: "*.b" is not the name of a queue',
    })
    expect(
      await failureOf((_, ctx) => ctx.route.replaceAhead(Array(10_000).fill('x'))),
    ).toMatchObject({ message: 'route.replaceAhead: a route has at most 10000 steps' })
  })

  test('A generator changes it before its first yield, or not at all.', async () => {
    const early = await call(function* (_, ctx) {
      ctx.route.replaceAhead([])
      yield 1
    })
    expect(early).toMatchObject({ outputs: [{ route: { steps: ['a', 'b'], current: 1 } }] })
    const late = await failureOf(function* (_, ctx) {
      yield 1
      ctx.route.replaceAhead([])
    })
    expect(late).toMatchObject({ message: expect.stringContaining('after the first yield') })
  })
})

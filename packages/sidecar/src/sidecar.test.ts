import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesToText } from '@asya/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { echo, type ScriptedCall } from './testing/scripted-runtime.ts'
import { Workbench } from './testing/workbench.ts'

let bench: Workbench

afterEach(async () => {
  await bench.close()
})

const FAST_RETRY = {
  maxAttempts: 3,
  initialDelayMs: 1,
  maxDelayMs: 1_000,
  backoff: 2,
  retryCodes: [],
  fatalCodes: [],
}

function fail(error: string, rest: object = {}): (call: ScriptedCall) => void {
  return (call) => {
    call.reply([{ error, details: { message: 'it broke', type: 'TypeError' }, ...rest }])
  }
}

describe('a message that is served', () => {
  test('goes on to the next step, its payload and unknown members byte for byte', async () => {
    bench = new Workbench(echo)
    await bench.start()
    const payload = '{"b": 9007199254740993 ,"a":1.0,"a":-0,"x":1e400,"s":"\\ud800","__proto__":{}}'
    await bench.sendRaw(
      `{"payload":${payload},"x-later":[1, 2],"route":{"steps":["actor","next"],"current":0,"metadata":{"k": 1}}}`,
    )
    const [seen] = await bench.waitFor('next')
    expect(bytesToText(seen?.message.payload ?? Buffer.of())).toBe(payload)
    const text = bytesToText(seen?.body ?? Buffer.of())
    expect(text).toContain('"x-later":[1, 2]')
    expect(text).toContain('"metadata":{"k": 1}')
    expect(seen?.message).toMatchObject({ id: 'amqp', route: { current: 1 } })
  })

  test('keeps the hash of its payload over five hops', async () => {
    bench = new Workbench(echo)
    await bench.start()
    const payload = `[${'{"n":9007199254740993,"z":1.0,"a":-0,"e":1e400},'.repeat(500)}"\\udc00"]`
    const steps = ['actor', 'actor', 'actor', 'actor', 'actor']
    await bench.sendRaw(
      `{"route":{"steps":${JSON.stringify(steps)},"current":0},"payload":${payload}}`,
    )
    const [seen] = await bench.waitFor('happy-end')
    const hash = (bytes: Uint8Array | string): string =>
      createHash('sha256').update(bytes).digest('hex')
    expect(hash(seen?.message.payload ?? '')).toBe(hash(payload))
    expect(bench.runtime.calls).toHaveLength(5)
  })

  test('goes to happy-end as it came when the handler answers nothing', async () => {
    bench = new Workbench((call) => {
      call.reply([])
    })
    await bench.start()
    await bench.send({ q: 1 })
    const [seen] = await bench.waitFor('happy-end')
    expect(seen).toMatchObject({ payload: { q: 1 }, message: { route: { current: 0 } } })
  })

  test('fans out into children with ids of their own that are the same every time', async () => {
    bench = new Workbench((call) => {
      call.reply([{ payload: 1 }, { payload: 2 }, { payload: 3 }])
    })
    await bench.start()
    await bench.send('x', { id: 'parent', job_id: 'j' })
    await bench.send('x', { id: 'parent', job_id: 'j' })
    const seen = await bench.waitFor('next', 6)
    const ids = seen.map(({ message }) => message.id)
    expect(new Set(ids).size).toBe(3)
    expect(ids.slice(0, 3)).toEqual(ids.slice(3))
    expect(seen[1]?.message).toMatchObject({
      parentId: 'parent',
      jobId: 'j',
      branch: [{ index: 1, count: 3 }],
    })
  })

  test('may choose other steps ahead, and none behind', async () => {
    bench = new Workbench((call) => {
      const steps = call.payload === 'ahead' ? ['actor', 'other'] : ['rewritten', 'next']
      call.reply([{ payload: 1, route: { steps, current: 0 } }])
    })
    await bench.start(['happy-end', 'error-end', 'other'])
    await bench.send('ahead')
    await bench.waitFor('other')
    await bench.send('behind')
    const [failed] = await bench.waitFor('error-end')
    expect(failed?.error).toMatchObject({ type: 'msg_parsing_error', step: 'actor' })
  })
})

describe('S1: a message is acknowledged only after everything it led to is confirmed', () => {
  test('cut off after the handler answered, it is delivered again with the same child ids', async () => {
    bench = new Workbench(
      (call) => {
        call.reply([{ payload: 1 }, { payload: 2 }])
        // The connection goes before the outputs are published.
        if (bench.runtime.calls.length === 1) bench.transport.cut()
      },
      { patienceMs: 10 },
    )
    const hasAnswered = (): boolean => bench.runtime.calls.length === 1
    await bench.start()
    await bench.send('x', { id: 'p' })
    await eventually('it is back', () => hasAnswered() && bench.load().ready === 1)
    bench.transport.mend()
    const seen = await bench.waitFor('next', 2)
    expect(bench.runtime.calls).toHaveLength(2)
    expect(seen.map(({ message }) => message.branch[0]?.index)).toEqual([0, 1])
  })
})

describe('S2: what cannot be routed is never dropped', () => {
  test('an output waits for its queue', async () => {
    bench = new Workbench(echo)
    await bench.start(['happy-end', 'error-end'])
    await bench.send(1)
    await sleep(100)
    expect(bench.load().unsettled).toBe(1)
    await bench.watch('next')
    await bench.waitFor('next')
  })

  test('an output whose queue stays missing goes to error-end on its own, at its own step', async () => {
    bench = new Workbench(
      (call) => {
        const lost = { payload: 'b', route: { steps: ['actor', 'nowhere'], current: 0 } }
        call.reply([{ payload: 'a' }, lost])
      },
      { patienceMs: 100 },
    )
    await bench.start()
    await bench.send('x', { id: 'p' })
    const [failed] = await bench.waitFor('error-end')
    expect(failed).toMatchObject({
      payload: 'b',
      message: { route: { steps: ['actor', 'nowhere'], current: 1 } },
      error: { type: 'unroutable', step: 'nowhere' },
    })
    expect(bench.seen('next')).toHaveLength(1)
    expect(bench.load()).toMatchObject({ ready: 0, unsettled: 0 })
  })

  test('without even an error-end the message goes back to its queue', async () => {
    bench = new Workbench(fail('processing_error', { severity: 'fatal' }), { patienceMs: 50 })
    await bench.start(['happy-end'])
    await bench.send(1)
    await eventually('served twice', () => bench.runtime.calls.length >= 2)
    await bench.watch('error-end')
    await bench.waitFor('error-end')
  })

  test('an output that is too large fails its message, and no sibling goes out', async () => {
    bench = new Workbench(
      (call) => {
        call.reply([{ payload: 'small' }, { payload: 'x'.repeat(17_000_000) }])
      },
      { maxMessageBytes: 30_000_000 },
    )
    await bench.start()
    await bench.send('original')
    const [failed] = await bench.waitFor('error-end')
    expect(failed).toMatchObject({ payload: 'original', error: { type: 'message_too_large' } })
    expect(bench.seen('next')).toHaveLength(0)
  })
})

describe('S3: a runtime that is absent fails no message and costs no attempt', () => {
  test('consuming pauses while it is gone, and goes on when it is back', async () => {
    bench = new Workbench(echo)
    await bench.start()
    await bench.runtime.crash()
    await eventually('it waits', () => bench.sidecar.state === 'waiting')
    for (let i = 0; i < 5; i++) await bench.send(i)
    await sleep(100)
    expect(bench.load()).toMatchObject({ ready: 5, unsettled: 0 })
    await bench.runtime.start()
    const seen = await bench.waitFor('next', 5)
    expect(seen.map(({ message }) => message.attempt)).toEqual([1, 1, 1, 1, 1])
  })
})

describe('S4: a failure keeps the original payload and says what happened', () => {
  test('a recoverable one is tried again up to the policy, then goes to error-end', async () => {
    bench = new Workbench(fail('processing_error'), { retry: FAST_RETRY })
    await bench.start()
    await bench.send({ q: 1 }, { job_id: 'j' })
    const [failed] = await bench.waitFor('error-end')
    expect(bench.runtime.calls.map((call) => call.request.message.attempt)).toEqual([1, 2, 3])
    expect(failed).toMatchObject({
      payload: { q: 1 },
      message: { jobId: 'j', route: { steps: ['actor', 'next'], current: 0 } },
      error: {
        type: 'processing_error',
        message: 'it broke',
        exception: 'TypeError',
        step: 'actor',
        attempts: 3,
      },
    })
  })

  test('a fatal one goes to error-end at once', async () => {
    bench = new Workbench(fail('validation_error'))
    await bench.start()
    await bench.send(1)
    const [failed] = await bench.waitFor('error-end')
    expect(failed?.error).toMatchObject({ type: 'validation_error', attempts: 1 })
  })

  test('retry_after is honoured', async () => {
    bench = new Workbench(
      (call) => {
        if (call.request.message.attempt > 1) echo(call)
        else fail('processing_error', { retry_after: 1.5 })(call)
      },
      { retry: FAST_RETRY },
    )
    await bench.start()
    const startedAt = performance.now()
    await bench.send(1)
    await bench.waitFor('next')
    expect(performance.now() - startedAt).toBeGreaterThan(1_900)
  })

  test.each([
    ['no JSON at all', 'nonsense'],
    ['no bytes', ''],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['no route', '{"payload":1}'],
    ['two payloads', '{"route":{"steps":["actor"],"current":0},"payload":1,"payload":2}'],
  ])('a body of %s reaches error-end as base64', async (_, body) => {
    bench = new Workbench(echo)
    await bench.start()
    await bench.sendRaw(body)
    const [failed] = await bench.waitFor('error-end')
    expect(Buffer.from(String(failed?.payload), 'base64')).toEqual(Buffer.from(body))
    expect(failed?.error).toMatchObject({ type: 'parse_error', body_encoding: 'base64' })
    expect(failed?.message.route).toMatchObject({ steps: ['actor'], current: 0 })
  })

  test('a body whose base64 no message can hold reaches error-end in parts', async () => {
    bench = new Workbench(echo, { maxBodyBytes: 200_000 })
    await bench.start()
    const body = Buffer.alloc(190_000, 'no message ')
    await bench.sendRaw(body)
    const parts = await bench.waitFor('error-end', 2)
    const kept = parts.map(({ payload }) => Buffer.from(String(payload), 'base64'))
    expect(Buffer.concat(kept).equals(body)).toBe(true)
    expect(parts.map(({ error }) => error['body_part'])).toEqual([
      [0, 2],
      [1, 2],
    ])
  })

  test('a malformed message still tells its job', async () => {
    bench = new Workbench(echo)
    await bench.start()
    await bench.sendRaw('{"job_id":"j","id":"x","route":{},"payload":1}')
    const [failed] = await bench.waitFor('error-end')
    expect(failed?.message).toMatchObject({ jobId: 'j', id: 'x' })
  })

  test('a message whose route names another queue is not served', async () => {
    bench = new Workbench(echo)
    await bench.start()
    await bench.sendRaw('{"route":{"steps":["other"],"current":0},"payload":1}')
    const [failed] = await bench.waitFor('error-end')
    expect(failed?.error).toMatchObject({ type: 'msg_parsing_error' })
    expect(bench.runtime.calls).toHaveLength(0)
  })
})

describe('S5: a handler that outlives its deadline', () => {
  test('ends as timeout_error, and the next message is served', async () => {
    bench = new Workbench(
      (call) => {
        if (call.payload === 'next') echo(call)
      },
      { timeoutMs: 50, retry: { ...FAST_RETRY, maxAttempts: 1 } },
    )
    await bench.start()
    await bench.send('stuck')
    await bench.send('next')
    const [failed] = await bench.waitFor('error-end')
    expect(failed).toMatchObject({ payload: 'stuck', error: { type: 'timeout_error' } })
    await bench.waitFor('next')
  })
})

describe('S6: a sidecar that is asked to stop', () => {
  test('finishes what is in flight and gives the rest back', async () => {
    let finish: (() => void) | undefined
    bench = new Workbench((call) => {
      finish = () => {
        echo(call)
      }
    })
    await bench.start()
    await bench.send('in flight')
    await bench.send('waiting')
    await eventually('one is in flight', () => finish !== undefined)
    const closed = bench.sidecar.close(5_000)
    await sleep(20)
    finish?.()
    await closed
    const seen = await bench.waitFor('next')
    expect(seen.map(({ payload }) => payload)).toEqual(['in flight'])
    expect(bench.load()).toMatchObject({ ready: 1, unsettled: 0 })
  })

  test('gives back what does not finish in time', async () => {
    bench = new Workbench(() => undefined)
    await bench.start()
    await bench.send('stuck')
    await eventually('it is in flight', () => bench.runtime.calls.length === 1)
    await bench.sidecar.close(50)
    expect(bench.load()).toMatchObject({ ready: 1, unsettled: 0 })
    expect(bench.seen('error-end')).toHaveLength(0)
  })

  test('holds a drain, and answers whether all is done', async () => {
    bench = new Workbench(echo)
    await bench.start()
    expect(await bench.sidecar.drain(1_000)).toBe(true)
    expect(bench.sidecar.state).toBe('draining')
    await bench.send('later')
    await sleep(50)
    expect(bench.load()).toMatchObject({ ready: 1 })
  })

  test('takes nothing as long as a drain waits, and again when its lease is over', async () => {
    let finish: (() => void) | undefined
    bench = new Workbench(
      (call) => {
        if (call.payload !== 'long') {
          echo(call)
          return
        }
        finish = () => {
          echo(call)
        }
      },
      { leaseMs: 100 },
    )
    await bench.start()
    await bench.send('long')
    await eventually('it is in flight', () => finish !== undefined)
    const drained = bench.sidecar.drain(5_000)
    await bench.send('later')
    await sleep(200)
    finish?.()
    expect(await drained).toBe(true)
    expect(bench.sidecar.state).toBe('draining')
    expect(bench.runtime.calls).toHaveLength(1)
    await bench.waitFor('next', 2)
    expect(bench.sidecar.state).toBe('consuming')
  })
})

describe('S7: a message that kills its runtime', () => {
  /** Crashes at `killer` and comes back, as a container does. */
  function crashAt(killer: unknown): (call: ScriptedCall) => void {
    return (call) => {
      if (call.payload !== killer) {
        setTimeout(() => {
          echo(call)
        }, 30)
        return
      }
      void bench.runtime.crash().then(() => bench.runtime.start())
    }
  }

  test('ends in error-end after its attempts, and takes no innocent with it', async () => {
    bench = new Workbench(crashAt('killer'), { concurrency: 16, retry: FAST_RETRY })
    await bench.start()
    for (let i = 0; i < 8; i++) await bench.send(`before ${String(i)}`)
    await bench.send('killer')
    for (let i = 0; i < 8; i++) await bench.send(`after ${String(i)}`)
    const [failed] = await bench.waitFor('error-end')
    const served = await bench.waitFor('next', 16)
    expect(failed).toMatchObject({
      payload: 'killer',
      error: { type: 'connection_error', attempts: 3 },
    })
    expect(bench.seen('error-end')).toHaveLength(1)
    expect(served.map(({ message }) => message.attempt)).toEqual(
      Array.from({ length: 16 }, () => 1),
    )
  }, 20_000)

  test('once is not charged when it had company', async () => {
    let hasCrashed = false
    bench = new Workbench(
      (call) => {
        if (hasCrashed) {
          echo(call)
          return
        }
        if (bench.runtime.calls.length < 4) return
        hasCrashed = true
        void bench.runtime.crash().then(() => bench.runtime.start())
      },
      { concurrency: 4 },
    )
    await bench.start()
    for (let i = 0; i < 4; i++) await bench.send(i)
    const served = await bench.waitFor('next', 4)
    expect(served.map(({ message }) => message.attempt)).toEqual([1, 1, 1, 1])
    expect(bench.seen('error-end')).toHaveLength(0)
  })
})

describe('an end actor', () => {
  test('tells the gateway the result and publishes nothing', async () => {
    bench = new Workbench(
      (call) => {
        call.reply([{ payload: 'ignored' }])
      },
      { queue: 'happy-end', isEnd: true },
    )
    await bench.start(['error-end', 'next'])
    const route = '{"steps":["a"],"current":1}'
    await bench.sendRaw(`{"id":"m","job_id":"j","route":${route},"payload":1.0}`, 'happy-end')
    await eventually('the gateway knows', () => bench.finals.length === 1)
    const [final] = bench.finals
    expect(final).toMatchObject({ jobId: 'j', status: 'succeeded', branch: [] })
    expect(final?.status === 'succeeded' && bytesToText(final.result)).toBe('1.0')
    await eventually('acknowledged', () => bench.load('happy-end').unsettled === 0)
    expect(bench.seen('next')).toHaveLength(0)
  })

  test('gives a branch that ended early no result', async () => {
    bench = new Workbench(echo, { queue: 'happy-end', isEnd: true })
    await bench.start(['error-end'])
    const route = '{"steps":["a","b"],"current":0}'
    await bench.sendRaw(`{"id":"m","job_id":"j","route":${route},"payload":{"q":1}}`, 'happy-end')
    await eventually('the gateway knows', () => bench.finals.length === 1)
    const [final] = bench.finals
    expect(final?.status === 'succeeded' && bytesToText(final.result)).toBe('null')
  })

  test('tells it again, through the delayed retry, until the gateway listens', async () => {
    bench = new Workbench(echo, { queue: 'happy-end', isEnd: true, retry: FAST_RETRY })
    bench.gateway = 'unreachable'
    await bench.start(['error-end'])
    await bench.sendRaw('{"job_id":"j","route":{"steps":[],"current":0},"payload":1}', 'happy-end')
    await eventually('it waits for its next try', () => bench.load('happy-end').delayed === 1)
    bench.gateway = 'told'
    await eventually('told', () => bench.finals.length === 2)
    await eventually('done', () => bench.load('happy-end').unsettled === 0)
  })

  test('does not loop on a body that is no message', async () => {
    bench = new Workbench(
      (call) => {
        call.reply([])
      },
      { queue: 'error-end', isEnd: true },
    )
    await bench.start(['happy-end'])
    await bench.sendRaw('nonsense', 'error-end')
    await eventually('kept', () => bench.runtime.calls.length === 1)
    await sleep(50)
    expect(bench.runtime.calls).toHaveLength(1)
    expect(bench.load('error-end')).toMatchObject({ ready: 0, unsettled: 0, delayed: 0 })
  })

  test('does not loop on a message that its handler refuses', async () => {
    bench = new Workbench(fail('validation_error'), { queue: 'error-end', isEnd: true })
    await bench.start(['happy-end'])
    await bench.sendRaw('{"job_id":"j","route":{"steps":[],"current":0},"payload":1}', 'error-end')
    await eventually('told', () => bench.finals.length === 1)
    expect(bench.finals[0]).toMatchObject({ status: 'failed' })
    expect(bench.load('error-end')).toMatchObject({ ready: 0, delayed: 0 })
  })
})

describe('a job that is cancelled', () => {
  test('reaches the running handler, and its message ends in error-end', async () => {
    bench = new Workbench(() => undefined)
    await bench.start()
    await bench.send('x', { job_id: 'j' })
    await eventually('in flight', () => bench.runtime.calls.length === 1)
    bench.cancelJob?.()
    await bench.runtime.calls[0]?.closed
    const [failed] = await bench.waitFor('error-end')
    expect(failed?.error).toMatchObject({ exception: 'JobCancelled' })
  })
})

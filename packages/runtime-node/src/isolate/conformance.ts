import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { testLaunch } from '../testing/launch.ts'
import { eventually, Workshop } from '../testing/workshop.ts'
import type {
  CreateIsolate,
  Death,
  FrameKind,
  Isolate,
  IsolateOptions,
  LogLine,
} from './isolate.ts'

// Each isolate reads some forty TypeScript files, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

/** What an isolate of a kind promises beyond the common law. */
export interface IsolateTraits {
  /** Ends handlers that loop, exhaust the heap, exit or throw outside of their call. */
  readonly isIsolating: boolean
  /** Knows whose handler holds it. */
  readonly knowsBlocker: boolean
}

/** An isolate, and everything it told. */
class Watched {
  readonly frames: { runId: number; kind: FrameKind; body: unknown }[] = []
  readonly lines: LogLine[] = []
  readonly deaths: Death[] = []
  pongs = 0
  readonly isolate: Isolate
  #lastRunId = 0

  constructor(create: CreateIsolate, options: IsolateOptions) {
    this.isolate = create(options, {
      onFrame: (runId, kind, bytes) => {
        const body: unknown = JSON.parse(Buffer.from(bytes).toString())
        this.frames.push({ runId, kind, body })
      },
      onPong: () => this.pongs++,
      onLog: (line) => this.lines.push(line),
      onDeath: (death) => this.deaths.push(death),
    })
  }

  run(payload: unknown, rest: object = {}): number {
    const message = { id: 'm1', route: { steps: ['a'], current: 0 }, payload, ...rest }
    return this.runBody(Buffer.from(JSON.stringify(message)))
  }

  runBody(body: Uint8Array, deadlineEpochMs = 0): number {
    const id = ++this.#lastRunId
    this.isolate.run({ id, body, deadlineEpochMs })
    return id
  }

  framesOf(runId: number): unknown[] {
    return this.frames.filter((frame) => frame.runId === runId).map((frame) => frame.body)
  }

  isClosed(runId: number): boolean {
    return this.frames.some(
      ({ runId: id, kind }) => id === runId && (kind === 'outputs' || kind === 'failed'),
    )
  }

  async close(runId: number): Promise<unknown> {
    await eventually(() => this.isClosed(runId), `run ${String(runId)} is closed`)
    return this.framesOf(runId).at(-1)
  }
}

const ACTOR = `
  export const act = async (payload, ctx) => {
    switch (payload.do) {
      case 'echo': return payload
      case 'sleep': await new Promise((resolve) => setTimeout(resolve, payload.ms)); return payload
      case 'wait': return new Promise((resolve) =>
        ctx.signal.addEventListener('abort', () => resolve({ reason: ctx.signal.reason.name })))
      case 'ignore': return new Promise(() => {})
      case 'tell':
        ctx.progress(10, 'begun')
        ctx.metrics.counter('seen', 2, { kind: 'x' })
        ctx.progress(90)
        return 'told'
      case 'yield': return (async function* () { yield 1; yield 2; yield 3 })()
      case 'log': ctx.log.info({ a: 1n, m: new Map() }, 'hello'); ctx.log.debug('quiet'); return 1
      case 'deadline': return { at: ctx.deadline?.toISOString() ?? null }
      case 'grow': return 'x'.repeat(payload.bytes)
      case 'loop': for (;;) {}
      case 'loop later': await null; for (;;) {}
      case 'loop around': { let all = []; for (;;) { all.push(new Array(1000).fill(1)); if (all.length > 1000) all = [] } }
      case 'fill': { const all = []; for (;;) all.push(new Array(10_000).fill({})) }
      case 'exit': process.exit(3)
      case 'reply and exit': setImmediate(() => setImmediate(() => process.exit(3))); return 'last'
      case 'reject': void Promise.reject(new RangeError('nobody caught me')); return new Promise(() => {})
      case 'throw later': setTimeout(() => { throw new TypeError('thrown later') }); return new Promise(() => {})
      default: throw new Error('what?')
    }
  }`

export function testIsolate(name: string, create: CreateIsolate, traits: IsolateTraits): void {
  async function start(
    workshop: Workshop,
    options: Partial<IsolateOptions> = {},
  ): Promise<Watched> {
    const path = workshop.write(ACTOR)
    const watched = new Watched(create, {
      handler: { text: path, path, exportName: 'act' },
      guardPath: undefined,
      maxFrameBytes: 1024 * 1024,
      heapLimitMiB: undefined,
      logLevel: 'info',
      launch: testLaunch,
      ...options,
    })
    workshop.onEnd(() => watched.isolate.kill())
    expect(await watched.isolate.load()).toEqual({ ok: true })
    return watched
  }

  /** Why the export `act` of this module cannot be loaded. */
  async function failToLoad(path: string, workshop: Workshop): Promise<string> {
    const { isolate } = new Watched(create, {
      handler: { text: path, path, exportName: 'act' },
      guardPath: undefined,
      maxFrameBytes: 1_000,
      heapLimitMiB: undefined,
      logLevel: 'info',
      launch: testLaunch,
    })
    workshop.onEnd(() => isolate.kill())
    const loaded = await isolate.load()
    return loaded.ok ? 'it was loaded' : loaded.reason
  }

  describe(name, () => {
    test('a run is closed with the outputs of its handler', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const run = watched.run({ do: 'echo', text: 'hällo' })
      expect(await watched.close(run)).toEqual([{ payload: { do: 'echo', text: 'hällo' } }])
    })

    test('runs of one turn are served together, and each is closed once, with its own result', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const texts = Array.from({ length: 64 }, (_, n) => 'x'.repeat(n % 4 === 0 ? 50_000 + n : n))
      const runs = texts.map((text) => watched.run({ do: 'echo', text }))
      for (const [n, run] of runs.entries())
        expect(await watched.close(run)).toEqual([{ payload: { do: 'echo', text: texts[n] } }])
      expect(watched.frames).toHaveLength(64)
    })

    test('a slow handler does not hold up a quick one', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const slow = watched.run({ do: 'sleep', ms: 300 })
      await watched.close(watched.run({ do: 'echo' }))
      expect(watched.isClosed(slow)).toBe(false)
      await watched.close(slow)
    })

    test('the body stays as it was, and the caller may use it again', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const payload = { do: 'echo', text: 'y'.repeat(100_000) }
      const body = Buffer.from(JSON.stringify({ route: { steps: ['a'], current: 0 }, payload }))
      for (const run of [watched.runBody(body), watched.runBody(body)])
        expect(await watched.close(run)).toEqual([{ payload }])
      expect(body.length).toBeGreaterThan(100_000)
    })

    test('interim frames come before the closing one, and only if they are accepted', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const all = watched.run({ do: 'tell' }, { accept: ['progress', 'metrics', 'output'] })
      await watched.close(all)
      // Progress that is out of date may be left out.
      expect(watched.framesOf(all).filter((frame) => !isFirstProgress(frame))).toEqual([
        { progress: { percent: 90 } },
        { metrics: [{ kind: 'counter', name: 'seen', value: 2, labels: { kind: 'x' } }] },
        [{ payload: 'told' }],
      ])
      const none = watched.run({ do: 'tell' })
      await watched.close(none)
      expect(watched.framesOf(none)).toEqual([[{ payload: 'told' }]])
    })

    test('outputs of a generator come one by one if they are accepted, else all at the end', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const streamed = watched.run({ do: 'yield' }, { accept: ['output'] })
      await watched.close(streamed)
      const output = (payload: number): object => ({ output: { payload } })
      expect(watched.framesOf(streamed)).toEqual([output(1), output(2), output(3), []])
      const collected = watched.run({ do: 'yield' })
      expect(await watched.close(collected)).toEqual([
        { payload: 1 },
        { payload: 2 },
        { payload: 3 },
      ])
    })

    test('a log line names the message and its job, and lines below the level are not written', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      await watched.close(watched.run({ do: 'log' }, { job_id: 'j1' }))
      await eventually(() => watched.lines.length > 0)
      expect(watched.lines.map((line) => [line.level, line.message])).toEqual([['info', 'hello']])
      expect(JSON.parse(watched.lines[0]!.fields)).toEqual({
        a: '1',
        m: {},
        message_id: 'm1',
        job_id: 'j1',
      })
    })

    test('the handler is told its deadline', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const at = Date.UTC(2030, 0, 1)
      const message = { route: { steps: ['a'], current: 0 }, payload: { do: 'deadline' } }
      const run = watched.runBody(Buffer.from(JSON.stringify(message)), at)
      expect(await watched.close(run)).toEqual([{ payload: { at: '2030-01-01T00:00:00.000Z' } }])
      const endless = watched.runBody(Buffer.from(JSON.stringify(message)))
      expect(await watched.close(endless)).toEqual([{ payload: { at: null } }])
    })

    test('an abort reaches ctx.signal with its cause, and the run is closed afterwards', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const late = watched.run({ do: 'wait' })
      const unwanted = watched.run({ do: 'wait' })
      watched.isolate.ping()
      await eventually(() => watched.pongs === 1, 'both have begun')
      watched.isolate.abort(late, 'deadline')
      expect(await watched.close(late)).toEqual([{ payload: { reason: 'TimeoutError' } }])
      expect(watched.isClosed(unwanted)).toBe(false)
      watched.isolate.abort(unwanted, 'cancelled')
      expect(await watched.close(unwanted)).toEqual([{ payload: { reason: 'AbortError' } }])
      watched.isolate.abort(unwanted, 'cancelled')
    })

    test('a ping is answered while handlers wait', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      watched.run({ do: 'ignore' })
      watched.isolate.ping()
      await eventually(() => watched.pongs === 1)
    })

    test('what is no request is answered with the code of its mistake', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      const codes = []
      for (const body of [
        '',
        '\xff',
        '{',
        '{}',
        '{"route":{"steps":["a"],"current":0},"payload":nul}',
      ])
        codes.push(await watched.close(watched.runBody(Buffer.from(body, 'latin1'))))
      expect(codes.map((reply) => (reply as { error: string }[])[0]!.error)).toEqual([
        'empty_message',
        'invalid_encoding',
        'invalid_json',
        'msg_parsing_error',
        'invalid_json',
      ])
    })

    test('a reply that is larger than the limit is refused, and names both sizes', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop, { maxFrameBytes: 1_000 })
      const reply = await watched.close(watched.run({ do: 'grow', bytes: 2_000 }))
      expect(reply).toMatchObject([
        {
          error: 'message_too_large',
          details: { message: 'the reply has 2016 bytes; ASYA_MAX_MESSAGE_SIZE is 1000' },
        },
      ])
    })

    test('a module that is missing, throws or has no such export is not loaded, for a reason', async () => {
      await using workshop = new Workshop()
      expect(await failToLoad('/nowhere/actor.js', workshop)).toBe(
        'there is no file /nowhere/actor.js',
      )
      const other = workshop.write('export const act0r = () => 1')
      expect(await failToLoad(other, workshop)).toMatch(/there is no export act\b.*act0r/)
      const throwing = workshop.write('\nthrow new RangeError("at the\\ntop")')
      expect(await failToLoad(throwing, workshop)).toMatch(/^RangeError: at the top \(.*mjs:2\)$/)
    })

    test('nothing comes after the kill, and a second kill changes nothing', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      watched.run({ do: 'sleep', ms: 50 })
      watched.isolate.ping()
      await watched.isolate.kill()
      await watched.isolate.kill()
      const told = watched.frames.length + watched.pongs
      watched.run({ do: 'echo' })
      await sleep(150)
      expect(watched.frames.length + watched.pongs).toBe(told)
      expect(watched.deaths).toEqual([])
    })

    test.runIf(traits.knowsBlocker)('it is known whose handler holds the isolate', async () => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      expect(watched.isolate.blocker).toBeUndefined()
      watched.run({ do: 'ignore' })
      const loop = watched.run({ do: 'loop' })
      await eventually(() => watched.isolate.blocker === loop)
    })

    if (traits.isIsolating) testIsolation(start, failToLoad)
  })
}

type Start = (workshop: Workshop, options?: Partial<IsolateOptions>) => Promise<Watched>
type FailToLoad = (path: string, workshop: Workshop) => Promise<string>

function isFirstProgress(frame: unknown): boolean {
  return JSON.stringify(frame).includes('"percent":10')
}

/** What `none` cannot do, and says so. */
function testIsolation(start: Start, failToLoad: FailToLoad): void {
  test.for(['loop', 'loop later', 'loop around'])(
    'an endless loop (%s) answers no ping, and is ended',
    async (loop) => {
      await using workshop = new Workshop()
      const watched = await start(workshop)
      watched.run({ do: loop })
      await sleep(loop === 'loop around' ? 1_000 : 50)
      watched.isolate.ping()
      await sleep(200)
      expect(watched.pongs).toBe(0)
      const begin = performance.now()
      await watched.isolate.kill()
      expect(performance.now() - begin).toBeLessThan(10_000)
      expect(watched.deaths).toEqual([])
    },
  )

  test('a handler that exhausts the heap ends its isolate, and it is said why', async () => {
    await using workshop = new Workshop()
    const watched = await start(workshop, { heapLimitMiB: 32 })
    watched.run({ do: 'fill' })
    await eventually(() => watched.deaths.length > 0, 'its death')
    expect(watched.deaths).toMatchObject([{ type: 'out-of-memory' }])
  })

  test('process.exit in a handler ends its isolate, and the code is known', async () => {
    await using workshop = new Workshop()
    const watched = await start(workshop)
    watched.run({ do: 'exit' })
    await eventually(() => watched.deaths.length > 0)
    expect(watched.deaths).toEqual([{ type: 'exited', exitCode: 3 }])
  })

  test('what was closed before the isolate died is not lost with it', async () => {
    await using workshop = new Workshop()
    const watched = await start(workshop)
    const run = watched.run({ do: 'reply and exit' })
    await eventually(() => watched.deaths.length > 0)
    expect(watched.framesOf(run)).toEqual([[{ payload: 'last' }]])
  })

  test.for([
    ['reject', 'RangeError', 'nobody caught me'],
    ['throw later', 'TypeError', 'thrown later'],
  ] as const)('an error that nobody catches (%s) ends its isolate, and is known', async (what) => {
    await using workshop = new Workshop()
    const watched = await start(workshop)
    const [act, name, message] = what
    watched.run({ do: act })
    await eventually(() => watched.deaths.length > 0)
    expect(watched.deaths).toMatchObject([{ type: 'threw', name, message }])
    expect(watched.deaths[0]).toHaveProperty('stack', expect.stringContaining('actor1.mjs'))
  })

  test('a module that cannot be parsed is not loaded, and its place is named', async () => {
    await using workshop = new Workshop()
    const broken = workshop.write('export const fine = 1\nexport const act = ) => 1\n')
    expect(await failToLoad(broken, workshop)).toMatch(/^SyntaxError: .*'\)' \(.*mjs:2\)$/)
    const inside = workshop.write(`import ${JSON.stringify(broken)}\nexport const act = () => 1\n`)
    expect(await failToLoad(inside, workshop)).toMatch(/^SyntaxError: Unexpected token '\)'/)
    const unlinked = workshop.write(
      "import { nothing } from 'node:fs'\nexport const act = () => 1\n",
    )
    expect(await failToLoad(unlinked, workshop)).toMatch(/^SyntaxError: .*nothing.*mjs:1\)$/)
  })

  test('a module whose top-level await waits for nothing is not loaded', async () => {
    await using workshop = new Workshop()
    const path = workshop.write('await new Promise(() => {}); export const act = () => 1')
    expect(await failToLoad(path, workshop)).toBe(
      'its top-level await waits for something that never comes',
    )
  })

  test('a module that exits while it is loaded is not loaded', async () => {
    await using workshop = new Workshop()
    const path = workshop.write('process.exit(7); export const act = () => 1')
    expect(await failToLoad(path, workshop)).toBe('it called process.exit(7) while it was loaded')
  })
}

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { codeOf, startRig, type Rig } from './testing/rig.ts'
import type { ScriptedPeer } from './testing/scripted-peer.ts'
import { eventually, Workshop } from './testing/workshop.ts'

// Each worker reads some forty TypeScript files, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

/** Does as its payload says; `served` counts what this worker has been given. */
const ACTOR = `
  import { threadId } from 'node:worker_threads'
  import { writeFileSync, existsSync } from 'node:fs'
  let served = 0
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  export const act = async (payload, ctx) => {
    served++
    switch (payload.do) {
      case 'who': return { threadId, served }
      case 'sleep': await pause(payload.ms); return 'slept'
      case 'stay': { const began = Date.now(); await pause(payload.ms); return { threadId, began, ended: Date.now() } }
      case 'busy': { const end = performance.now() + payload.ms; while (performance.now() < end); return 'busy' }
      case 'loop': for (;;) {}
      case 'loop later': await pause(5); for (;;) {}
      case 'ignore': return new Promise(() => {})
      case 'obey': return new Promise((_, reject) =>
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)))
      case 'clean up': return new Promise(() =>
        ctx.signal.addEventListener('abort', async () => { await pause(50); writeFileSync(payload.path, '') }))
      case 'fill': { const all = []; for (;;) all.push(new Array(10_000).fill({})) }
      case 'fill later': { await pause(20); const all = []; for (;;) all.push(new Array(10_000).fill({})) }
      case 'exit': process.exit(3)
      case 'exit later': await pause(20); process.exit(4)
      case 'exit once': await pause(20); if (!existsSync(payload.path)) { writeFileSync(payload.path, ''); process.exit(5) } return 'second try'
      case 'reject later': setTimeout(() => Promise.reject(new RangeError('stray'))); return 'replied'
      case 'reject': void Promise.reject(new RangeError('stray')); return new Promise(() => {})
    }
  }`

type Who = readonly { readonly payload: { readonly threadId: number; readonly served: number } }[]

async function who(peer: ScriptedPeer): Promise<Who[0]['payload']> {
  const reply = (await peer.call({ do: 'who' })) as Who
  return reply[0]!.payload
}

async function connect(rig: Rig, count: number): Promise<ScriptedPeer[]> {
  return Promise.all(Array.from({ length: count }, () => rig.connect()))
}

interface Stay {
  readonly threadId: number
  readonly began: number
  readonly ended: number
}

async function stay(peer: ScriptedPeer, ms: number): Promise<Stay> {
  const reply = (await peer.call({ do: 'stay', ms })) as readonly { readonly payload: Stay }[]
  return reply[0]!.payload
}

/** Whether any two of them were there at the same time. */
function haveMet(stays: readonly Stay[]): boolean {
  const sorted = [...stays].sort((a, b) => a.began - b.began)
  return sorted.some((one, n) => n > 0 && one.began < sorted[n - 1]!.ended)
}

const hasLine = (rig: Rig, text: string): boolean =>
  rig.lines.some((line) => String(line['msg']).includes(text))

describe('deadlines', () => {
  test.for(['loop', 'loop later'])(
    'an endless loop (%s) is stopped at its deadline, and the next message has a clean worker',
    async (loop) => {
      await using workshop = new Workshop()
      const peer = await (await startRig(workshop, ACTOR)).connect()
      const before = await who(peer)
      const began = performance.now()
      const reply = await peer.call({ do: loop }, { deadline_ms: 200 })
      expect(codeOf(reply)).toBe('timeout_error')
      expect(performance.now() - began).toBeGreaterThan(195)
      expect(performance.now() - began).toBeLessThan(2_200)
      const after = await who(peer)
      expect(after.threadId).not.toBe(before.threadId)
      expect(after.served).toBe(1)
    },
  )

  test.for(['ignore', 'obey'])(
    'a handler that awaits (%s) is aborted, answered with timeout_error, and its worker replaced',
    async (act) => {
      await using workshop = new Workshop()
      const rig = await startRig(workshop, ACTOR)
      const peer = await rig.connect()
      const before = await who(peer)
      const reply = await peer.call({ do: act }, { deadline_ms: 100, id: 'm7', job_id: 'j7' })
      expect(reply).toMatchObject([
        {
          error: 'timeout_error',
          severity: 'recoverable',
          details: { message: 'the handler did not end within its deadline (100 ms)' },
        },
      ])
      expect((await who(peer)).threadId).not.toBe(before.threadId)
      expect(rig.lines).toContainEqual(
        expect.objectContaining({ level: 'warn', message_id: 'm7', job_id: 'j7' }),
      )
    },
  )

  test('an aborted handler has a moment to clean up', async () => {
    await using workshop = new Workshop()
    const peer = await (await startRig(workshop, ACTOR)).connect()
    const path = `${workshop.directory}/cleaned`
    await peer.call({ do: 'clean up', path }, { deadline_ms: 50 })
    await eventually(() => existsSync(path))
  })

  test('if the worker still answers, only the request that is late fails, and all others end in it', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR, { concurrency: 4 })
    const [late, ...others] = await connect(rig, 4)
    const first = await who(late!)
    const stays = others.map((peer) => stay(peer, 1_000))
    expect(codeOf(await late!.call({ do: 'ignore' }, { deadline_ms: 100 }))).toBe('timeout_error')
    for (const { threadId } of await Promise.all(stays)) expect(threadId).toBe(first.threadId)
    await eventually(() => hasLine(rig, 'a new worker serves'))
    expect((await who(late!)).served).toBe(1)
  })

  test('nobody waits for the import of the successor of a worker that still answers', async () => {
    await using workshop = new Workshop()
    const slowToLoad = `await new Promise((resolve) => setTimeout(resolve, 1_500))\n${ACTOR}`
    const rig = await startRig(workshop, slowToLoad, { concurrency: 4 })
    const [late, other] = await connect(rig, 2)
    const first = await who(other!)
    expect(codeOf(await late!.call({ do: 'ignore' }, { deadline_ms: 50 }))).toBe('timeout_error')
    expect((await who(other!)).threadId).toBe(first.threadId)
    await eventually(() => hasLine(rig, 'a new worker serves'))
    expect((await who(other!)).threadId).not.toBe(first.threadId)
  })

  test('loading spends no deadline', async () => {
    await using workshop = new Workshop()
    const slowToLoad = `await new Promise((resolve) => setTimeout(resolve, 1_000))\n${ACTOR}`
    const peer = await (await startRig(workshop, slowToLoad)).connect()
    expect(codeOf(await peer.call({ do: 'loop' }, { deadline_ms: 100 }))).toBe('timeout_error')
    expect(await peer.call({ do: 'sleep', ms: 50 }, { deadline_ms: 900 })).toEqual([
      { payload: 'slept' },
    ])
  })

  test('a request without a deadline has the default one, or none', async () => {
    await using workshop = new Workshop()
    const peer = await (await startRig(workshop, ACTOR, { defaultTimeoutMs: 100 })).connect()
    expect(codeOf(await peer.call({ do: 'ignore' }))).toBe('timeout_error')
    expect(await peer.call({ do: 'sleep', ms: 200 }, { deadline_ms: 5_000 })).toHaveLength(1)
  })

  test('a result that comes after the deadline never answers the next request', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR, { concurrency: 2 })
    const peer = await rig.connect()
    expect(codeOf(await peer.call({ do: 'sleep', ms: 150 }, { deadline_ms: 100 }))).toBe(
      'timeout_error',
    )
    for (let n = 0; n < 5; n++)
      expect(await peer.call({ do: 'busy', ms: 20 })).toEqual([{ payload: 'busy' }])
    await sleep(200)
    expect(peer.unread).toEqual([])
  })

  test('a request that finds no free place is answered at its deadline', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR)
    const [first, second] = await connect(rig, 2)
    const reply = first!.call({ do: 'sleep', ms: 400 })
    await sleep(20)
    const refused = await second!.call({ do: 'who' }, { deadline_ms: 50 })
    expect(refused).toMatchObject([
      {
        error: 'timeout_error',
        details: { message: expect.stringContaining('before a worker was free') },
      },
    ])
    expect(await reply).toEqual([{ payload: 'slept' }])
  })
})

describe('places', () => {
  test('a request without any time is answered, and costs no worker', async () => {
    await using workshop = new Workshop()
    const peer = await (await startRig(workshop, ACTOR)).connect()
    const before = await who(peer)
    expect(codeOf(await peer.call({ do: 'who' }, { deadline_ms: 0 }))).toBe('timeout_error')
    expect(await who(peer)).toEqual({ ...before, served: 2 })
  })

  test('three workers at most wait for their last requests: a fourth goes on serving', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR, { concurrency: 3 })
    const ids: number[] = []
    for (let n = 0; n < 4; n++) {
      await eventually(() => rig.lines.filter(isNewWorker).length === n, 'the next worker serves')
      const [staying, late] = await connect(rig, 2)
      ids.push((await who(late!)).threadId)
      staying!.request({ do: 'ignore' })
      expect(codeOf(await late!.call({ do: 'ignore' }, { deadline_ms: 50 }))).toBe('timeout_error')
    }
    expect(new Set(ids).size).toBe(4)
    expect((await who(await rig.connect())).threadId).toBe(ids[3])
  })
})

const isNewWorker = (line: Readonly<Record<string, unknown>>): boolean =>
  line['msg'] === 'a new worker serves'

describe('innocents', () => {
  test.for(['loop', 'loop later'])(
    'of 16 requests, one of which loops for ever (%s), exactly one fails and 15 get their results',
    async (loop) => {
      await using workshop = new Workshop()
      const rig = await startRig(workshop, ACTOR, { concurrency: 16 })
      const peers = await connect(rig, 16)
      const replies = await Promise.all(
        peers.map((peer, n) =>
          n === 7
            ? peer.call({ do: loop }, { deadline_ms: 300 })
            : peer.call({ do: 'sleep', ms: 20 }, { deadline_ms: 30_000 }),
        ),
      )
      expect(replies.map(codeOf)).toEqual(
        Array.from({ length: 16 }, (_, n) => (n === 7 ? 'timeout_error' : undefined)),
      )
    },
  )

  // With their deadlines over, the others have as long as the sidecar waits; if that is too short,
  // the sidecar serves them again.
  test.for(['loop', 'loop later'])(
    'when all have the same deadline, none but the one that loops (%s) is charged',
    async (loop) => {
      await using workshop = new Workshop()
      const rig = await startRig(workshop, ACTOR, { concurrency: 16 })
      const peers = await connect(rig, 16)
      const ends = await Promise.all(
        peers.map(async (peer, n) => {
          peer.request(n === 7 ? { do: loop } : { do: 'sleep', ms: 20 }, { deadline_ms: 500 })
          const hungUp = peer.closed.then(() => 'hung up')
          const reply = peer.next().then((frame) => codeOf(frame) ?? 'served')
          reply.catch(() => undefined)
          return Promise.race([reply, hungUp])
        }),
      )
      expect(ends.toSpliced(7, 1)).not.toContain('timeout_error')
      expect(ends[7]).not.toBe('served')
    },
  )

  test.for(['exit later', 'fill later'])(
    'whoever shared a worker with the one that killed it (%s) runs again, uncharged',
    async (act) => {
      await using workshop = new Workshop()
      const rig = await startRig(workshop, ACTOR, { concurrency: 8, heapLimitMiB: 32 })
      const peers = await connect(rig, 8)
      const replies = await Promise.all(
        peers.map((peer, n) => peer.call(n === 3 ? { do: act } : { do: 'sleep', ms: 150 })),
      )
      const code = act === 'exit later' ? 'processing_error' : 'oom_error'
      expect(replies.map(codeOf)).toEqual(
        Array.from({ length: 8 }, (_, n) => (n === 3 ? code : undefined)),
      )
    },
  )

  test('suspects run one at a time, and others are served beside them', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR, { concurrency: 5 })
    const [killer, ...suspects] = await connect(rig, 5)
    const path = `${workshop.directory}/killed`
    const again = killer!.call({ do: 'exit once', path })
    const suspected = Promise.all(suspects.map((peer) => stay(peer, 300)))
    await eventually(() => hasLine(rig, 'a worker died'))
    const other = await who(await rig.connect())
    expect(await again).toEqual([{ payload: 'second try' }])
    const stays = await suspected
    expect(haveMet(stays)).toBe(false)
    expect(new Set(stays.map(({ threadId }) => threadId)).size).toBe(1)
    expect(stays[0]!.threadId).not.toBe(other.threadId)
  })

  test('a process.exit whose caller is known makes no suspects of the others', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR, { concurrency: 4 })
    const peers = await connect(rig, 4)
    const stays = peers.slice(1).map((peer) => stay(peer, 300))
    await sleep(30)
    expect(await peers[0]!.call({ do: 'exit' })).toMatchObject([
      { error: 'processing_error', details: { message: 'the handler called process.exit(3)' } },
    ])
    expect(haveMet(await Promise.all(stays))).toBe(true)
  })

  test('whose outputs were passed on already is hung up on instead of run again', async () => {
    await using workshop = new Workshop()
    const source = `
      export const act = async function* (payload) {
        if (payload === 'exit') { await new Promise((r) => setTimeout(r, 50)); process.exit(1) }
        yield 1
        await new Promise((resolve) => setTimeout(resolve, 200))
        yield 2
      }`
    const rig = await startRig(workshop, source, { concurrency: 2 })
    const [streaming, killer] = await connect(rig, 2)
    streaming!.request('stream', { accept: ['output'] })
    expect(await streaming!.next()).toEqual({ output: { payload: 1 } })
    expect(codeOf(await killer!.call('exit'))).toBe('processing_error')
    await streaming!.closed
    expect(streaming!.unread).toEqual([])
  })
})

describe('deaths', () => {
  test('a heap that is full is an oom_error, and the next message has a clean worker', async () => {
    await using workshop = new Workshop()
    const peer = await (await startRig(workshop, ACTOR, { heapLimitMiB: 32 })).connect()
    expect(codeOf(await peer.call({ do: 'fill' }))).toBe('oom_error')
    expect((await who(peer)).served).toBe(1)
  })

  test('an error that nobody catches fails the request that was alone with it', async () => {
    await using workshop = new Workshop()
    const peer = await (await startRig(workshop, ACTOR)).connect()
    expect(await peer.call({ do: 'reject' })).toMatchObject([
      {
        error: 'processing_error',
        details: {
          message: 'uncaught RangeError: stray',
          type: 'RangeError',
          traceback: expect.stringContaining('actor1.mjs'),
        },
      },
    ])
    expect((await who(peer)).served).toBe(1)
  })

  test('an error that comes after the reply changes nothing of the reply', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR)
    const peer = await rig.connect()
    expect(await peer.call({ do: 'reject later' })).toEqual([{ payload: 'replied' }])
    await eventually(() => hasLine(rig, 'uncaught RangeError: stray'))
    expect((await who(peer)).served).toBe(1)
  })

  test('a cancelled handler that loops for ever blocks nobody', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR)
    const [leaving, next] = await connect(rig, 2)
    leaving!.request({ do: 'loop' }, { deadline_ms: 60_000 })
    await sleep(50)
    await leaving!.close()
    expect((await who(next!)).served).toBe(1)
  })

  test('a cancelled handler that obeys costs no worker', async () => {
    await using workshop = new Workshop()
    const rig = await startRig(workshop, ACTOR)
    const [leaving, next] = await connect(rig, 2)
    const before = await who(next!)
    leaving!.request({ do: 'obey' })
    await sleep(50)
    await leaving!.close()
    await sleep(400)
    expect((await who(next!)).threadId).toBe(before.threadId)
  })
})

describe('loading', () => {
  test('a module that loads no more is tried again, and requests wait for it', async () => {
    await using workshop = new Workshop()
    const path = workshop.write(ACTOR)
    const rig = await startRig(workshop, ACTOR, {
      handler: { text: path, path, exportName: 'act' },
    })
    const peer = await rig.connect()
    rmSync(path)
    expect(codeOf(await peer.call({ do: 'exit' }))).toBe('processing_error')
    const reply = who(peer)
    await eventually(() => hasLine(rig, 'the actor cannot be loaded again: there is no file'))
    writeFileSync(path, ACTOR)
    expect((await reply).served).toBe(1)
  })

  test('a module that loads no more after several tries ends the runtime, for a reason', async () => {
    await using workshop = new Workshop()
    const path = workshop.write(ACTOR)
    const rig = await startRig(workshop, ACTOR, {
      concurrency: 2,
      handler: { text: path, path, exportName: 'act' },
    })
    const [killer, waiting] = await connect(rig, 2)
    rmSync(path)
    const reply = waiting!.call({ do: 'sleep', ms: 1_000 })
    await sleep(30)
    killer!.request({ do: 'exit' })
    expect(await rig.runtime.whenOver).toEqual({
      type: 'given-up',
      reason: `the actor cannot be loaded again: there is no file ${path}`,
    })
    expect(await reply).toMatchObject([
      {
        error: 'processing_error',
        details: { message: expect.stringContaining('there is no file') },
      },
    ])
  })

  test('a module that is not loaded in time is given up', async () => {
    await using workshop = new Workshop()
    const source = 'setInterval(() => {}, 1000); await new Promise(() => {}); export const act = 1'
    await expect(startRig(workshop, source, { loadTimeoutMs: 200 })).rejects.toThrow(
      /cannot load ASYA_HANDLER .*actor1.mjs: it was not loaded within 200 ms \(ASYA_LOAD_TIMEOUT\)/,
    )
    expect(existsSync(workshop.socketPath)).toBe(false)
  })
})

describe('leaks', () => {
  // A worker that stayed would keep some 10 MiB and three handles.
  test('workers that were replaced leave nothing behind', { timeout: 240_000 }, async () => {
    await using workshop = new Workshop()
    const source = 'export const act = (p) => { if (p === "exit") process.exit(1); return p }'
    const peer = await (await startRig(workshop, source)).connect()
    const replace = async (times: number): Promise<void> => {
      for (let n = 0; n < times; n++)
        expect(codeOf(await peer.call('exit'))).toBe('processing_error')
      expect(await peer.call('fine')).toEqual([{ payload: 'fine' }])
    }
    await replace(20)
    const before = process.memoryUsage.rss()
    const handles = process.getActiveResourcesInfo().length
    await replace(60)
    expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(handles + 2)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024)
  })
})

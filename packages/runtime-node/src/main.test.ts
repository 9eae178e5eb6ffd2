import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync, rmSync, statSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { codeOf } from './testing/rig.ts'
import { RuntimeProcess } from './testing/runtime-process.ts'
import { eventually, Workshop } from './testing/workshop.ts'

// Every test starts processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const ACTOR = `
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  export const readPage = async (payload, ctx) => {
    switch (payload.do) {
      case 'print': console.log('hello', payload.text); process.stdout.write('no newline'); return 1
      case 'log': ctx.log.warn({ page: 3 }, 'odd page'); return 1
      case 'sleep': await pause(payload.ms); return 'slept'
      case 'loop': for (;;) {}
      case 'fill': { const all = []; for (;;) all.push(new Array(10_000).fill({})) }
      case 'abort': process.abort()
      case 'exit': process.exit(3)
      case 'reject': void Promise.reject(new RangeError('stray')); return new Promise(() => {})
      case 'pid': return { pid: process.pid, heap: (await import('node:v8')).getHeapStatistics().heap_size_limit / 2 ** 20 }
      default: return payload
    }
  }`

describe('start', () => {
  test('it says that it serves, in one JSON line on stderr and over an IPC channel', async () => {
    await using workshop = new Workshop()
    const handler = `${workshop.write(ACTOR)}#readPage`
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: handler })
    expect(runtime.lines).toMatchObject([
      { level: 'info', actor: 'read-page', msg: 'serving', handler, socket: workshop.socketPath },
    ])
    await eventually(() => runtime.messages.length > 0)
    expect(runtime.messages).toEqual([{ type: 'ready' }])
    expect(statSync(workshop.socketPath).mode & 0o777).toBe(0o660)
  })

  test('a handler may be TypeScript, relative to the working directory, and its only export', async () => {
    await using workshop = new Workshop()
    workshop.write('export const act = (n: number): number => n + (1 as number)', 'ts')
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: 'actor1.ts' })
    const peer = await runtime.connect()
    expect(await peer.call(41)).toEqual([{ payload: 42 }])
    await peer.close()
  })

  test.for([
    [{}, /ASYA_HANDLER is not set/],
    [
      { ASYA_HANDLER: 'nowhere.js' },
      /cannot load ASYA_HANDLER nowhere.js: there is no file \/.*nowhere.js$/,
    ],
    [{ ASYA_HANDLER: 'actor1.mjs#readPages' }, /cannot load .*no export readPages.*readPage/],
    [
      { ASYA_HANDLER: 'actor2.mjs' },
      /cannot load ASYA_HANDLER actor2.mjs: SyntaxError: .*actor2.mjs:1\)$/,
    ],
    [{ ASYA_HANDLER: 'actor3.mjs' }, /cannot load .*: Error: no database \(.*actor3.mjs:1\)$/],
    [
      { ASYA_HANDLER: 'actor4.mjs' },
      /cannot load .*: its top-level await waits for something that never comes$/,
    ],
    [
      { ASYA_HANDLER: 'actor5.mjs', ASYA_LOAD_TIMEOUT: '300ms' },
      /cannot load .*: it was not loaded within 300 ms/,
    ],
    [
      { ASYA_HANDLER: 'actor6.mjs' },
      /cannot load .*: it called process.exit\(0\) while it was loaded$/,
    ],
    [
      { ASYA_HANDLER: 'actor1.mjs', ASYA_GUARD: 'nowhere.mjs' },
      /cannot load ASYA_HANDLER actor1.mjs: ASYA_GUARD: there is no file \/.*nowhere.mjs$/,
    ],
    [
      { ASYA_HANDLER: 'actor1.mjs', ASYA_GUARD: 'actor1.mjs' },
      /ASYA_GUARD: .*actor1.mjs does not export checkInput and checkOutput; asya build makes it$/,
    ],
    [
      { ASYA_HANDLER: 'actor1.mjs', ASYA_GUARD: 'actor3.mjs' },
      /cannot load .*: ASYA_GUARD: Error: no database \(.*actor3.mjs:1\)$/,
    ],
    [
      { ASYA_CONCURRENCY: '0', ASYA_ISOLATION: 'vm' },
      /ASYA_HANDLER.*\n.*ASYA_ISOLATION.*\n.*ASYA_CONCURRENCY/,
    ],
  ] as const)(
    'with %o it exits with 1 and one line that says why',
    async ([environment, reason]) => {
      await using workshop = new Workshop()
      workshop.write(ACTOR)
      workshop.write('export const a = (')
      workshop.write('throw new Error("no database")')
      workshop.write('await new Promise(() => {}); export const a = () => 1')
      workshop.write(
        'setInterval(() => {}, 1000); await new Promise(() => {}); export const a = () => 1',
      )
      workshop.write('process.exit(0)')
      const runtime = new RuntimeProcess(workshop, environment)
      expect(await runtime.exited()).toBe(1)
      expect(runtime.lines).toEqual([
        expect.objectContaining({ level: 'error', msg: expect.stringMatching(reason) }),
      ])
      expect(existsSync(workshop.socketPath)).toBe(false)
    },
  )

  test('with a guard it refuses payloads that the handler does not take, and outputs that it does not return', async () => {
    await using workshop = new Workshop()
    const handler = workshop.write('export const act = (payload) => payload.give')
    const guard = workshop.write(`
      export const checkInput = (value) =>
        'give' in value ? undefined : { path: '$.give', message: 'is missing' }
      export const checkOutput = (value) =>
        typeof value === 'number' ? undefined : { path: '$', message: 'must be a number' }`)
    for (const isolation of ['thread', 'process', 'none']) {
      const runtime = await RuntimeProcess.start(workshop, {
        ASYA_HANDLER: handler,
        ASYA_GUARD: guard,
        ASYA_ISOLATION: isolation,
      })
      const peer = await runtime.connect()
      expect(await peer.call({ give: 1 })).toEqual([{ payload: 1 }])
      const [wrongInput, wrongOutput] = [await peer.call({}), await peer.call({ give: [1, 'x'] })]
      expect(wrongInput).toMatchObject([
        {
          error: 'validation_error',
          details: { message: 'the payload is not what this actor takes: $.give is missing' },
        },
      ])
      expect(wrongOutput).toMatchObject([
        {
          error: 'validation_error',
          details: {
            message: "the handler's output is not what this actor returns: $[1] must be a number",
          },
        },
      ])
      await peer.close()
      runtime.child.kill('SIGTERM')
      await runtime.exited()
    }
  })

  test('a socket that nobody serves any more is replaced, one that is served is not', async () => {
    await using workshop = new Workshop()
    const environment = { ASYA_HANDLER: workshop.write(ACTOR) }
    const killed = await RuntimeProcess.start(workshop, environment)
    killed.child.kill('SIGKILL')
    await killed.exited()
    expect(existsSync(workshop.socketPath)).toBe(true)
    const runtime = await RuntimeProcess.start(workshop, environment)
    const second = new RuntimeProcess(workshop, environment)
    expect(await second.exited()).toBe(1)
    expect(second.lines).toMatchObject([
      {
        msg: expect.stringMatching(
          /^cannot listen: ASYA_SOCKET_PATH .* is served by another process/,
        ),
      },
    ])
    const peer = await runtime.connect()
    expect(await peer.call(1)).toEqual([{ payload: 1 }])
    await peer.close()
  })
})

describe('output', () => {
  test('stdout is the author’s and passes through untouched; log lines go to stderr with their ids', async () => {
    await using workshop = new Workshop()
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: workshop.write(ACTOR) })
    const peer = await runtime.connect()
    await peer.call({ do: 'print', text: 'wörld' })
    await peer.call({ do: 'log' }, { job_id: 'j1' })
    await eventually(() => runtime.says('odd page') && runtime.stdout.endsWith('no newline'))
    expect(runtime.stdout).toBe('hello wörld\nno newline')
    expect(runtime.lines[1]).toMatchObject({
      level: 'warn',
      msg: 'odd page',
      page: 3,
      job_id: 'j1',
      message_id: 'm1',
    })
    await peer.close()
  })
})

describe('end', () => {
  test('SIGTERM finishes what is in flight, exits with 0 and removes the socket', async () => {
    await using workshop = new Workshop()
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: workshop.write(ACTOR) })
    const peer = await runtime.connect()
    const reply = peer.call({ do: 'sleep', ms: 300 })
    await sleep(50)
    runtime.child.kill('SIGTERM')
    expect(await reply).toEqual([{ payload: 'slept' }])
    expect(await runtime.exited()).toBe(0)
    expect(existsSync(workshop.socketPath)).toBe(false)
    await peer.closed
  })

  test('SIGTERM ends a handler that loops when the grace time is over', async () => {
    await using workshop = new Workshop()
    const environment = { ASYA_HANDLER: workshop.write(ACTOR), ASYA_SHUTDOWN_GRACE: '200ms' }
    const runtime = await RuntimeProcess.start(workshop, environment)
    const peer = await runtime.connect()
    peer.request({ do: 'loop' })
    await sleep(50)
    runtime.child.kill('SIGTERM')
    expect(await runtime.exited()).toBe(0)
    await peer.closed
  })

  test('a peer that asks for a shutdown gets an exit with 0', async () => {
    await using workshop = new Workshop()
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: workshop.write(ACTOR) })
    const peer = await runtime.connect()
    expect(await peer.call('last')).toEqual([{ payload: 'last' }])
    peer.sendJson({ shutdown: true })
    expect(await runtime.exited()).toBe(0)
    await peer.closed
  })

  test('an actor that loads no more after its worker died ends the process with one clear line', async () => {
    await using workshop = new Workshop()
    const path = workshop.write(ACTOR)
    const runtime = await RuntimeProcess.start(workshop, { ASYA_HANDLER: path })
    const peer = await runtime.connect()
    rmSync(path)
    expect(codeOf(await peer.call({ do: 'exit' }))).toBe('processing_error')
    expect(await runtime.exited()).toBe(1)
    expect(runtime.lines.at(-1)).toMatchObject({
      msg: `the actor cannot be loaded again: there is no file ${path}`,
    })
    await peer.closed
  })
})

describe.for(['thread', 'process'])('ASYA_ISOLATION=%s', (isolation) => {
  test('whatever a handler does, the process goes on and the next message is served', async () => {
    await using workshop = new Workshop()
    const runtime = await RuntimeProcess.start(workshop, {
      ASYA_HANDLER: workshop.write(ACTOR),
      ASYA_ISOLATION: isolation,
      ASYA_HEAP_LIMIT: '32',
    })
    const peer = await runtime.connect()
    const codes = []
    for (const act of ['loop', 'fill', 'exit', 'reject'])
      codes.push(
        codeOf(await peer.call({ do: act }, { deadline_ms: act === 'loop' ? 200 : 30_000 })),
      )
    expect(codes).toEqual(['timeout_error', 'oom_error', 'processing_error', 'processing_error'])
    const reply = (await peer.call({ do: 'pid' })) as { payload: { pid: number; heap: number } }[]
    expect(reply[0]!.payload.pid === runtime.child.pid).toBe(isolation === 'thread')
    expect(reply[0]!.payload.heap).toBeLessThan(300)
    await peer.close()
  })
})

test('with ASYA_ISOLATION=process even a native abort costs only its own request', async () => {
  await using workshop = new Workshop()
  const runtime = await RuntimeProcess.start(workshop, {
    ASYA_HANDLER: workshop.write(ACTOR),
    ASYA_ISOLATION: 'process',
  })
  const peer = await runtime.connect()
  expect(await peer.call({ do: 'abort' })).toMatchObject([
    { details: { message: "the handler's process was ended by SIGABRT" } },
  ])
  await peer.call({ do: 'print', text: 'still' })
  await eventually(() => runtime.stdout.startsWith('hello still\n'))
  await peer.close()
})

test('with ASYA_ISOLATION=none it says what it cannot do, and an uncaught error costs its request', async () => {
  await using workshop = new Workshop()
  const runtime = await RuntimeProcess.start(workshop, {
    ASYA_HANDLER: workshop.write(ACTOR),
    ASYA_ISOLATION: 'none',
  })
  expect(runtime.lines[0]).toMatchObject({
    level: 'warn',
    msg: expect.stringContaining('ASYA_ISOLATION=none'),
  })
  const peer = await runtime.connect()
  expect(codeOf(await peer.call({ do: 'reject' }))).toBe('processing_error')
  expect(codeOf(await peer.call({ do: 'sleep', ms: 60_000 }, { deadline_ms: 100 }))).toBe(
    'timeout_error',
  )
  expect(await peer.call('fine')).toEqual([{ payload: 'fine' }])
  await peer.close()
})

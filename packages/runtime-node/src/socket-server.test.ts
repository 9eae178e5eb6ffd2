import { statSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFrame } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { codeOf, startRig, type Rig } from './testing/rig.ts'
import { eventually, Workshop } from './testing/workshop.ts'

/** What the socket promises does not depend on where the handler runs. */
const start = (
  workshop: Workshop,
  source: string,
  options: Parameters<typeof startRig>[2] = {},
): Promise<Rig> => startRig(workshop, source, { isolation: 'none', concurrency: 16, ...options })

const ECHO = 'export const act = (payload) => payload'

/** Waits for its payload in milliseconds, unless it is aborted. */
const SLEEP = `
  globalThis.aborted = []
  export const act = (payload, ctx) => new Promise((resolve) => {
    setTimeout(() => resolve(payload), payload.ms ?? payload)
    ctx.signal.addEventListener('abort', () => globalThis.aborted.push(ctx.signal.reason.name))
  })`

const aborted = (): string[] => (globalThis as unknown as { aborted: string[] }).aborted

function toRequest(payload: unknown): Buffer {
  const message = { route: { steps: ['a'], current: 0 }, payload }
  return encodeFrame(Buffer.from(JSON.stringify(message)))
}

describe('requests', () => {
  test('a request is answered with one frame', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    expect(await peer.call({ text: 'grüß Gott' })).toEqual([{ payload: { text: 'grüß Gott' } }])
    expect(peer.unread).toEqual([])
  })

  test('a connection serves one request after the other', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    for (let n = 0; n < 50; n++) expect(await peer.call(n)).toEqual([{ payload: n }])
  })

  test('requests sent ahead are answered one at a time, in their order', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, SLEEP)).connect()
    for (const ms of [60, 1, 30, 2]) peer.request(ms)
    const began = performance.now()
    for (const ms of [60, 1, 30, 2]) expect(await peer.next()).toEqual([{ payload: ms }])
    expect(performance.now() - began).toBeGreaterThan(88)
  })

  test('connections are served beside each other', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, SLEEP)
    const peers = await Promise.all(Array.from({ length: 16 }, () => rig.connect()))
    const began = performance.now()
    await Promise.all(peers.map((peer) => peer.call(200)))
    expect(performance.now() - began).toBeLessThan(16 * 200)
  })

  test('never more requests are under way than there are places', async () => {
    await using workshop = new Workshop()
    const source = `
      let now = 0, most = 0
      export const act = async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 10))
        now--
        return most
      }`
    const rig = await start(workshop, source, { concurrency: 3 })
    const peers = await Promise.all(Array.from({ length: 10 }, () => rig.connect()))
    const replies = await Promise.all(peers.map((peer) => peer.call(null)))
    expect(Math.max(...replies.map((reply) => (reply as { payload: number }[])[0]!.payload))).toBe(
      3,
    )
  })

  test('frames that come byte by byte are read', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    for (const byte of Buffer.concat([toRequest('slow'), toRequest('slower')])) {
      peer.write(Buffer.of(byte))
      await new Promise(setImmediate)
    }
    expect(await peer.next()).toEqual([{ payload: 'slow' }])
    expect(await peer.next()).toEqual([{ payload: 'slower' }])
  })

  test('a large request and a large reply arrive whole', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    const text = 'ä'.repeat(400_000)
    expect(await peer.call(text)).toEqual([{ payload: text }])
  })

  test('what is no request is answered with the code of its mistake, and the connection goes on', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    const codes: unknown[] = []
    for (const body of ['', '[]', '{"route":', '{"payload":1}', '{"shutdown":true,"route":1}']) {
      peer.sendBody(Buffer.from(body))
      codes.push(codeOf(await peer.next()))
    }
    expect(codes).toEqual([
      'empty_message',
      'invalid_json',
      'invalid_json',
      'msg_parsing_error',
      'msg_parsing_error',
    ])
    expect(await peer.call('still there')).toEqual([{ payload: 'still there' }])
  })

  test('a frame that is too large is refused without taking memory, and the connection ends', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO)).connect()
    const before = process.memoryUsage()
    peer.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7b]))
    const refusal = await peer.next()
    expect(refusal).toMatchObject([
      {
        error: 'message_too_large',
        severity: 'fatal',
        details: { message: expect.stringContaining('4294967295') },
      },
    ])
    await peer.closed
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024)
  })

  test('who still writes a frame that is too large can read why it is refused', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, ECHO, { maxFrameBytes: 1_000 })).connect()
    peer.write(encodeFrame(Buffer.alloc(2_000_000, 0x20)))
    expect(codeOf(await peer.next())).toBe('message_too_large')
    await peer.closed
  })

  test('a request that is too large waits until the one before it is answered', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, SLEEP)).connect()
    peer.write(Buffer.concat([toRequest(50), Buffer.from([0x7f, 0, 0, 0])]))
    expect(await peer.next()).toEqual([{ payload: 50 }])
    expect(codeOf(await peer.next())).toBe('message_too_large')
    await peer.closed
  })
})

describe('peers that go', () => {
  test('a peer that closes before the reply cancels: ctx.signal is aborted, the result is thrown away', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, SLEEP)
    const [leaving, staying] = [await rig.connect(), await rig.connect()]
    const reply = staying.call(150)
    leaving.request(100)
    await sleep(20)
    await leaving.close()
    await eventually(() => aborted().length > 0)
    expect(aborted()).toEqual(['AbortError'])
    expect(await reply).toEqual([{ payload: 150 }])
  })

  test('a peer that goes in the middle of a frame leaves nothing behind', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, ECHO)
    for (const length of [1, 3, 4, 20]) {
      const peer = await rig.connect()
      peer.write(toRequest('never whole').subarray(0, length))
      await sleep(5)
      await peer.close()
    }
    expect(await (await rig.connect()).call('fine')).toEqual([{ payload: 'fine' }])
  })

  test('a peer that closes after each reply is served', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, ECHO)
    for (let n = 0; n < 20; n++) {
      const peer = await rig.connect()
      expect(await peer.call(n)).toEqual([{ payload: n }])
      await peer.close()
    }
  })

  test('requests that wait for a place when their peer goes are never begun', async () => {
    await using workshop = new Workshop()
    const source = `
      globalThis.begun = []
      export const act = (payload) => {
        globalThis.begun.push(payload)
        return new Promise((resolve) => setTimeout(() => resolve(payload), 60))
      }`
    const rig = await start(workshop, source, { concurrency: 1 })
    const [first, leaving, last] = [await rig.connect(), await rig.connect(), await rig.connect()]
    first.request('first')
    await sleep(10)
    leaving.request('leaving')
    await sleep(10)
    last.request('last')
    await leaving.close()
    await last.next()
    expect((globalThis as unknown as { begun: unknown[] }).begun).toEqual(['first', 'last'])
  })

  test('a peer that reads nothing has progress dropped, and keeps nobody else waiting', async () => {
    await using workshop = new Workshop()
    const source = `
      export const act = async (payload, ctx) => {
        if (payload === 'quick') return payload
        for (let n = 0; n < 200; n++) {
          ctx.progress(n % 100, 'x'.repeat(100_000))
          await new Promise(setImmediate)
        }
        return 'done'
      }`
    const rig = await start(workshop, source)
    const deafPeer = net.connect(workshop.socketPath)
    workshop.onEnd(() => deafPeer.destroy())
    deafPeer.pause()
    const message = { route: { steps: ['a'], current: 0 }, payload: 'slow', accept: ['progress'] }
    deafPeer.write(encodeFrame(Buffer.from(JSON.stringify(message))))
    expect(await (await rig.connect()).call('quick')).toEqual([{ payload: 'quick' }])
    await eventually(
      () => rig.lines.filter((line) => line['msg'] === 'a handler has ended').length === 2,
    )
    let received = 0
    deafPeer.on('data', (chunk: Buffer) => (received += chunk.length))
    await sleep(200)
    expect(received).toBeLessThan(5_000_000)
  })
})

describe('interim frames', () => {
  const TELL = `
    export const act = async function* (payload, ctx) {
      ctx.progress(50, 'half')
      ctx.metrics.gauge('depth', 3)
      yield 'first'
      yield 'second'
    }`

  test('they are sent if the request accepts them', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, TELL)).connect()
    peer.request(1, { accept: ['progress', 'metrics', 'output'] })
    const frames = [await peer.next(), await peer.next(), await peer.next(), await peer.next()]
    expect(frames).toContainEqual({ progress: { percent: 50, message: 'half' } })
    expect(frames).toContainEqual({
      metrics: [{ kind: 'gauge', name: 'depth', value: 3, labels: {} }],
    })
    expect(frames.slice(-2)).not.toContainEqual([])
    expect(await peer.next()).toEqual([])
  })

  test('they are not sent if it does not: the original sidecar reads one frame', async () => {
    await using workshop = new Workshop()
    const peer = await (await start(workshop, TELL)).connect()
    expect(await peer.call(1)).toEqual([{ payload: 'first' }, { payload: 'second' }])
    expect(await peer.call(1, { accept: ['something else'] })).toHaveLength(2)
  })
})

describe('handlers', () => {
  test.for([
    [
      'throw new TypeError("bad page")',
      { error: 'processing_error', details: { message: 'bad page', type: 'TypeError' } },
    ],
    ['throw "a string"', { error: 'processing_error', severity: 'recoverable' }],
    ['throw null', { error: 'processing_error', severity: 'recoverable' }],
    ['return { at: new Date() }', { error: 'processing_error', severity: 'fatal' }],
    ['const a = {}; a.a = a; return a', { error: 'processing_error', severity: 'fatal' }],
    ['return 1n', { error: 'processing_error', severity: 'fatal' }],
  ] as const)('a handler that says `%s` fails its own request alone', async ([body, failure]) => {
    await using workshop = new Workshop()
    const source = `export const act = (p) => { if (p === 'fine') return p; ${body} }`
    const peer = await (await start(workshop, source)).connect()
    expect(await peer.call(1)).toMatchObject([failure])
    expect(await peer.call('fine')).toEqual([{ payload: 'fine' }])
  })

  test('null and nothing end the pipeline, an array fans out', async () => {
    await using workshop = new Workshop()
    const source = 'export const act = (p) => (p === 2 ? [1, 2] : p === 1 ? null : undefined)'
    const peer = await (await start(workshop, source)).connect()
    expect([await peer.call(0), await peer.call(1), await peer.call(2)]).toEqual([
      [],
      [],
      [{ payload: 1 }, { payload: 2 }],
    ])
  })

  test('a reply that is too large for a frame is a failure', async () => {
    await using workshop = new Workshop()
    const source = 'export const act = (n) => "x".repeat(n)'
    const peer = await (await start(workshop, source, { maxFrameBytes: 1_000 })).connect()
    expect(codeOf(await peer.call(2_000))).toBe('message_too_large')
    expect(await peer.call(10)).toEqual([{ payload: 'xxxxxxxxxx' }])
  })
})

describe('the socket', () => {
  test.for([0o660, 0o600, 0o666])(
    'it is made with the permissions that were asked for',
    async (mode) => {
      await using workshop = new Workshop()
      await start(workshop, ECHO, { socket: { path: workshop.socketPath, mode } })
      expect(statSync(workshop.socketPath).mode & 0o777).toBe(mode)
    },
  )

  test('its directory is made if it is missing', async () => {
    await using workshop = new Workshop()
    const path = `${workshop.directory}/a/b/app.sock`
    await start(workshop, ECHO, { socket: { path, mode: 0o660 } })
    expect(statSync(path).isSocket()).toBe(true)
  })

  test('one that is served is not replaced', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, ECHO)
    await expect(start(workshop, ECHO)).rejects.toThrow(
      `cannot listen: ASYA_SOCKET_PATH ${workshop.socketPath} is served by another process`,
    )
    expect(await (await rig.connect()).call(1)).toEqual([{ payload: 1 }])
  })

  test('a file that is no socket is not replaced', async () => {
    await using workshop = new Workshop()
    const path = `${workshop.directory}/precious`
    writeFileSync(path, 'data')
    await expect(start(workshop, ECHO, { socket: { path, mode: 0o660 } })).rejects.toThrow(
      `cannot listen: ASYA_SOCKET_PATH ${path} is a file that is no socket`,
    )
  })
})

test('a socket that cannot be made is refused with its path and the reason', async () => {
  await using workshop = new Workshop()
  writeFileSync(`${workshop.directory}/file`, '')
  const path = `${workshop.directory}/file/app.sock`
  await expect(start(workshop, ECHO, { socket: { path, mode: 0o660 } })).rejects.toThrow(
    new RegExp(`^cannot listen: ASYA_SOCKET_PATH ${path} cannot be made: E[A-Z]+`),
  )
})

describe('the end', () => {
  test('what is in flight is finished, idle connections are closed, and the file is removed', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, SLEEP)
    const [busy, idle] = [await rig.connect(), await rig.connect()]
    const reply = busy.call(100)
    await sleep(20)
    const closing = rig.runtime.close(5_000)
    await idle.closed
    await expect(rig.connect()).rejects.toThrow(/ENOENT|ECONNREFUSED/)
    expect(await reply).toEqual([{ payload: 100 }])
    await busy.closed
    await closing
  })

  test('it is bounded in time, whatever handlers do', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, SLEEP)
    const peer = await rig.connect()
    peer.request(60_000)
    await sleep(20)
    const began = performance.now()
    await rig.runtime.close(50)
    expect(performance.now() - began).toBeLessThan(10_000)
    await peer.closed
    expect(peer.unread).toEqual([])
  })

  test('a peer may ask for it', async () => {
    await using workshop = new Workshop()
    const rig = await start(workshop, ECHO)
    const peer = await rig.connect()
    expect(await peer.call(1)).toEqual([{ payload: 1 }])
    peer.sendJson({ shutdown: true })
    expect(await rig.runtime.whenOver).toEqual({ type: 'asked' })
  })
})

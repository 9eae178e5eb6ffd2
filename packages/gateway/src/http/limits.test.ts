import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { LOCAL_ONLY } from '../auth/gate.ts'
import { askRaw } from '../testing/raw-request.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'

const MIB = 1024 ** 2

let database: TestDatabase
const open: TestGateway[] = []
const sockets: Socket[] = []
let logged: string[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const gateway of open.splice(0)) await gateway.close()
  // Whatever clients do, it is not the gateway that is wrong.
  expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
  logged = []
})

afterAll(async () => {
  await database.close()
})

type Options = Partial<Parameters<typeof startTestGateway>[0]>

async function start(options: Options = {}): Promise<TestGateway> {
  const gateway = await startTestGateway({
    databaseUrl: database.url,
    onLog: (line) => logged.push(line),
    ...options,
  })
  gateway.gateway.tools.replace([makeTool('triage', ['extract'])])
  open.push(gateway)
  return gateway
}

const limits = (more: Partial<NonNullable<Options['limits']>>): Options => ({
  limits: { maxBodyBytes: MIB, maxStreams: 1_000, ...more },
})

interface Peer {
  readonly socket: Socket
  /** What came so far. */
  text: string
  readonly closed: Promise<void>
}

async function dial({ url }: TestGateway): Promise<Peer> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  sockets.push(socket)
  const peer: Peer = {
    socket,
    text: '',
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  }
  socket.on('data', (chunk) => (peer.text += chunk.toString()))
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  return peer
}

const within = <T>(ms: number, promise: Promise<T>): Promise<T | 'late'> =>
  Promise.race([promise, sleep(ms, 'late' as const)])

/** A call as others make it, meanwhile. */
async function isServed({ url }: TestGateway): Promise<boolean> {
  const call = { method: 'POST', path: '/tools/call', body: '{"name":"triage"}' }
  const answer = await within(5_000, askRaw(url, call))
  return answer !== 'late' && answer.status === 202
}

const HEAD = 'POST /tools/call HTTP/1.1\r\nhost: localhost\r\n'

describe('Slow clients', () => {
  it.each([
    ['say nothing', '', 0],
    ['send half a head', HEAD, 0],
    ['send a head a byte at a time', 'GET /', 20],
  ])('that %s are cut, and others are served meanwhile', async (_, first, everyMs) => {
    const gateway = await start(limits({ headTimeoutMs: 500 }))
    const peers = await Promise.all(Array.from({ length: 200 }, () => dial(gateway)))
    for (const { socket } of peers) {
      socket.write(first)
      if (everyMs > 0) {
        const timer = setInterval(() => socket.write('a'), everyMs)
        socket.once('close', () => clearInterval(timer))
      }
    }
    expect(await isServed(gateway)).toBe(true)
    const cut = Promise.all(peers.map(({ closed }) => closed))
    expect(await within(10_000, cut)).not.toBe('late')
    expect(peers.every(({ text }) => text === '' || text.includes(' 408 '))).toBe(true)
  })

  it('that send a body a byte at a time are cut, and others are served meanwhile', async () => {
    const gateway = await start(limits({ headTimeoutMs: 500, requestTimeoutMs: 1_000 }))
    const peers = await Promise.all(Array.from({ length: 200 }, () => dial(gateway)))
    for (const { socket } of peers) {
      socket.write(`${HEAD}content-length: 1000\r\n\r\n`)
      const timer = setInterval(() => socket.write(' '), 50)
      socket.once('close', () => clearInterval(timer))
    }
    expect(await isServed(gateway)).toBe(true)
    expect(await within(10_000, Promise.all(peers.map(({ closed }) => closed)))).not.toBe('late')
  })

  it('that do not read their answers are cut', async () => {
    const patient = await start(limits({ maxBodyBytes: 32 * MIB }))
    const gateway = await start(limits({ stuckTimeoutMs: 2_000 }))
    const { text } = await askRaw(patient.url, {
      ...{ method: 'POST', path: '/tools/call', body: '{"name":"triage"}' },
    })
    const { job_id: jobId } = JSON.parse(text) as { job_id: string }
    const result = 'x'.repeat(24 * MIB)
    await askRaw(patient.url, {
      ...{ method: 'POST', path: `/jobs/${jobId}/final` },
      body: JSON.stringify({ status: 'succeeded', result }),
    })
    for (const path of [`/jobs/${jobId}`, `/jobs/${jobId}/stream`]) {
      const peer = await dial(gateway)
      peer.socket.pause()
      peer.socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
      await sleep(6_000)
      peer.socket.resume()
      expect(await within(5_000, peer.closed)).not.toBe('late')
      expect(peer.text.length).toBeLessThan(result.length)
    }
  }, 30_000)

  it('that hold a connection and ask nothing lose it', async () => {
    const gateway = await start(limits({ idleTimeoutMs: 500 }))
    const peer = await dial(gateway)
    peer.socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(await within(5_000, peer.closed)).not.toBe('late')
    expect(peer.text).toContain('200 OK')
  })
})

/** Sends chunks until the peer says no; returns how many bytes it took. */
function pour(gateway: TestGateway, headers: Record<string, string | number>) {
  const { hostname, port } = new URL(gateway.url)
  const chunk = Buffer.alloc(64 * 1024, 0x20)
  return new Promise<{ status: number; sentBytes: number }>((resolve, reject) => {
    let sentBytes = 0
    let isOver = false
    const asked = { hostname, port, method: 'POST', path: '/tools/call', headers, agent: false }
    const request = httpRequest(asked)
    const send = (): void => {
      while (!isOver && sentBytes < TEN_GB) {
        sentBytes += chunk.length
        if (!request.write(chunk)) return void request.once('drain', send)
      }
    }
    request.on('response', (response) => {
      isOver = true
      resolve({ status: response.statusCode ?? 0, sentBytes })
      response.resume()
      request.destroy()
    })
    request.on('error', (error) => {
      if (!isOver) reject(error)
    })
    send()
  })
}

const TEN_GB = 10 * 1024 ** 3

describe('A body of 10 GB', () => {
  it.each([
    ['declared', { 'content-length': TEN_GB }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])(
    '%s is refused early, by an answer, in little memory, and others are served',
    async (_, headers) => {
      const gateway = await start()
      const before = process.memoryUsage.rss()
      const poured = Promise.all(Array.from({ length: 20 }, () => pour(gateway, headers)))
      expect(await isServed(gateway)).toBe(true)
      for (const { status, sentBytes } of await poured) {
        expect(status).toBe(413)
        expect(sentBytes).toBeLessThan(64 * MIB)
      }
      expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB)
    },
    30_000,
  )
})

describe('Many bodies at once', () => {
  it('take no more memory than they may together', async () => {
    const gateway = await start(limits({ maxBodyMemoryBytes: 4 * MIB }))
    const peers = await Promise.all(Array.from({ length: 40 }, () => dial(gateway)))
    const most = Buffer.alloc(900_000, 0x20)
    for (const { socket } of peers) {
      socket.write(`${HEAD}content-length: 1000000\r\n\r\n`)
      socket.write(most)
    }
    await sleep(1_500)
    const refused = peers.filter(({ text }) => text.includes(' 503 '))
    expect(refused.length).toBeGreaterThanOrEqual(40 - 5)
    expect(refused.every(({ text }) => text.includes('retry-after'))).toBe(true)
    for (const { socket } of peers) socket.destroy()
    await sleep(200)
    expect(await isServed(gateway)).toBe(true)
  })
})

/** Opens connections, as many as it may, and keeps them: says how many, and how many it lost. */
const IDLER = `
const { connect } = require('node:net')
const [port, count] = process.argv.slice(1).map(Number)
let open = 0, lost = 0, tried = 0
const dial = () => {
  if (tried++ >= count) return
  const socket = connect(port, '127.0.0.1').resume()
  // The kernel connects faster than anybody accepts.
  socket.on('connect', () => { open++; setTimeout(dial, 50) })
  socket.on('error', () => {})
  socket.on('close', () => { lost++; dial() })
}
for (let i = 0; i < 200; i++) dial()
setInterval(() => process.stdout.write(open + ' ' + lost + '\\n'), 100)
`

describe('20,000 idle connections', () => {
  it('keep nobody out: the longest idle make room', async () => {
    const gateway = await start(limits({ maxConnections: 3_000, headTimeoutMs: 60_000 }))
    const before = process.memoryUsage.rss()
    const { port } = new URL(gateway.url)
    const child = spawn(process.execPath, ['-e', IDLER, port, '20000'])
    let said = '0 0'
    child.stdout.on(
      'data',
      (chunk: Buffer) => (said = chunk.toString().trim().split('\n').at(-1) ?? ''),
    )
    try {
      for (let tries = 0; tries < 400 && Number(said.split(' ')[1]) < 17_000; tries++) {
        await sleep(100)
        if (tries % 5 === 0) expect(await isServed(gateway)).toBe(true)
      }
      const [opened = 0, lost = 0] = said.split(' ').map(Number)
      expect(opened).toBe(20_000)
      expect(lost).toBeGreaterThanOrEqual(17_000)
      expect(await isServed(gateway)).toBe(true)
      expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB)
    } finally {
      child.kill('SIGKILL')
    }
  }, 60_000)
})

describe('Streams', () => {
  it('are limited, for one client and for all, and are free again when they are closed', async () => {
    const gateway = await start(limits({ maxStreams: 5, maxStreamsPerClient: 3 }))
    const call = { method: 'POST', path: '/tools/call', body: '{"name":"triage"}' }
    const { text } = await askRaw(gateway.url, call)
    const { job_id: jobId } = JSON.parse(text) as { job_id: string }
    const streams = await Promise.all(Array.from({ length: 3 }, () => dial(gateway)))
    for (const { socket } of streams)
      socket.write(`GET /jobs/${jobId}/stream HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    await sleep(300)
    const waiting = { ...call, body: '{"name":"triage","wait_ms":1000}' }
    for (const asked of [{ path: `/jobs/${jobId}/stream` }, waiting]) {
      const answer = await askRaw(gateway.url, asked)
      expect([answer.status, answer.headers['retry-after']]).toEqual([429, '5'])
    }
    for (const { socket } of streams) socket.destroy()
    await sleep(300)
    expect((await askRaw(gateway.url, waiting)).status).toBe(202)
  })
})

describe('Rates', () => {
  it('are limited for each principal, and one that asks too much costs others nothing', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'asya-rates-')), 'tokens.yaml')
    const tokens = ['greedy', 'modest'].map((principal) => {
      const token = randomBytes(32).toString('base64url')
      return { principal, token, hash: createHash('sha256').update(token).digest('hex') }
    })
    const lines = tokens.map(
      ({ principal, hash }) => `  - {principal: ${principal}, hash: "sha256:${hash}"}`,
    )
    await writeFile(path, `tokens:\n${lines.join('\n')}\n`)
    const gateway = await start({
      security: { ...LOCAL_ONLY, tokensPath: path, maxRequestsPerSecond: 10 },
    })
    const ask = (token: string) =>
      askRaw(gateway.url, { path: '/tools', headers: { authorization: `Bearer ${token}` } })
    const [greedy, modest] = tokens
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(greedy!.token)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(20)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(20)
    expect(refused[0]?.headers['retry-after']).toBe('1')
    expect((await ask(modest!.token)).status).toBe(200)
    // Whoever guesses is slowed down too, by address, and that costs no principal anything.
    const guesses = await Promise.all(
      Array.from({ length: 60 }, () => ask(randomBytes(32).toString('base64url'))),
    )
    expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401, 429]))
    expect((await ask(modest!.token)).status).toBe(200)
  })
})

import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { askRaw } from '../testing/raw-request.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { listInjections } from '../testing/injections.ts'

let database: TestDatabase
let gateway: TestGateway
let logged: string[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  gateway = await startTestGateway({
    databaseUrl: database.url,
    onLog: (line) => logged.push(line),
  })
  gateway.gateway.tools.replace([
    makeTool('triage', ['extract', 'classify']),
    makeTool('quick', ['extract']),
  ])
})

afterAll(async () => {
  await gateway.close()
  await database.close()
})

const post = (path: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  askRaw(gateway.url, { method: 'POST', path, body, headers })

async function startJob(): Promise<string> {
  const answer = await post('/tools/call', '{"name":"triage"}')
  return (JSON.parse(answer.text) as { job_id: string }).job_id
}

describe('2,000 injection strings', () => {
  const strings = listInjections(2_000)

  it('are as many, and no two alike', () => {
    expect(new Set(strings).size).toBe(2_000)
  })

  /** Each puts a string where a caller or a sidecar can. */
  const fields: Record<string, (text: string, jobId: string) => ReturnType<typeof askRaw>> = {
    'the name of a tool': (name) => post('/tools/call', JSON.stringify({ name })),
    'an argument': (text) =>
      post('/tools/call', JSON.stringify({ name: 'triage', arguments: { text } })),
    'the name of an argument': (text) =>
      post('/tools/call', JSON.stringify({ name: 'triage', arguments: { [text]: 1 } })),
    'a member of a call': (text) =>
      post('/tools/call', JSON.stringify({ name: 'triage', [text]: 1 })),
    wait_ms: (text) => post('/tools/call', JSON.stringify({ name: 'triage', wait_ms: text })),
    'a tool of MCP': (name) => mcp('tools/call', { name, arguments: {} }),
    'an argument of MCP': (text) =>
      mcp('tools/call', { name: 'quick', arguments: { [text]: text } }),
    'an idempotency key of MCP': (text) =>
      mcp('tools/call', {
        name: 'quick',
        _meta: { 'asya.io/idempotencyKey': text, traceparent: text },
      }),
    'a task of MCP': (taskId) => mcp('tasks/get', { taskId }, { 'mcp-name': toHeader(taskId) }),
    'a method of MCP': (method) => mcp(method, {}),
    'a revision of MCP': (text) =>
      mcp('tools/list', {}, { 'mcp-protocol-version': toHeader(text) }),
    'a job that MCP waits for': (text) =>
      mcp('tools/call', { name: 'job_cancel', arguments: { job_id: text } }),
    'a whole body': (text) => post('/tools/call', text),
    'an idempotency key': (text) =>
      post('/tools/call', '{"name":"triage"}', { 'idempotency-key': toHeader(text) }),
    'a path': (text) => askRaw(gateway.url, { path: `/${toPath(text)}` }),
    'an id': (text) =>
      askRaw(gateway.url, { path: `/jobs/${encodeURIComponent(text.toWellFormed())}` }),
    'an id of a stream': (text) =>
      askRaw(gateway.url, { path: `/jobs/${encodeURIComponent(text.toWellFormed())}/stream` }),
    'a state': (text) =>
      askRaw(gateway.url, { path: `/jobs?state=${encodeURIComponent(text.toWellFormed())}` }),
    'the tool of a list': (text) =>
      askRaw(gateway.url, {
        path: `/jobs?limit=1&tool=${encodeURIComponent(text.toWellFormed())}`,
      }),
    'the place in a list': (text) =>
      askRaw(gateway.url, {
        path: `/jobs?limit=1&before=${encodeURIComponent(text.toWellFormed())}`,
      }),
    'the length of a list': (text) =>
      askRaw(gateway.url, { path: `/jobs?limit=${encodeURIComponent(text.toWellFormed())}` }),
    'a cursor': (text, jobId) =>
      askRaw(gateway.url, {
        path: `/jobs/${jobId}/stream`,
        headers: { 'last-event-id': toHeader(`x${text}`) },
      }),
    'a step': (step, jobId) =>
      post(`/jobs/${jobId}/progress`, JSON.stringify({ step, status: 'processing' })),
    'a message of progress': (message, jobId) =>
      post(`/jobs/${jobId}/progress`, JSON.stringify({ step: 'a', status: 'processing', message })),
    'the name of an actor': (text, jobId) =>
      post(
        `/jobs/${jobId}/progress`,
        JSON.stringify({ step: 'a', status: 'received', actor_name: text }),
      ),
    'progress in batches': (text, jobId) =>
      post(
        '/progress',
        JSON.stringify({
          updates: [
            { job_id: text, step: text, status: 'received' },
            { job_id: jobId, step: text, status: text },
            text,
          ],
        }),
      ),
    'a final’s status': (status, jobId) =>
      post(`/jobs/${jobId}/final`, JSON.stringify({ status, result: 1 })),
    'a final’s branch': (text, jobId) =>
      post(
        `/jobs/${jobId}/final`,
        JSON.stringify({ status: 'succeeded', branch: [[0, 2, text]], result: 1 }),
      ),
  }

  it.each(Object.keys(fields))(
    'as %s are refused or kept, and break nothing',
    async (field) => {
      const jobId = await startJob()
      logged = []
      const ask = fields[field]!
      const bad: unknown[] = []
      for (let from = 0; from < strings.length; from += 20) {
        const some = strings.slice(from, from + 20)
        const answers = await Promise.all(some.map((text) => ask(text, jobId)))
        for (const [index, { status, headers }] of answers.entries()) {
          const isFine = status >= 200 && status < 500 && headers['x-injected'] === undefined
          if (!isFine) bad.push([status, some[index]])
        }
      }
      expect(bad).toEqual([])
      expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
      const { status, text } = await askRaw(gateway.url, { path: `/jobs/${jobId}` })
      expect([status, (JSON.parse(text) as { state: string }).state]).toEqual([
        200,
        expect.stringMatching(/pending|running|succeeded/),
      ])
    },
    60_000,
  )

  it('as results and errors come back as they were', async () => {
    for (const text of strings.slice(0, 300)) {
      const jobId = await startJob()
      const isError = text.length % 2 === 0
      const body = isError
        ? { status: 'failed', error: { type: text, message: text } }
        : { status: 'succeeded', result: { [text]: text } }
      expect((await post(`/jobs/${jobId}/final`, JSON.stringify(body))).status).toBe(200)
      const answer = await askRaw(gateway.url, { path: `/jobs/${jobId}` })
      expect(JSON.parse(answer.text)).toMatchObject(
        isError ? { errors: [body.error] } : { results: [body.result] },
      )
      const stream = await askRaw(gateway.url, { path: `/jobs/${jobId}/stream` })
      const events = stream.text.split('\n\n').filter((event) => event !== '')
      expect(events).toHaveLength(2)
    }
  }, 180_000)
})

const REVISION = '2026-07-28'

/** A call as clients of the newest revision make it. */
function mcp(
  method: string,
  params: Record<string, unknown>,
  headers: Record<string, string> = {},
) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': REVISION,
    'io.modelcontextprotocol/clientCapabilities': {
      extensions: { 'io.modelcontextprotocol/tasks': {} },
    },
  }
  const given = params['_meta']
  const _meta = { ...meta, ...(typeof given === 'object' ? given : {}) }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } })
  const name = params['name']
  return post('/mcp', body, {
    ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    ...{ 'mcp-protocol-version': REVISION, 'mcp-method': toHeader(method) },
    ...(typeof name === 'string' ? { 'mcp-name': toHeader(name) } : {}),
    ...headers,
  })
}

/** What a header can carry: the rest no client would send. */
function toHeader(text: string): string {
  return Buffer.from(text.toWellFormed())
    .toString('latin1')
    .replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, '')
}

/** What the first line of a request can carry. */
function toPath(text: string): string {
  return Buffer.from(text.toWellFormed())
    .toString('latin1')
    .replaceAll(/[\0-\x20\x7f-\xff]/g, '')
}

describe('A value that cannot be kept', () => {
  it('is refused with 400 where it is asked for', async () => {
    for (const path of ['/jobs?tool=%00', '/jobs?before=%00', '/jobs?tool=a%00b&state=failed']) {
      const { status } = await askRaw(gateway.url, { path })
      expect([path, status]).toEqual([path, 400])
    }
  })

  it('fails its own call, and none of those that were gathered with it', async () => {
    const { jobs } = gateway.gateway
    const start = (idempotencyKey: string) =>
      jobs.start({
        ...{ tool: 'triage', principal: '', route: ['extract'], timeoutMs: 60_000, idempotencyKey },
        payload: Buffer.from('{}') as never,
      })
    const keys = ['one', 'a\0b', 'two', 'three']
    const settled = await Promise.allSettled(keys.map(start))
    expect(settled.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ])
  })

  it('does not keep other jobs from their deadlines', async () => {
    const tools = [makeTool('short', ['extract'], { timeoutMs: 200 })]
    gateway.gateway.tools.replace([...tools, makeTool('triage', ['extract', 'classify'])])
    const ids = await Promise.all(
      ['\0', '\ud800', 'a'].map(async (step) => {
        const answer = await post('/tools/call', '{"name":"short"}')
        const { job_id: jobId } = JSON.parse(answer.text) as { job_id: string }
        await post(`/jobs/${jobId}/progress`, JSON.stringify({ step, status: 'received' }))
        return jobId
      }),
    )
    for (const jobId of ids) {
      const { text } = await askRaw(gateway.url, { path: `/jobs/${jobId}/stream` })
      expect(text).toContain('event: failed')
    }
  })
})

describe('A list', () => {
  it.each(['0', '1', '500', '', '501', '-1', '1e3', '9999999999999', '0x10'])(
    'of %s jobs is JSON, or refused',
    async (limit) => {
      await startJob()
      const { status, text } = await askRaw(gateway.url, { path: `/jobs?limit=${limit}` })
      expect([200, 400]).toContain(status)
      expect(() => JSON.parse(text) as unknown).not.toThrow()
    },
  )
})

describe('A path', () => {
  it.each([
    ...['/tools/../progress', '/tools/%2e%2e/progress', '/tools/.%2E/progress', '/./tools'],
    ...[
      '/tools\\..\\progress',
      '//evil.example/tools',
      '/tools#/x',
      '/jobs/..',
      'http://evil.example/tools',
    ],
  ])('that others would read otherwise is refused: %s', async (path) => {
    expect((await askRaw(gateway.url, { path })).status).toBe(400)
  })

  it.each(['/%', '/%zz', '/jobs/%', '/jobs/%ff', '/jobs/%c0%80', `/jobs/${'a'.repeat(8_000)}`])(
    'that says nothing is not found: %s',
    async (path) => {
      expect((await askRaw(gateway.url, { path })).status).toBe(404)
    },
  )
})

describe('JSON', () => {
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  it.each([
    ['that is deep', `{"name":"triage","arguments":{"a":${deep(100)}}}`, 202],
    ['that is too deep', `{"name":"triage","arguments":{"a":${deep(200_000)}}}`, 400],
    [
      'with members of the prototype',
      '{"name":"triage","arguments":{"__proto__":{"polluted":1}},"__proto__":{"name":1}}',
      202,
    ],
    ['with huge numbers', '{"name":"triage","arguments":{"a":1e999,"b":-1e999},"wait_ms":0}', 202],
    ['that waits for ever', '{"name":"triage","wait_ms":1e999}', 400],
    ['with a surrogate alone', '{"name":"triage","arguments":{"a":"\\ud800"}}', 202],
    ['that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400],
    ['with a byte order mark', '\ufeff{"name":"triage"}', 400],
  ])('%s is served or refused', async (_, body, expected) => {
    expect((await post('/tools/call', body)).status).toBe(expected)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each([
    ['a body of MCP', (value: string) => value],
    [
      'params of MCP',
      (value: string) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${value}}`,
    ],
    [
      'arguments of MCP',
      (value: string) =>
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"triage","arguments":{"a":${value}},"_meta":{"a":${value}}}}`,
    ],
  ])('that is too deep breaks nothing as %s', async (_, wrap) => {
    const text = wrap(deep(150_000))
    const type = {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    for (const version of [{}, { 'mcp-protocol-version': REVISION }]) {
      const answer = await post('/mcp', text, { ...type, ...version })
      expect(answer.status).toBeLessThan(500)
      // Nor does a call begin without what it was given.
      expect(answer.text).not.toContain('"job_id"')
    }
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })

  it('of a progress report is no larger than reports are', async () => {
    const { status } = await post('/progress', deep(400_000))
    expect(status).toBeLessThan(500)
  })
})

describe('A member that every object inherits', () => {
  it('is missing all the same', async () => {
    const inputSchema = { type: 'object', required: ['constructor', 'toString'] }
    const { compileCheck } = await import('../tools/check-arguments.ts')
    const check = compileCheck(inputSchema, undefined)
    expect(check(Buffer.from('{}') as never)).toMatchObject({ ok: false })
  })
})

describe('A refusal', () => {
  it('shows little of what it refuses', async () => {
    const inputSchema = {
      type: 'object',
      additionalProperties: { type: 'number' },
      maxProperties: 1,
    }
    const closed = { type: 'object', additionalProperties: false }
    const { compileCheck } = await import('../tools/check-arguments.ts')
    const long = 'k'.repeat(100_000)
    for (const schema of [inputSchema, closed]) {
      const checked = compileCheck(
        schema,
        undefined,
      )(Buffer.from(JSON.stringify({ [long]: 'x' })) as never)
      expect(checked.ok || checked.problems.join().length).toBeLessThan(1_000)
    }
  })
})

describe('A client that goes away in the middle of its body', () => {
  it('is no error of the gateway', async () => {
    logged = []
    const { hostname, port } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST /tools/call HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{"name"`,
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
  })
})

describe('Reports about jobs that there are not', () => {
  it('do not keep other replicas from hearing of those that there are', async () => {
    logged = []
    const jobId = await startJob()
    const updates = Array.from({ length: 200 }, (_, index) => ({
      ...{ job_id: `${'x y '.repeat(60)}${index}`, step: 'a', status: 'received' },
    }))
    const report = { job_id: jobId, step: 'a', status: 'received' }
    await post('/progress', JSON.stringify({ updates: [...updates, report] }))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(logged.join('')).not.toContain('other replicas were not told')
  })
})

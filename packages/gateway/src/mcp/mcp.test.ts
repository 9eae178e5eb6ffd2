import { bytesToText, parseJson, stringifyToBytes } from '@asya/protocol'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { TaskStatusNotificationV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Ajv, type AnySchema } from 'ajv'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { ask, readMessages, send, TASKS } from './testing/raw-client.ts'

let database: TestDatabase
const open: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

afterAll(async () => {
  await database.close()
})

const RESULT = {
  type: 'object',
  required: ['page'],
  properties: { page: { $ref: '#/definitions/Page' } },
  definitions: { Page: { type: 'object', properties: { words: { type: 'integer' } } } },
}

type Options = Partial<Parameters<typeof startTestGateway>[0]>

async function start(options: Options = {}): Promise<TestGateway> {
  const started = await startTestGateway({ databaseUrl: database.url, ...options })
  started.gateway.tools.replace([
    makeTool('triage', ['extract', 'classify'], { outputSchema: RESULT }),
    makeTool('split', ['split'], { outputSchema: RESULT, results: 'many' }),
    makeTool('find', ['find'], { outputSchema: { type: 'string' }, results: 'optional' }),
    makeTool('store', ['store'], {
      ...{ results: 'none', title: 'Store it', description: 'Keeps it.', deprecated: 'Use find.' },
      annotations: { idempotentHint: true },
    }),
    makeTool('free', ['free']),
  ])
  open.push(() => started.close())
  // A message without a queue would be sent again, but seconds later.
  for (const queue of ['extract', 'split', 'find', 'store', 'free']) await declare(started, queue)
  return started
}

async function declare({ broker }: TestGateway, queue: string): Promise<void> {
  const transport = broker.connect()
  await transport.consume(queue, { prefetch: 1, onDelivery: () => undefined })
  await transport.close()
}

const QUICK: Options = { mcp: { syncWaitMs: 200, streamWaitMs: 400 } }

async function connect({ url }: TestGateway, options = {}) {
  const client = new Client(
    { name: 'new', version: '1' },
    { versionNegotiation: { mode: 'auto' }, ...options },
  )
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)))
  open.push(() => client.close())
  return client
}

async function connectOld({ url }: TestGateway) {
  const client = new OldClient({ name: 'old', version: '1' })
  await client.connect(new OldTransport(new URL(`${url}/mcp`)))
  open.push(() => client.close())
  return client
}

const post = (url: string, body: string | object) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })

/** Ends the job of the next message of a queue. */
async function finish(gateway: TestGateway, queue: string, body: string) {
  const message = await gateway.take(queue)
  const response = await post(`${gateway.url}/jobs/${String(message.jobId)}/final`, body)
  expect(response.status).toBe(200)
  return message
}

const succeed = (gateway: TestGateway, queue: string, result: string) =>
  finish(gateway, queue, `{"status":"succeeded","result":${result}}`)

const stateOf = async ({ url }: TestGateway, jobId: string | undefined): Promise<unknown> => {
  const response = await fetch(`${url}/jobs/${String(jobId)}`)
  return ((await response.json()) as { state: unknown }).state
}

const readJobId = (result: object): string => {
  const { structuredContent } = result as { structuredContent: { job_id: string } }
  return structuredContent.job_id
}

const textOf = (result: object): string =>
  (result as { content: { text: string }[] }).content.map(({ text }) => text).join('\n')

describe.each([
  { era: 'of 2026', connectTo: connect },
  { era: 'of 2025', connectTo: connectOld },
])('A client $era', ({ era, connectTo }) => {
  const isNew = era === 'of 2026'

  it('sees the tools in order of their names, with what is known of them', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['find', 'free', 'split', 'store', 'triage', 'job_cancel', 'job_wait'],
    ])
    expect(tools.find(({ name }) => name === 'store')).toMatchObject({
      ...{ title: 'Store it', description: 'Deprecated: Use find.\n\nKeeps it.' },
      annotations: { idempotentHint: true },
    })
    const isObject = tools.every(({ outputSchema }) => !outputSchema || outputSchema.type)
    expect(isObject).toBe(!isNew)
    for (const { outputSchema = {} } of tools)
      expect(() => new Ajv().compile(outputSchema as AnySchema)).not.toThrow()
  })

  it.each([
    ['triage', 'extract', '{"page": {"words":1.0}}', { page: { words: 1 } }],
    ['find', 'find', '"there"', 'there'],
    ['find', 'find', 'null', null],
    ['free', 'free', '[1, 2]', [1, 2]],
  ])('calls %s from end to end, and has the bytes of its result: %#', async (...example) => {
    const [name, queue, bytes, value] = example
    const gateway = await start()
    const client = await connectTo(gateway)
    await client.listTools()
    const done = succeed(gateway, queue, bytes)
    const result = await client.callTool({ name, arguments: { a: 1 } })
    expect(bytesToText((await done).payload)).toBe('{"a":1}')
    expect(result.content).toEqual([{ type: 'text', text: bytes }])
    if (isNew) expect(result.structuredContent).toEqual(value)
    else expect(result.structuredContent).toMatchObject({ state: 'succeeded', result: value })
  })

  it('has the results of all branches of a fan-out as a list, in order', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    await client.listTools()
    const answer = client.callTool({ name: 'split' })
    const { jobId } = await gateway.take('split')
    for (const index of [1, 0]) {
      const result = { page: { words: index } }
      const body = { status: 'succeeded', branch: [[index, 2, 'g']], result }
      await post(`${gateway.url}/jobs/${String(jobId)}/final`, body)
    }
    expect(textOf(await answer)).toBe('[{"page":{"words":0}},{"page":{"words":1}}]')
  })

  it('is told of a job without results that it succeeded', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    await client.listTools()
    const done = succeed(gateway, 'store', 'null')
    const result = await client.callTool({ name: 'store' })
    await done
    expect(textOf(result)).toMatch(/^The job .* succeeded\.$/)
    expect(result.structuredContent).toMatchObject({ state: 'succeeded' })
  })

  it('is told why a job failed, in a result that is an error', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    await client.listTools()
    const error = { type: 'processing_error', message: 'no ink', step: 'extract', attempts: 3 }
    const done = finish(gateway, 'extract', JSON.stringify({ status: 'failed', error }))
    const result = await client.callTool({ name: 'triage' })
    await done
    expect(result.isError).toBe(true)
    expect(textOf(result)).toContain('processing_error in extract: no ink')
    expect(result.structuredContent).toMatchObject({ state: 'failed', errors: [error] })
  })

  it('is told what is wrong with its arguments, in a result that a model can mend', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    gateway.gateway.tools.replace([
      makeTool('strict', ['a'], {
        toPayload: () => ({ ok: false, problems: ['arguments.n: must be integer'] }),
      }),
    ])
    const result = await client.callTool({ name: 'strict', arguments: { n: 'x' } })
    expect(result.isError).toBe(true)
    expect(textOf(result)).toBe('Invalid arguments: arguments.n: must be integer')
    await expect(client.callTool({ name: 'none' })).rejects.toThrow('There is no tool "none"')
  })

  it('gets a handle when the job takes long, waits for it with job_wait, and has its result', async () => {
    const gateway = await start(QUICK)
    const client = await connectTo(gateway)
    await client.listTools()
    const handle = await client.callTool({ name: 'triage' })
    const jobId = readJobId(handle)
    expect(textOf(handle)).toContain(`Call job_wait with {"job_id":"${jobId}"}`)
    const wait = { name: 'job_wait', arguments: { job_id: jobId, wait_ms: 0 } }
    expect(readJobId(await client.callTool(wait))).toBe(jobId)
    const answer = client.callTool({ name: 'job_wait', arguments: { job_id: jobId } })
    await succeed(gateway, 'extract', '{"page":{}}')
    expect(textOf(await answer)).toBe('{"page":{}}')
    const late = await client.callTool({ name: 'job_wait', arguments: { job_id: jobId } })
    expect(textOf(late)).toBe('{"page":{}}')
  })

  it('stops a job with job_cancel', async () => {
    const gateway = await start(QUICK)
    const client = await connectTo(gateway)
    const jobId = readJobId(await client.callTool({ name: 'triage' }))
    const cancel = { name: 'job_cancel', arguments: { job_id: jobId } }
    expect(textOf(await client.callTool(cancel))).toBe(`The job ${jobId} is cancelled.`)
    expect(textOf(await client.callTool(cancel))).toContain('had ended already (cancelled')
    const late = await client.callTool({ name: 'job_wait', arguments: { job_id: jobId } })
    expect(late.isError).toBe(true)
    expect(textOf(late)).toContain('was cancelled')
  })

  it('is told by job_wait and job_cancel what they need', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const say = async (args: Record<string, unknown>) => {
      const result = await client.callTool({ name: 'job_wait', arguments: args })
      expect(result.isError).toBe(true)
      return textOf(result)
    }
    expect(await say({})).toBe('job_id: expected the id of a job, as a text')
    expect(await say({ job_id: 'other' })).toBe('There is no job "other".')
    expect(await say({ job_id: 'other', wait_ms: 1e9 })).toContain('wait_ms: expected a number')
  })

  it('hears of progress, always more than before, while it waits', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const heard: { progress: number; message?: string | undefined }[] = []
    const answer = client.callTool(
      { name: 'triage' },
      ...((isNew
        ? [{ onprogress: (one: never) => heard.push(one) }]
        : [undefined, { onprogress: (one: never) => heard.push(one) }]) as [never]),
    )
    const { jobId } = await gateway.take('extract')
    const place = { step: 'extract', step_index: 0, total_steps: 2, status: 'processing' }
    for (const [percent, message] of [
      [50, 'reading'],
      [50, 'reading on'],
    ] as const) {
      const report = { ...place, percent, message }
      await post(`${gateway.url}/jobs/${String(jobId)}/progress`, report)
      await vi.waitFor(() => expect(heard.at(-1)?.message).toBe(`extract: ${message}`))
    }
    await post(
      `${gateway.url}/jobs/${String(jobId)}/final`,
      '{"status":"succeeded","result":{"page":{}}}',
    )
    expect(textOf(await answer)).toBe('{"page":{}}')
    const values = heard.map(({ progress }) => progress)
    expect(values[0]).toBe(0)
    expect(values).toContain(25)
    expect(values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0))).toBe(
      true,
    )
  })

  it('gets a handle on its stream of progress when the job takes longer than streams do', async () => {
    const gateway = await start(QUICK)
    const client = await connectTo(gateway)
    const options = { onprogress: () => undefined }
    const result = await client.callTool(
      { name: 'triage' },
      ...((isNew ? [options] : [undefined, options]) as [never]),
    )
    expect(readJobId(result)).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('cancels the job when it cancels the call', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const controller = new AbortController()
    const options = { signal: controller.signal }
    const answer = client.callTool(
      { name: 'triage' },
      ...((isNew ? [options] : [undefined, options]) as [never]),
    )
    const { jobId } = await gateway.take('extract')
    controller.abort()
    await expect(answer).rejects.toThrow()
    await vi.waitFor(async () => expect(await stateOf(gateway, jobId)).toBe('cancelled'))
  })

  it('gets a handle when the gateway goes, and finds its job on another', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const answer = client.callTool({ name: 'triage' })
    const { jobId } = await gateway.take('extract')
    const other = await start()
    await gateway.close()
    expect(readJobId(await answer)).toBe(jobId)
    expect(await stateOf(other, jobId)).toBe('pending')
  })
})

it('A client of 2025 cancels its call at whatever replica it comes to', async () => {
  const [gateway, other] = [await start(), await start()]
  const elsewhere: typeof fetch = (url, init) => {
    const isCancel = typeof init?.body === 'string' && init.body.includes('notifications/cancelled')
    return fetch(isCancel ? `${other.url}/mcp` : url, init)
  }
  const client = new OldClient({ name: 'old', version: '1' })
  await client.connect(new OldTransport(new URL(`${gateway.url}/mcp`), { fetch: elsewhere }))
  open.push(() => client.close())
  const controller = new AbortController()
  const { signal } = controller
  const answer = client.callTool({ name: 'triage' }, undefined, { signal })
  const kept = client.callTool({ name: 'split' })
  const { jobId } = await gateway.take('extract')
  controller.abort()
  await expect(answer).rejects.toThrow()
  await vi.waitFor(async () => expect(await stateOf(gateway, jobId)).toBe('cancelled'))
  await succeed(gateway, 'split', '1')
  expect(textOf(await kept)).toBe('[1]')
})

describe('A connection that breaks', () => {
  it('cancels the job of a client of 2026', async () => {
    const gateway = await start()
    const controller = new AbortController()
    const call = { method: 'tools/call', params: { name: 'triage' }, signal: controller.signal }
    const answer = send(gateway, call)
    const { jobId } = await gateway.take('extract')
    controller.abort()
    await expect(answer).rejects.toThrow()
    await vi.waitFor(async () => expect(await stateOf(gateway, jobId)).toBe('cancelled'))
  })

  it('leaves the job of a client of 2025, and of one that named a key to come again with', async () => {
    const gateway = await start()
    const controller = new AbortController()
    const { signal } = controller
    const old = fetch(`${gateway.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"triage"}}',
      signal,
    }).then((response) => response.text())
    const first = await gateway.take('extract')
    const meta = { 'asya.io/idempotencyKey': crypto.randomUUID() }
    const call = { method: 'tools/call', params: { name: 'triage' }, meta }
    const keyed = send(gateway, { ...call, signal })
    const second = await gateway.take('extract')
    controller.abort()
    await expect(old).rejects.toThrow()
    await expect(keyed).rejects.toThrow()
    const again = ask(gateway, call)
    await post(
      `${gateway.url}/jobs/${String(second.jobId)}/final`,
      '{"status":"succeeded","result":{"page":{}}}',
    )
    expect(textOf((await again).result ?? {})).toBe('{"page":{}}')
    expect(await stateOf(gateway, first.jobId)).toBe('pending')
  })
})

describe('A call', () => {
  it('sends its arguments byte for byte, with the trace that it belongs to', async () => {
    const gateway = await start()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const _meta = JSON.stringify({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': TASKS,
      ...{ traceparent, tracestate: 'a=b' },
    })
    const args = '{"n": 9007199254740993, "n":1.0, "\\u0061":[ ]}'
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":${_meta},"name":"free","arguments": ${args} }}`
    await send(gateway, { method: 'tools/call', params: { name: 'free' }, body })
    const message = await gateway.take('free')
    expect(bytesToText(message.payload)).toBe(args)
    expect(parseJson(message.headers ?? stringifyToBytes(0))).toEqual({
      traceparent,
      tracestate: 'a=b',
    })
  })

  it('with an idempotency key is the same job when it is made again, and no other', async () => {
    const gateway = await start()
    const meta = { 'asya.io/idempotencyKey': crypto.randomUUID() }
    const call = (n: number, more = {}) =>
      ask(gateway, {
        method: 'tools/call',
        params: { name: 'free', arguments: { n } },
        ...{ meta: { ...meta, ...more }, capabilities: TASKS },
      })
    const [one, other] = [await call(1), await call(1)]
    expect(one.result).toMatchObject({ resultType: 'task', status: 'working' })
    expect(other.result?.['taskId']).toBe(one.result?.['taskId'])
    expect((await call(2)).error).toMatchObject({ code: -32602 })
    expect((await call(1, { 'asya.io/idempotencyKey': 1 })).error).toMatchObject({ code: -32602 })
  })

  it.each(['{', '"\u0000', '', '\ud800'])('is refused when its body is %j', async (body) => {
    const gateway = await start()
    const response = await send(gateway, { method: 'tools/call', body })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: -32700 } })
  })

  it('is refused with 503 while the database is away', async () => {
    const gateway = await start()
    await database.query(
      `create function refuse() returns trigger language plpgsql as
       $$ begin raise exception using errcode = '57P03'; end $$`,
    )
    await database.query(
      'create trigger refuse before insert on jobs for each row execute function refuse()',
    )
    try {
      const call = { method: 'tools/call', params: { name: 'free' }, capabilities: TASKS }
      const response = await send(gateway, call)
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('2')
      expect(await response.json()).toMatchObject({ error: { code: -32603 } })
    } finally {
      await database.query('drop function refuse cascade')
    }
  })
})

describe('A task', () => {
  const call = (gateway: TestGateway, name = 'triage') =>
    ask(gateway, { method: 'tools/call', params: { name }, capabilities: TASKS })

  const about = (gateway: TestGateway, method: string, taskId: unknown) =>
    ask(gateway, { method, params: { taskId }, capabilities: TASKS })

  it('is the job, on any replica, and ends with its result', async () => {
    const gateway = await start()
    const other = await start({ broker: gateway.broker })
    const created = await call(gateway)
    const taskId = created.result?.['taskId']
    expect((await about(other, 'tasks/get', taskId)).result).toMatchObject({ status: 'working' })
    await succeed(gateway, 'extract', '{"page":{}}')
    expect((await about(other, 'tasks/get', taskId)).result).toMatchObject({
      ...{ taskId, status: 'completed' },
      result: { structuredContent: { page: {} }, resultType: 'complete' },
    })
  })

  it('is told of on a stream: as it is, as it changes, and that it ended', async () => {
    const gateway = await start()
    const taskId = String((await call(gateway)).result?.['taskId'])
    const taskIds = [taskId, 'unknown']
    const listen = {
      method: 'subscriptions/listen',
      params: { notifications: { taskIds } },
      capabilities: TASKS,
    }
    const messages = readMessages(await send(gateway, listen))
    const next = async () => (await messages.next()).value as { method?: string; params: object }
    expect(await next()).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: [taskId] } },
    })
    const seen: unknown[] = [await next()]
    await finish(gateway, 'extract', '{"status":"succeeded","result":{"page":{}}}')
    for await (const message of messages) seen.push(message)
    const last = seen.pop()
    expect(last).toMatchObject({ result: { resultType: 'complete' } })
    for (const message of seen) TaskStatusNotificationV2Schema.parse(message)
    expect(seen.at(0)).toMatchObject({ params: { taskId, status: 'working' } })
    expect(seen.at(-1)).toMatchObject({ params: { taskId, status: 'completed' } })
  })

  it('cannot be listened to by a client that does not know tasks', async () => {
    const gateway = await start()
    const params = { notifications: { taskIds: [] } }
    const response = await send(gateway, { method: 'subscriptions/listen', params })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: -32021 } })
  })

  it('can be cancelled, and be asked about in vain when there is none', async () => {
    const gateway = await start()
    const taskId = (await call(gateway)).result?.['taskId']
    expect((await about(gateway, 'tasks/cancel', taskId)).result).toMatchObject({
      resultType: 'complete',
    })
    expect((await about(gateway, 'tasks/get', taskId)).result).toMatchObject({
      status: 'cancelled',
    })
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel'])
      expect((await about(gateway, method, 'none')).error).toMatchObject({ code: -32602 })
  })

  it('is completed when its job failed, and failed when its job could not begin', async () => {
    const gateway = await start()
    const taskId = (await call(gateway)).result?.['taskId']
    const error = { type: 'processing_error', message: 'no ink', step: 'extract', attempts: 1 }
    await finish(gateway, 'extract', JSON.stringify({ status: 'failed', error }))
    expect((await about(gateway, 'tasks/get', taskId)).result).toMatchObject({
      ...{ status: 'completed', result: { isError: true } },
    })
    gateway.gateway.tools.replace([makeTool('nowhere', [])])
    const nowhere = (await call(gateway, 'nowhere')).result?.['taskId']
    await vi.waitFor(async () =>
      expect((await about(gateway, 'tasks/get', nowhere)).result).toMatchObject({
        ...{ status: 'failed', error: { code: -32603, message: 'the route has no step' } },
      }),
    )
  })
})

describe('A change of the tools', () => {
  it('is heard by clients of both eras', async () => {
    const gateway = await start()
    const heard: string[] = []
    const client = await connect(gateway, {
      listChanged: { tools: { autoRefresh: false, onChanged: () => heard.push('new') } },
    })
    expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: true })
    const old = new OldClient(
      { name: 'old', version: '1' },
      { listChanged: { tools: { autoRefresh: false, onChanged: () => heard.push('old') } } },
    )
    await old.connect(new OldTransport(new URL(`${gateway.url}/mcp`)))
    open.push(() => old.close())
    await vi.waitFor(
      () => {
        gateway.gateway.tools.replace([makeTool('another', ['a'])])
        expect(new Set(heard)).toEqual(new Set(['new', 'old']))
      },
      { timeout: 10_000, interval: 500 },
    )
    const { tools } = await old.listTools()
    expect(tools[0]?.name).toBe('another')
  })
})

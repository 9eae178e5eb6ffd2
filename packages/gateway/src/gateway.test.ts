import { bytesToText, stringifyToBytes } from '@asya/protocol'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from './testing/test-gateway.ts'

let database: TestDatabase
const open: TestGateway[] = []

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})

afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

afterAll(async () => {
  await database.close()
})

async function start(
  options: Partial<Parameters<typeof startTestGateway>[0]> = {},
): Promise<TestGateway> {
  const started = await startTestGateway({ databaseUrl: database.url, ...options })
  started.gateway.tools.replace([makeTool('triage', ['extract', 'classify'])])
  open.push(started)
  return started
}

async function ask(url: string, init: RequestInit & { json?: string } = {}) {
  const { json, ...rest } = init
  const response = await fetch(
    url,
    json === undefined ? rest : { method: 'POST', body: json, ...rest },
  )
  return { status: response.status, headers: response.headers, text: await response.text() }
}

async function callTool({ url }: TestGateway, argumentsText = '{}', headers = {}) {
  const json = `{"name":"triage","arguments":${argumentsText}}`
  const answer = await ask(`${url}/tools/call`, { json, headers })
  const body = JSON.parse(answer.text) as { job_id: string; error?: { code: string } }
  return { ...answer, body, jobId: body.job_id }
}

async function readEvents(url: string, lastEventId?: string) {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const response = await fetch(url, { headers })
  const text = await response.text()
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('id:'))
    .map((event) => {
      const fields = new Map(
        event.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]),
      )
      return { id: fields.get('id'), type: fields.get('event'), data: fields.get('data') ?? '' }
    })
}

const progress = (json: object): string =>
  JSON.stringify({ step: 'extract', step_index: 0, total_steps: 2, status: 'processing', ...json })

describe('A call', () => {
  it('becomes a message in the queue of its first step, byte for byte', async () => {
    const gateway = await start()
    const taken = gateway.take('extract')
    const { status, headers, jobId } = await callTool(gateway, '{"n": 9007199254740993, "n":1.0}')
    expect(status).toBe(202)
    expect(headers.get('location')).toBe(`/jobs/${jobId}`)
    const message = await taken
    expect(message).toMatchObject({ id: jobId, jobId, attempt: 1, branch: [] })
    expect(message.route).toMatchObject({ steps: ['extract', 'classify'], current: 0 })
    expect(bytesToText(message.payload)).toBe('{"n": 9007199254740993, "n":1.0}')
  })

  it('waits for its job to end when it is asked to, and has its results byte for byte', async () => {
    const gateway = await start()
    const taken = gateway.take('extract')
    const json = '{"name":"triage","wait_ms":20000}'
    const answer = ask(`${gateway.url}/tools/call`, { json })
    const { jobId } = await taken
    await ask(`${gateway.url}/jobs/${jobId}/final`, { json: '{"status":"succeeded","result":1.0}' })
    const { status, text } = await answer
    expect(status).toBe(200)
    expect(text).toContain('"state":"succeeded"')
    expect(text).toContain('"results":[1.0]')
  })

  it('with an idempotency key is the same job when it is made again, and no other', async () => {
    const gateway = await start()
    const headers = { 'idempotency-key': crypto.randomUUID() }
    const calls = await Promise.all(
      Array.from({ length: 20 }, () => callTool(gateway, '{"a":1}', headers)),
    )
    expect(new Set(calls.map(({ jobId }) => jobId)).size).toBe(1)
    const other = await callTool(gateway, '{"a":2}', headers)
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'idempotency_conflict' } } })
  })

  it.each([
    ['{', 400, 'bad_call'],
    ['[]', 400, 'bad_call'],
    ['{"arguments":{}}', 400, 'bad_call'],
    ['{"name":"triage","name":"triage"}', 400, 'bad_call'],
    ['{"name":"triage","wait_ms":-1}', 400, 'bad_call'],
    ['{"name":"triage","arguments":[]}', 400, 'invalid_arguments'],
    ['{"name":"other"}', 404, 'no_such_tool'],
  ])('is refused when it is %s', async (json, status, code) => {
    const gateway = await start()
    const answer = await ask(`${gateway.url}/tools/call`, { json })
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code } })
  })
})

describe('A stream', () => {
  it('has every update once, on any replica, from where its client was, and ends with the job', async () => {
    const broker = createMemoryBroker()
    const one = await start({ broker })
    const other = await start({ broker })
    const { jobId } = await callTool(one)
    const early = readEvents(`${other.url}/jobs/${jobId}/stream`)
    for (let percent = 10; percent <= 50; percent += 10)
      await ask(`${one.url}/jobs/${jobId}/progress`, { json: progress({ percent }) })
    await ask(`${one.url}/jobs/${jobId}/final`, {
      json: '{"status":"succeeded","result":{"a":\n1}}',
    })
    const events = await early
    expect(events.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(events.map(({ type }) => type)).toEqual([
      ...['pending', 'progress', 'progress', 'progress', 'progress', 'progress', 'succeeded'],
    ])
    const resumed = await readEvents(`${other.url}/jobs/${jobId}/stream`, '5')
    expect(resumed.map(({ id }) => id)).toEqual(['6', '7'])
    const late = await readEvents(`${one.url}/jobs/${jobId}/stream`)
    expect(late).toEqual(events)
  })
})

describe('A stream that comes again', () => {
  it('after it had the end is answered 204, so that no client comes for ever', async () => {
    const gateway = await start()
    const { jobId } = await callTool(gateway)
    await ask(`${gateway.url}/jobs/${jobId}/final`, { json: '{"status":"succeeded","result":1}' })
    // Late, and after the end: it is kept, and no stream has it.
    await ask(`${gateway.url}/jobs/${jobId}/progress`, { json: progress({}) })
    const signal = AbortSignal.timeout(5_000)
    const again = (seq: string) =>
      ask(`${gateway.url}/jobs/${jobId}/stream`, { headers: { 'last-event-id': seq }, signal })
    expect((await again('1')).text).toContain('event: succeeded')
    for (const seq of ['2', '3', '99']) expect((await again(seq)).status).toBe(204)
  })
})

describe('A gateway', () => {
  it('is not ready while its database takes no writes', async () => {
    const own = await createTestDatabase(inject('postgresUrl'))
    const gateway = await start({ databaseUrl: own.url })
    expect((await ask(`${gateway.url}/ready`)).status).toBe(200)
    const name = new URL(own.url).pathname.slice(1)
    await own.query(`alter database ${name} set default_transaction_read_only = on`)
    await own.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
      [name],
    )
    await expect.poll(async () => (await ask(`${gateway.url}/ready`)).status).toBe(503)
    expect((await callTool(gateway)).status).toBe(503)
    await gateway.close()
    open.splice(open.indexOf(gateway), 1)
    await own.close()
  })
})

describe('A job', () => {
  it('can be cancelled, and its handlers hear of it at their next heartbeat', async () => {
    const gateway = await start()
    const { jobId } = await callTool(gateway)
    const beat = () => ask(`${gateway.url}/jobs/${jobId}/heartbeat`, { json: '{}' })
    expect((await beat()).text).toBe('{"cancel":false}')
    const cancelled = await ask(`${gateway.url}/jobs/${jobId}`, { method: 'DELETE' })
    expect(cancelled.text).toContain('"state":"cancelled"')
    expect((await beat()).text).toBe('{"cancel":true}')
    expect((await ask(`${gateway.url}/jobs/${jobId}/active`)).status).toBe(410)
  })

  it('can be run again, as a job that names it', async () => {
    const gateway = await start()
    const { jobId } = await callTool(gateway, '{"a":1}')
    const answer = await ask(`${gateway.url}/jobs/${jobId}/replay`, { json: '' })
    expect(JSON.parse(answer.text)).toMatchObject({ replay_of: jobId })
  })

  it('fails at its deadline, on whatever replica', async () => {
    const gateway = await start()
    gateway.gateway.tools.replace([makeTool('triage', ['extract'], { timeoutMs: 300 })])
    const { jobId } = await callTool(gateway)
    const events = await readEvents(`${gateway.url}/jobs/${jobId}/stream`)
    expect(events.at(-1)).toMatchObject({ type: 'failed' })
    expect(events.at(-1)?.data).toContain('the job did not end within 0.300 s')
  })

  it('is listed with others, the newest first, in pages', async () => {
    const gateway = await start()
    const made: string[] = []
    for (let n = 0; n < 5; n++) made.unshift((await callTool(gateway)).jobId)
    const listed: string[] = []
    let before = ''
    do {
      const answer = await ask(`${gateway.url}/jobs?limit=2${before}`)
      const page = JSON.parse(answer.text) as { jobs: { job_id: string }[]; next?: string }
      listed.push(...page.jobs.map((job) => job.job_id))
      before = page.next === undefined ? '' : `&before=${page.next}`
    } while (before !== '' && listed.length < made.length)
    expect(listed.slice(0, 5)).toEqual(made)
  })
})

describe('A message that could not be sent', () => {
  it('is sent when its queue is there', async () => {
    const gateway = await start()
    gateway.gateway.tools.replace([makeTool('triage', ['declared-late'])])
    const { jobId } = await callTool(gateway)
    expect((await gateway.take('declared-late')).jobId).toBe(jobId)
  })

  it('is sent by another replica when the one that accepted it is gone', async () => {
    const gateway = await start()
    gateway.gateway.tools.replace([makeTool('triage', ['taken-over'])])
    const { jobId } = await callTool(gateway)
    // As a process leaves it that was killed after the commit.
    await database.query('update outbox set claimed_until = now() where job_id = $1', [jobId])
    expect((await gateway.take('taken-over')).jobId).toBe(jobId)
  })
})

describe('Several replicas', () => {
  it('start at once on an empty database', async () => {
    const empty = await createTestDatabase(inject('postgresUrl'))
    const gateways = await Promise.all(
      [1, 2, 3].map(() => startTestGateway({ databaseUrl: empty.url })),
    )
    for (const gateway of gateways) {
      expect((await ask(`${gateway.url}/ready`)).status).toBe(200)
      await gateway.close()
    }
    await empty.close()
  })
})

it('Metrics count jobs that ended, and how long they and their calls took', async () => {
  const gateway = await start()
  gateway.gateway.tools.replace([makeTool('triage', ['measured'])])
  const { jobId } = await callTool(gateway)
  await ask(`${gateway.url}/jobs/${jobId}`, { method: 'DELETE' })
  await vi.waitFor(async () => {
    const { text } = await ask(`${gateway.url}/metrics`)
    const labels = 'tool="triage",state="cancelled"'
    expect(text).toContain(`asya_gateway_jobs_ended_total{${labels}} 1`)
    expect(text).toContain(`asya_gateway_job_duration_seconds_count{${labels}} 1`)
    const call = 'method="POST",path="/tools/call",status="202"'
    expect(text).toContain(`asya_gateway_request_duration_seconds_count{${call}} 1`)
  })
})

it('Metrics count what is open', async () => {
  const gateway = await start()
  await callTool(gateway)
  const { text } = await ask(`${gateway.url}/metrics`)
  expect(text).toMatch(
    /asya_gateway_open_jobs\{tool="triage",state="pending",stalled="false"\} \d+/,
  )
  expect(stringifyToBytes(text).length).toBeGreaterThan(100)
})

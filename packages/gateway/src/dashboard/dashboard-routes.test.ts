import { createMemoryBroker } from '@asya/transport/in-memory'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'

vi.setConfig({ testTimeout: 60_000 })

let database: TestDatabase
let one: TestGateway
let other: TestGateway

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  const broker = createMemoryBroker()
  one = await startTestGateway({ databaseUrl: database.url, broker })
  other = await startTestGateway({ databaseUrl: database.url, broker })
  for (const { gateway } of [one, other])
    gateway.tools.replace([makeTool('greet', ['hello', 'shout']), makeTool('100%', ['hello'])])
})

beforeEach(async () => {
  await database.query('truncate jobs cascade')
})

afterAll(async () => {
  await one.close()
  await other.close()
  await database.close()
})

async function post(path: string, body: unknown): Promise<{ job_id: string }> {
  const response = await fetch(one.url + path, { method: 'POST', body: JSON.stringify(body) })
  return (await response.json()) as { job_id: string }
}

async function call(name = 'greet'): Promise<string> {
  return (await post('/tools/call', { name })).job_id
}

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(one.url + path)).json()) as T
}

/** Reads a stream until its text is as it is wanted. */
async function readUntil(url: string, isWanted: (text: string) => boolean, begin: () => unknown) {
  const response = await fetch(url)
  let text = ''
  begin()
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (isWanted(text)) break
  }
  return text
}

describe('The stream of all jobs', () => {
  it('tells of each job that changes, on any replica, as it is then', async () => {
    const isWanted = (text: string): boolean => text.includes('"state":"cancelled"')
    const text = await readUntil(`${other.url}/jobs/stream`, isWanted, () => {
      void call().then(async (id) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000))
        await fetch(`${one.url}/jobs/${id}`, { method: 'DELETE' })
      })
    })
    expect(text).toMatch(/^event: job\ndata: \{.*"state":"pending".*\}\n\n/)
  })

  it('says only that many changed where it is not worth telling of each', async () => {
    const isWanted = (text: string): boolean => text.includes('event: many\ndata: {}\n\n')
    const text = await readUntil(`${one.url}/jobs/stream`, isWanted, () => {
      // As another replica says that so many jobs changed.
      const ids = Array.from({ length: 201 }, (_, n) => `job-${n}`).join(' ')
      void database.query('select pg_notify($1, $2)', ['asya_jobs', `other ${ids}`])
    })
    expect(text).toContain('event: many')
  })
})

describe('A search', () => {
  it('finds jobs by what is known of them, and takes signs of patterns as they are', async () => {
    const [id, percent] = [await call(), await call('100%')]
    const progress = { step: 'hello', step_index: 0, total_steps: 2, status: 'processing' }
    await post(`/jobs/${id}/progress`, { ...progress, message: 'Thinking of Ada' })
    const error = { message: 'the Voice gave out' }
    await post(`/jobs/${percent}/final`, { status: 'failed', branch: [], error })
    const search = async (text: string): Promise<string[]> => {
      const path = `/jobs?text=${encodeURIComponent(text)}`
      const { jobs } = await get<{ jobs: { job_id: string }[] }>(path)
      return jobs.map((job) => job.job_id)
    }
    await expect.poll(() => search('thinking OF ada')).toEqual([id])
    expect(await search('Voice gave')).toEqual([percent])
    expect(await search('%')).toEqual([percent])
    expect(await search('_')).toEqual([id])
    expect(await search(id.slice(0, 10).toUpperCase())).toEqual([id])
    expect(await search("'; drop table jobs; --")).toEqual([])
    for (const text of ['\0', 'a'.repeat(201)])
      expect((await fetch(`${one.url}/jobs?text=${encodeURIComponent(text)}`)).status).toBe(400)
  })
})

it('The summary counts jobs by pipeline and state, and says where those are that run', async () => {
  const [, running] = [await call(), await call()]
  const progress = { step: 'shout', step_index: 1, total_steps: 2, status: 'received' }
  await post(`/jobs/${running}/progress`, progress)
  const done = await call()
  await post(`/jobs/${done}/final`, { status: 'succeeded', branch: [], result: 1 })
  expect(await get('/dashboard/summary')).toEqual({
    tools: {
      greet: {
        states: { pending: 1, running: 1, succeeded: 1 },
        stalled: 0,
        median_ms: expect.any(Number) as number,
      },
    },
    running: { greet: { 1: 1 } },
  })
})

it('A long payload is shown in part, and given whole', async () => {
  const text = 'ä'.repeat(100_000)
  const { job_id: id } = await post('/tools/call', { name: 'greet', arguments: { text } })
  const { input } = await get<{ input: { text: string; bytes: number } }>(`/dashboard/jobs/${id}`)
  expect(input.bytes).toBe(200_000 + '{"text":""}'.length)
  expect(input.text.length).toBeLessThan(40_000)
  expect(await get(`/dashboard/jobs/${id}/input`)).toEqual({ text })
})

it('A branch that there is not is not found, whatever it is called', async () => {
  const id = await call()
  for (const key of ['', '0.1.g', '../../etc', '\0', "' or true --", 'a'.repeat(20_000)]) {
    const path = `/dashboard/jobs/${id}/branch?key=${encodeURIComponent(key)}`
    expect((await fetch(one.url + path)).status, key.slice(0, 20)).toBeOneOf([404, 431])
  }
})

describe('The payloads of a step', () => {
  const place = { step: 'hello', step_index: 0, total_steps: 2 }
  const payloadsOf = (branch: string, ...texts: string[]): object => {
    const excerpts = texts.map((text) => ({ text, bytes: text.length }))
    return { branch, excerpts, count: texts.length }
  }
  const tell = (url: string, updates: readonly object[]): Promise<Response> =>
    fetch(`${url}/progress`, { method: 'POST', body: JSON.stringify({ updates }) })

  it('are those that its sidecar told, message by message, of a message that came again the last', async () => {
    const job_id = await call()
    const received = { job_id, ...place, status: 'received' }
    const completed = { job_id, ...place, status: 'completed' }
    await tell(one.url, [
      { ...received, payloads: payloadsOf('0.2.g', '"\\u0000 first try"') },
      { ...received, payloads: payloadsOf('0.2.g', '"second try"') },
      { ...completed, payloads: payloadsOf('0.2.g', '1', '2') },
      { ...received, payloads: payloadsOf('1.2.g', '"other"') },
      { ...received, job_id: 'nobody', payloads: payloadsOf('', '1') },
      { ...received, status: 'processing', payloads: payloadsOf('', '1') },
    ])
    expect(await get(`/dashboard/jobs/${job_id}/steps/0`)).toEqual({
      messages: [
        {
          branch: '0.2.g',
          before: { excerpts: [{ text: '"second try"', bytes: 12 }], count: 1 },
          after: {
            excerpts: [
              { text: '1', bytes: 1 },
              { text: '2', bytes: 1 },
            ],
            count: 2,
          },
        },
        { branch: '1.2.g', before: { excerpts: [{ text: '"other"', bytes: 7 }], count: 1 } },
      ],
    })
    for (const index of ['1', '999999999', '-1', '1.5', 'x', '9'.repeat(30)])
      expect(await get(`/dashboard/jobs/${job_id}/steps/${index}`)).toEqual({ messages: [] })
    await database.query(`delete from jobs where id = '${job_id}'`)
    expect((await fetch(`${one.url}/dashboard/jobs/${job_id}/steps/0`)).status).toBe(404)
  })

  it('are kept of the first messages, when there are many', async () => {
    const job_id = await call()
    for (let batch = 0; batch < 4; batch++) {
      const updates = Array.from({ length: 100 }, (_, n) => {
        const branch = `${batch * 100 + n}.400.g`
        return { job_id, ...place, status: 'received', payloads: payloadsOf(branch, '1') }
      })
      await tell(one.url, updates)
    }
    const { messages } = await get<{ messages: unknown[] }>(`/dashboard/jobs/${job_id}/steps/0`)
    expect(messages).toHaveLength(200)
  })

  it('are neither kept nor shown where the dashboard does not show any', async () => {
    const closed = await startTestGateway({
      databaseUrl: database.url,
      dashboard: { showsPayloads: false },
    })
    const job_id = await call()
    const report = { job_id, ...place, status: 'received', payloads: payloadsOf('', '"a secret"') }
    expect((await tell(closed.url, [report])).status).toBe(200)
    expect((await fetch(`${closed.url}/dashboard/jobs/${job_id}/steps/0`)).status).toBe(403)
    expect(await get(`/dashboard/jobs/${job_id}/steps/0`)).toEqual({ messages: [] })
    const { progress } = await get<{ progress: object }>(`/jobs/${job_id}`)
    expect(progress).toMatchObject({ step: 'hello', status: 'received' })
    expect(JSON.stringify(progress)).not.toContain('secret')
    await closed.close()
  })
})

import { bytesToText } from '@asya/protocol'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'

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

async function start(
  options: Partial<Parameters<typeof startTestGateway>[0]> = {},
): Promise<TestGateway> {
  const started = await startTestGateway({ databaseUrl: database.url, ...options })
  started.gateway.tools.replace([
    makeTool('triage', ['extract', 'classify'], { outputSchema: RESULT }),
    makeTool('split', ['split'], { outputSchema: RESULT, results: 'many' }),
    makeTool('store', ['store'], { results: 'none', title: 'Store it' }),
  ])
  open.push(() => started.close())
  return started
}

async function connect({ url }: TestGateway) {
  const client = new Client({ name: 'new', version: '1' }, { versionNegotiation: { mode: 'auto' } })
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

/** Ends the job of the next message of a queue. */
async function finish(gateway: TestGateway, queue: string, body: string) {
  const message = await gateway.take(queue)
  const url = `${gateway.url}/jobs/${message.jobId}/final`
  const response = await fetch(url, { method: 'POST', body })
  expect(response.status).toBe(200)
  return message
}

describe.each([
  { era: 'of 2026', connectTo: connect },
  { era: 'of 2025', connectTo: connectOld },
])('A client $era', ({ era, connectTo }) => {
  it('sees the tools, and calls one from end to end', async () => {
    const gateway = await start()
    const client = await connectTo(gateway)
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...['split', 'store', 'triage', 'job_cancel', 'job_wait'],
    ])
    const done = finish(
      gateway,
      'extract',
      '{"status":"succeeded","result":{"page": {"words":1.0}}}',
    )
    const result = await client.callTool({ name: 'triage', arguments: { a: 1 } })
    expect(bytesToText((await done).payload)).toBe('{"a":1}')
    expect(result.content).toEqual([{ type: 'text', text: '{"page": {"words":1.0}}' }])
    const value = { page: { words: 1 } }
    if (era === 'of 2026') expect(result.structuredContent).toEqual(value)
    else expect(result.structuredContent).toMatchObject({ state: 'succeeded', result: value })
  })
})

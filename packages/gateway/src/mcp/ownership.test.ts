import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { ask, readMessages, send, TASKS } from './testing/raw-client.ts'

const TOKENS = { alice: randomBytes(32).toString('hex'), bob: randomBytes(32).toString('hex') }

let database: TestDatabase
let gateway: TestGateway
let dir: string
let taskId: unknown

const as = (who: keyof typeof TOKENS) => ({
  headers: { authorization: `Bearer ${TOKENS[who]}` },
  capabilities: TASKS,
})

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'asya-tokens-'))
  const tokens = Object.entries(TOKENS).map(([principal, token]) => ({
    principal,
    hash: `sha256:${createHash('sha256').update(token).digest('hex')}`,
  }))
  const tokensPath = join(dir, 'tokens.json')
  await writeFile(tokensPath, JSON.stringify({ tokens }))
  database = await createTestDatabase(inject('postgresUrl'))
  const sites = { hosts: [], origins: [], hasLocalOrigins: true }
  gateway = await startTestGateway({ databaseUrl: database.url, security: { tokensPath, sites } })
  gateway.gateway.tools.replace([makeTool('triage', ['extract'])])
  const call = { method: 'tools/call', params: { name: 'triage' }, ...as('alice') }
  taskId = (await ask(gateway, call)).result?.['taskId']
})

afterAll(async () => {
  await gateway.close()
  await database.close()
  await rm(dir, { recursive: true })
})

describe("Another principal's job", () => {
  it('is no task for anybody else', async () => {
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const answer = await ask(gateway, { method, params: { taskId }, ...as('bob') })
      expect(answer.error).toMatchObject({ code: -32602 })
    }
    const own = await ask(gateway, { method: 'tasks/get', params: { taskId }, ...as('alice') })
    expect(own.result).toMatchObject({ taskId, status: 'working' })
  })

  it('cannot be waited for, nor be cancelled', async () => {
    for (const name of ['job_wait', 'job_cancel']) {
      const params = { name, arguments: { job_id: taskId } }
      const { result } = await ask(gateway, { method: 'tools/call', params, ...as('bob') })
      expect(result).toMatchObject({ isError: true })
      expect(JSON.stringify(result)).toContain('There is no job')
    }
  })

  it('cannot be listened to', async () => {
    const params = { notifications: { taskIds: [taskId] } }
    const response = await send(gateway, { method: 'subscriptions/listen', params, ...as('bob') })
    const messages = []
    for await (const message of readMessages(response)) messages.push(message)
    expect(messages).toMatchObject([
      { params: { notifications: { taskIds: [] } } },
      { result: { resultType: 'complete' } },
    ])
  })

  it('is not found by the same idempotency key', async () => {
    const meta = { 'asya.io/idempotencyKey': 'the-same' }
    const params = { name: 'triage' }
    const call = async (who: keyof typeof TOKENS) =>
      (await ask(gateway, { method: 'tools/call', params, meta, ...as(who) })).result?.['taskId']
    const [one, again, other] = [await call('alice'), await call('alice'), await call('bob')]
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })
})

it('A client without a token is told where it could get one', async () => {
  const response = await send(gateway, { method: 'tools/list' })
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toContain('Bearer')
})

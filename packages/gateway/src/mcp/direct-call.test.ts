import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeTool, startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { readDirectCall } from './direct-call.ts'
import { send, TASKS, type RawRequest } from './testing/raw-client.ts'

let database: TestDatabase
let gateway: TestGateway | undefined

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
})

afterEach(() => gateway?.close())

afterAll(() => database.close())

async function start(): Promise<TestGateway> {
  gateway = await startTestGateway({ databaseUrl: database.url })
  gateway.gateway.tools.replace([makeTool('free', ['free'])])
  return gateway
}

const CALL: RawRequest = {
  method: 'tools/call',
  params: { name: 'free', arguments: { a: 1 } },
  capabilities: TASKS,
}

/** The SDK answers what has a member that the gateway does not know. */
const BY_SDK = { 'example.com/other': 1 }

/** Names and kinds of everything in an answer, for what differs from call to call. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted()
      .map(([name, member]) => [name, shapeOf(member)]),
  )
}

describe('A call that is answered without the SDK', () => {
  it('is answered as the SDK would', async () => {
    const place = await start()
    const [direct, bySdk] = await Promise.all(
      [CALL, { ...CALL, meta: BY_SDK }].map(async (request) => {
        const response = await send(place, request)
        return { status: response.status, body: (await response.json()) as { result: unknown } }
      }),
    )
    expect(direct?.status).toBe(bySdk?.status)
    expect(shapeOf(direct?.body)).toEqual(shapeOf(bySdk?.body))
    expect(direct?.body.result).toMatchObject({ resultType: 'task', status: 'working' })
  })

  it('is refused, or not, as the SDK would', async () => {
    const place = await start()
    const refusals: RawRequest[] = [
      { ...CALL, params: { name: 'other' } },
      { ...CALL, params: { name: 'free', arguments: [] } },
      { ...CALL, headers: { 'mcp-name': 'other' } },
      { ...CALL, headers: { 'mcp-protocol-version': '2025-11-25' } },
      { ...CALL, headers: { accept: 'text/html' } },
      { ...CALL, headers: { 'content-type': 'text/plain' } },
    ]
    for (const refusal of refusals) {
      const read = async (request: RawRequest) => {
        const response = await send(place, request)
        const { error, result } = (await response.json()) as Record<string, unknown>
        return { status: response.status, error, result: shapeOf(result) }
      }
      expect(await read(refusal)).toEqual(await read({ ...refusal, meta: BY_SDK }))
    }
  })
})

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': 'tools/call',
  'mcp-name': 'free',
}

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'a', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': TASKS,
}

function bodyWith(meta: object, more: object = {}, params: object = {}): object {
  return {
    ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
    params: { name: 'free', arguments: {}, _meta: { ...META, ...meta }, ...params },
    ...more,
  }
}

describe('A call is left to the SDK', () => {
  it('unless it is in the plain form', () => {
    expect(readDirectCall(HEADERS, bodyWith({}))).toMatchObject({ id: 1, name: 'free' })
  })

  it.each<[string, object]>([
    ['is a batch', [bodyWith({})]],
    ['has another member', bodyWith({}, { extra: 1 })],
    ['has no id', bodyWith({}, { id: undefined })],
    ['has an id that is no whole number', bodyWith({}, { id: 1.5 })],
    ['is another method', bodyWith({}, { method: 'tools/list' })],
    ['has arguments that are no object', bodyWith({}, {}, { arguments: [] })],
    ['continues another one', bodyWith({}, {}, { requestState: 'x' })],
    ['wants progress', bodyWith({ progressToken: 1 })],
    ['has an idempotency key', bodyWith({ 'asya.io/idempotencyKey': 'k' })],
    ['is of another revision', bodyWith({ 'io.modelcontextprotocol/protocolVersion': '2027' })],
    ['knows no tasks', bodyWith({ 'io.modelcontextprotocol/clientCapabilities': {} })],
    ['says no name of its client', bodyWith({ 'io.modelcontextprotocol/clientInfo': {} })],
  ])('when it %s', (_name, body) => {
    expect(readDirectCall(HEADERS, body)).toBeUndefined()
  })

  it.each(Object.keys(HEADERS))('when its header %s is another one', (name) => {
    expect(readDirectCall({ ...HEADERS, [name]: 'other' }, bodyWith({}))).toBeUndefined()
  })
})

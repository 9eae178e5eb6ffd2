import { randomUUID } from 'node:crypto'
import { isUtf8 } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@asya/service/logger'
import {
  createMcpHandler,
  ProtocolError,
  ProtocolErrorCode,
  type McpHttpHandler,
  type McpRequestContext,
} from '@modelcontextprotocol/server'
import { DatabaseUnavailableError } from '../errors.ts'
import type { Replicas } from '../database/replicas.ts'
import { answerJson, Refusal, TAKEN_OVER, type Answer } from '../http/answer.ts'
import type { Asked, Route } from '../http/route.ts'
import type { StreamLimits } from '../http/stream-limits.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { ToolSet } from '../tools/tool-set.ts'
import { TASKS_EXTENSION, toAsker, type Asker } from './asker.ts'
import { readDirectCall } from './direct-call.ts'
import type { Era, Exchange } from './exchange.ts'
import { makeJobTools } from './job-tools.ts'
import { LegacyCalls } from './legacy-calls.ts'
import { ToolList } from './list-tools.ts'
import type { LocalTool } from './local-tool.ts'
import { LowLevelServer } from './low-level-server.ts'
import { toFetchRequest, writeFetchResponse } from './serve-fetch.ts'
import { MessageStreams } from './message-streams.ts'
import { serveTasks, type Notice } from './task.ts'
import { TaskSubscriptions } from './task-subscriptions.ts'
import { ToolCalls, type McpWaits } from './tool-calls.ts'

export interface McpOptions {
  readonly tools: ToolSet
  readonly jobs: Jobs
  readonly replicas: Replicas
  readonly logger: Logger
  readonly waits: McpWaits
  readonly retentionMs: number
  readonly limits: StreamLimits
  readonly extension?: McpExtension | undefined
}

/** What an embedding program offers beside the pipelines. */
export interface McpExtension {
  readonly tools: readonly LocalTool[]
  /** Is called for each request, with a server that answers it alone. */
  readonly prepare: (server: LowLevelServer, era: Era) => void
}

const INFO = { name: 'asya-gateway', title: 'Asya gateway', version: '0.1.0' }

/** What the SDK adds to each result. */
const META = { 'io.modelcontextprotocol/serverInfo': INFO }

const INSTRUCTIONS =
  'Each tool runs a pipeline as a job. A call answers with the result if the job ends soon, else with ' +
  'the id of the job: then call job_wait until it has ended.'

/** How long a client may use a list of tools before it asks again; it is told of changes too. */
const LIST_TTL_MS = 10_000

/** `/mcp`: Streamable HTTP for clients of all revisions, without sessions (C1 in tool-calls.ts). */
export class McpEndpoint {
  readonly #options: McpOptions
  readonly #handler: McpHttpHandler
  readonly #calls: ToolCalls
  readonly #legacyCalls: LegacyCalls
  readonly #localTools: ReadonlyMap<string, LocalTool>
  readonly #list: ToolList
  readonly #answering = new Set<Promise<unknown>>()
  readonly #exchanges = new WeakMap<Request, Exchange>()
  readonly #streams: MessageStreams
  readonly #subscriptions: TaskSubscriptions
  readonly #stopListening: () => void

  constructor(options: McpOptions) {
    const { tools, jobs, replicas, logger, waits, retentionMs, extension, limits } = options
    this.#options = options
    const legacyCalls = new LegacyCalls(replicas, logger)
    this.#legacyCalls = legacyCalls
    this.#calls = new ToolCalls({ tools, jobs, legacyCalls, waits, retentionMs, limits })
    const local = [...makeJobTools(jobs), ...(extension?.tools ?? [])]
    this.#localTools = new Map(local.map((tool) => [tool.definition.name, tool]))
    this.#list = new ToolList(
      tools,
      local.map(({ definition }) => definition),
    )
    this.#handler = createMcpHandler((ctx) => this.#makeServer(ctx), {
      // They are limited with all other streams.
      maxSubscriptions: Number.MAX_SAFE_INTEGER,
      onerror: (error) => logger.debug({ error: error.message }, 'an MCP request was refused'),
    })
    const streams = new MessageStreams(limits)
    this.#streams = streams
    this.#subscriptions = new TaskSubscriptions({
      ...{ jobs, tools, retentionMs, streams, logger, serverInfo: INFO },
      onToolsChanged: (tell) => tools.onChange(tell),
    })
    this.#stopListening = tools.onChange(() => {
      this.#list.forget()
      this.#handler.notify.toolsChanged()
    })
  }

  routes(): readonly Route[] {
    const at = { path: '/mcp', access: 'caller' } as const
    return [
      { ...at, method: 'POST', handle: (asked) => this.#handle(asked) },
      { ...at, method: 'GET', handle: (asked) => this.#listen(asked) },
    ]
  }

  /** Calls that wait are answered with handles, and streams end; within `graceMs`. Idempotent. */
  async close(graceMs: number): Promise<void> {
    this.#stopListening()
    this.#calls.close()
    this.#streams.close()
    // The SDK breaks off what it is told to close.
    const timer = new AbortController()
    await Promise.race([
      Promise.allSettled(this.#answering),
      sleep(graceMs, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ])
    timer.abort()
    await this.#handler.close()
  }

  async #handle(asked: Asked): Promise<Answer | typeof TAKEN_OVER> {
    const serving = this.#serve(asked)
    this.#answering.add(serving)
    try {
      return await serving
    } finally {
      this.#answering.delete(serving)
    }
  }

  async #serve(asked: Asked): Promise<Answer | typeof TAKEN_OVER> {
    const body = await asked.readBody()
    const parsedBody = parseBody(body)
    if (parsedBody === undefined) return refuseBody()
    const subscribed = await this.#subscriptions.serve(asked, parsedBody)
    if (subscribed) return subscribed
    const isSubscription = isMessage(parsedBody, 'subscriptions/listen')
    if (isSubscription) asked.response.once('close', this.#options.limits.take(asked.client))
    const exchange = openExchange(asked, body)
    const begun = await this.#begin(asked, exchange, parsedBody)
    if (begun) return begun
    if (isMessage(parsedBody, 'notifications/cancelled'))
      this.#legacyCalls.cancel(exchange, parsedBody.params?.['requestId'])
    const request = toFetchRequest(asked.request, exchange.gone)
    this.#exchanges.set(request, exchange)
    const answer = await this.#handler.fetch(request, { parsedBody })
    if (isMessage(parsedBody, 'initialize') && answer.ok)
      asked.response.setHeader('mcp-session-id', randomUUID())
    const written = writeFetchResponse(
      exchange.isUnavailable ? toOutage(answer) : answer,
      asked.response,
    )
    // Such a stream ends when the endpoint is closed, not before.
    if (isSubscription) written.catch(() => asked.response.destroy())
    else await written
    return TAKEN_OVER
  }

  /** Answers a call that the SDK is not needed for. */
  async #begin({ request }: Asked, exchange: Exchange, body: unknown): Promise<Answer | undefined> {
    const call = readDirectCall(request.headers, body)
    const tool = call && this.#options.tools.find(call.name)
    if (!tool || this.#localTools.has(call.name)) return undefined
    try {
      const result = await this.#calls.begin(tool, exchange, call)
      return (
        result &&
        answerJson(200, { jsonrpc: '2.0', id: call.id, result: { _meta: META, ...result } })
      )
    } catch (error) {
      // It cannot be read: the SDK says so in the way of the specification.
      if (error instanceof ProtocolError) return undefined
      if (!(error instanceof DatabaseUnavailableError)) throw error
      const { code, message } = outage()
      const answer = { jsonrpc: '2.0', id: call.id, error: { code, message } }
      return answerJson(503, answer, { 'retry-after': '2' })
    }
  }

  /** How clients of older revisions hear that the tools have changed. */
  async #listen(asked: Asked): Promise<typeof TAKEN_OVER> {
    if (asked.request.headers.accept?.includes('text/event-stream') !== true)
      throw new Refusal(406, 'not_acceptable', 'GET /mcp is a stream: accept text/event-stream')
    const message = { method: 'notifications/tools/list_changed' }
    const stream = this.#streams.open(asked, () => stop())
    const stop = this.#options.tools.onChange(() => stream.send(message))
    return TAKEN_OVER
  }

  #makeServer({ era, requestInfo }: McpRequestContext): LowLevelServer {
    const exchange = requestInfo && this.#exchanges.get(requestInfo)
    if (!exchange) throw new Error('a request that did not come through the gateway')
    const { extension, jobs, tools, retentionMs } = this.#options
    const server = new LowLevelServer(INFO, {
      capabilities: {
        tools: { listChanged: true },
        ...(era === 'modern' && { extensions: { [TASKS_EXTENSION]: {} } }),
      },
      instructions: INSTRUCTIONS,
      cacheHints: { 'tools/list': { ttlMs: LIST_TTL_MS, cacheScope: 'private' } },
    })
    server.setRequestHandler('tools/list', () => ({ tools: this.#list.list(era) }))
    server.setRequestHandler('tools/call', ({ params }, ctx) => {
      const asker = toAsker(era, exchange, ctx)
      return noticeOutage(exchange, () => this.#call(params, asker))
    })
    if (era === 'modern') {
      const notice: Notice = (run) => noticeOutage(exchange, run)
      serveTasks(server, { principal: exchange.principal, notice, jobs, tools, retentionMs })
    }
    extension?.prepare(server, era)
    return server
  }

  async #call(
    {
      name,
      arguments: args = {},
    }: { name: string; arguments?: Record<string, unknown> | undefined },
    asker: Asker,
  ) {
    const local = this.#localTools.get(name)
    if (local) return local.call(args, asker, this.#calls)
    const tool = this.#options.tools.find(name)
    if (tool) return this.#calls.call(tool, asker)
    const message = `There is no tool ${JSON.stringify(name.slice(0, 100))}: tools/list says which there are`
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message)
  }
}

/** Undefined when it is no JSON. */
function parseBody(body: Buffer): unknown {
  try {
    return isUtf8(body) ? (JSON.parse(body.toString()) as unknown) : undefined
  } catch {
    return undefined
  }
}

function refuseBody(): Answer {
  const error = { code: ProtocolErrorCode.ParseError, message: 'The body is no JSON in UTF-8' }
  return answerJson(400, { jsonrpc: '2.0', id: null, error })
}

function openExchange({ request, response, principal, client }: Asked, body: Buffer): Exchange {
  const controller = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) controller.abort()
  })
  const sessionId = request.headers['mcp-session-id']
  return {
    ...{ principal, client, body, headers: request.headers, gone: controller.signal },
    sessionId: typeof sessionId === 'string' ? sessionId : undefined,
    isUnavailable: false,
  }
}

interface Message {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

function isMessage(body: unknown, method: string): body is Message {
  return typeof body === 'object' && body !== null && Reflect.get(body, 'method') === method
}

function toOutage(answer: Response): Response {
  if (!answer.headers.get('content-type')?.startsWith('application/json')) return answer
  const headers = { 'content-type': 'application/json', 'retry-after': '2' }
  return new Response(answer.body, { status: 503, headers })
}

/** The SDK answers whatever is thrown with status 200; proxies and clients should see an outage. */
async function noticeOutage<T>(exchange: Exchange, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error
    exchange.isUnavailable = true
    throw outage()
  }
}

function outage(): ProtocolError {
  const message = 'The gateway cannot reach its database: try again in a moment'
  return new ProtocolError(ProtocolErrorCode.InternalError, message)
}

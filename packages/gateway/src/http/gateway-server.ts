import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from '@asya/service/logger'
import createRouter from 'find-my-way'
import { DatabaseUnavailableError, UnfitValueError } from '../errors.ts'
import { Refusal, TAKEN_OVER, type Answer } from './answer.ts'
import { BodyMemory } from './body-memory.ts'
import { Connections } from './connections.ts'
import { readBody } from './read-body.ts'
import type { Access, Asked, Route } from './route.ts'
import { writeAnswer } from './write-answer.ts'

/** Whose request it is, and who is limited by it: see Asked. */
export type Visitor = Pick<Asked, 'principal' | 'client'>

/**
 * Says who asks. Throws a Refusal for whoever may not, with the status and the headers that tell how
 * one could.
 */
export interface Gatekeeper {
  /**
   * Before anything is done: hosts and origins. `access` is that of the route, if there is one. May set
   * headers of the answer, and gives one where nothing more is to be said.
   */
  admit(
    request: IncomingMessage,
    response: ServerResponse,
    access: Access | undefined,
  ): Answer | undefined
  identify(request: IncomingMessage, route: Route): Promise<Visitor>
}

export interface ServerLimits {
  readonly maxBodyBytes: number
  /** Of all bodies together, of requests and answers. */
  readonly maxBodyMemoryBytes: number
  readonly maxConnections: number
  /** For the head of a request, from its first byte or the begin of the connection. */
  readonly headTimeoutMs: number
  /** For a whole request. */
  readonly requestTimeoutMs: number
  /** For the next request of a connection. */
  readonly idleTimeoutMs: number
  /** How long a client may take none of what is written for it. */
  readonly stuckTimeoutMs: number
}

export const SERVER_LIMITS: ServerLimits = {
  maxBodyBytes: 16 * 1024 ** 2,
  maxBodyMemoryBytes: 256 * 1024 ** 2,
  maxConnections: 16_000,
  headTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  // Longer than load balancers keep a connection: else they would send into one that is closing.
  idleTimeoutMs: 75_000,
  // Longer than a call may wait in silence.
  stuckTimeoutMs: 120_000,
}

const MAX_HEAD_BYTES = 16 * 1024

/** Connections that wait to be taken: after a restart all streams come again at once. */
const BACKLOG = 4_096

/** How often the times of the above are looked at. */
const CHECK_MS = 1_000

export interface GatewayServerOptions {
  readonly host: string
  readonly port: number
  readonly routes: readonly Route[]
  readonly gatekeeper: Gatekeeper
  readonly limits: ServerLimits
  readonly logger: Logger
}

/** An HTTP server: find the route → admit → identify → answer. */
export class GatewayServer {
  readonly #options: GatewayServerOptions
  readonly #router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 255 })
  readonly #server: Server
  readonly #memory: BodyMemory

  constructor(options: GatewayServerOptions) {
    this.#options = options
    for (const route of options.routes)
      this.#router.on(route.method, route.path, () => undefined, route)
    const { limits } = options
    this.#memory = new BodyMemory(limits.maxBodyMemoryBytes)
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEAD_BYTES,
        headersTimeout: limits.headTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.idleTimeoutMs,
        connectionsCheckingInterval: Math.min(CHECK_MS, limits.headTimeoutMs),
      },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.timeout = limits.stuckTimeoutMs
    new Connections(this.#server, limits.maxConnections)
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  /** Rejects when the address is taken. */
  async listen(): Promise<void> {
    const { host, port } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: BACKLOG }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  /** Takes no new requests; those under way have `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    this.#server.closeIdleConnections()
    await closed
    clearTimeout(timer)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-content-type-options', 'nosniff')
    const answer = await this.#answer(request, response).catch((error: unknown) =>
      this.#explain(error),
    )
    if (answer === TAKEN_OVER) return
    if (response.headersSent) response.destroy()
    else writeAnswer(request, response, this.#hold(response, answer))
  }

  /** An answer waits in memory for whoever reads slowly: for all of them there is one bound. */
  #hold(response: ServerResponse, answer: Answer): Answer {
    const { length } = answer.body
    if (length < MIN_HELD_BYTES) return answer
    try {
      this.#memory.hold(response, length)
      return answer
    } catch (error) {
      return this.#explain(error)
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer | typeof TAKEN_OVER> {
    const { gatekeeper, limits } = this.#options
    const url = readUrl(request)
    const found = this.#find(request.method ?? 'GET', url.pathname)
    const access = found instanceof Refusal ? undefined : found.route.access
    const early = gatekeeper.admit(request, response, access)
    if (early) return early
    if (found instanceof Refusal) throw found
    const { route, params } = found
    const visitor = await gatekeeper.identify(request, route)
    const maxBytes = Math.min(limits.maxBodyBytes, route.maxBodyBytes ?? Infinity)
    const asked: Asked = {
      ...{ request, response, url, params, ...visitor },
      readBody: () => readBody(request, response, { maxBytes, memory: this.#memory }),
    }
    return route.handle(asked)
  }

  #find(method: string, path: string): Found | Refusal {
    const found = ROUTABLE.has(method) ? this.#router.find(method as 'GET', path) : null
    // `store` is the route that was put in.
    if (found) return { route: found.store as Route, params: decodeParams(found.params) }
    const allowed = [...ROUTABLE].filter((other) => this.#router.find(other as 'GET', path))
    if (allowed.length > 0) {
      const message = `${path} is asked by ${allowed.join(' or ')}, not by ${method}`
      const refusal = new Refusal(405, 'method_not_allowed', message)
      return refusal.with({ allow: allowed.join(', ') })
    }
    return new Refusal(404, 'no_such_path', `there is nothing at ${path}: see GET /openapi.json`)
  }

  #explain(error: unknown): Answer {
    if (error instanceof Refusal) return error.toAnswer()
    const { logger } = this.#options
    if (error instanceof UnfitValueError)
      return new Refusal(400, 'unfit_value', error.message).toAnswer()
    if (error instanceof DatabaseUnavailableError) {
      logger.warn({ error: error.message }, 'the database is not available')
      const message = 'the gateway cannot reach its database: try again in a moment'
      return new Refusal(503, 'unavailable', message).with({ 'retry-after': '2' }).toAnswer()
    }
    logger.error({ error: error instanceof Error ? error.stack : String(error) }, 'a bug')
    return new Refusal(500, 'internal_error', 'the gateway failed; its log says why').toAnswer()
  }
}

interface Found {
  readonly route: Route
  readonly params: Record<string, string>
}

const ROUTABLE: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE', 'OPTIONS'])

const MIN_HELD_BYTES = 64 * 1024

/** What another program on the way would read as another path: it may guard some of them. */
const AMBIGUOUS_PATH = /[\\#]|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|^\/\//i

function readUrl(request: IncomingMessage): URL {
  const target = request.url ?? '/'
  const [path = ''] = target.split('?', 1)
  // A path of another form (a whole URL, `*`) would be read as a host.
  const isPlain = path.startsWith('/') && !AMBIGUOUS_PATH.test(path)
  const url = isPlain && URL.parse(target, 'http://gateway')
  if (!url) throw new Refusal(400, 'bad_path', 'the path of the request cannot be read')
  return url
}

function decodeParams(
  params: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value ?? '']))
}

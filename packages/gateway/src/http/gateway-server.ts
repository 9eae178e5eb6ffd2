import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from '@asya/service/logger'
import createRouter from 'find-my-way'
import { DatabaseUnavailableError } from '../errors.ts'
import { Refusal, TAKEN_OVER, type Answer } from './answer.ts'
import { readBody } from './read-body.ts'
import type { Access, Asked, Route } from './route.ts'

/**
 * Says who asks. Throws a Refusal for whoever may not, with the status and the headers that tell how
 * one could.
 */
export interface Gatekeeper {
  /** Before anything else of the request is looked at: hosts, origins, rates. */
  admit(request: IncomingMessage): void
  /** The principal. */
  identify(request: IncomingMessage, access: Access): Promise<string>
}

export interface GatewayServerOptions {
  readonly host: string
  readonly port: number
  readonly routes: readonly Route[]
  readonly gatekeeper: Gatekeeper
  readonly maxBodyBytes: number
  readonly logger: Logger
}

/** An HTTP server: admit → find the route → identify → answer. */
export class GatewayServer {
  readonly #options: GatewayServerOptions
  readonly #router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 255 })
  readonly #routes = new Map<string, Route>()
  readonly #server: Server

  constructor(options: GatewayServerOptions) {
    this.#options = options
    for (const route of options.routes) {
      this.#routes.set(`${route.method} ${route.path}`, route)
      this.#router.on(route.method, route.path, () => undefined, route)
    }
    this.#server = createServer((request, response) => void this.#serve(request, response))
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
      this.#server.listen(port, host, () => {
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
    const answer = await this.#answer(request, response).catch((error: unknown) =>
      this.#explain(error),
    )
    if (answer === TAKEN_OVER) return
    if (response.headersSent) {
      response.destroy()
      return
    }
    response.writeHead(answer.status, {
      'content-length': Buffer.byteLength(answer.body),
      ...answer.headers,
    })
    response.end(request.method === 'HEAD' ? undefined : answer.body)
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Answer | typeof TAKEN_OVER> {
    const { gatekeeper, maxBodyBytes } = this.#options
    gatekeeper.admit(request)
    const url = readUrl(request)
    const { route, params } = this.#find(request.method ?? 'GET', url.pathname)
    const principal = await gatekeeper.identify(request, route.access)
    const asked: Asked = {
      ...{ request, response, url, params, principal },
      readBody: () => readBody(request, maxBodyBytes),
    }
    return route.handle(asked)
  }

  #find(method: string, path: string): { route: Route; params: Record<string, string> } {
    const found = ROUTABLE.has(method) ? this.#router.find(method as 'GET', path) : null
    // `store` is the route that was put in.
    if (found) return { route: found.store as Route, params: decodeParams(found.params) }
    const allowed = [...ROUTABLE].filter((other) => this.#router.find(other as 'GET', path))
    if (allowed.length > 0) {
      const message = `${path} is asked by ${allowed.join(' or ')}, not by ${method}`
      throw new Refusal(405, 'method_not_allowed', message).with({ allow: allowed.join(', ') })
    }
    throw new Refusal(404, 'no_such_path', `there is nothing at ${path}: see GET /openapi.json`)
  }

  #explain(error: unknown): Answer {
    if (error instanceof Refusal) return error.toAnswer()
    const { logger } = this.#options
    if (error instanceof DatabaseUnavailableError) {
      logger.warn({ error: error.message }, 'the database is not available')
      const message = 'the gateway cannot reach its database: try again in a moment'
      return new Refusal(503, 'unavailable', message).with({ 'retry-after': '2' }).toAnswer()
    }
    logger.error({ error: error instanceof Error ? error.stack : String(error) }, 'a bug')
    return new Refusal(500, 'internal_error', 'the gateway failed; its log says why').toAnswer()
  }
}

const ROUTABLE: ReadonlySet<string> = new Set(['GET', 'POST', 'DELETE', 'OPTIONS'])

function readUrl(request: IncomingMessage): URL {
  const path = request.url ?? '/'
  // A path of another form (`//host`, a whole URL) would be read as a host.
  const url = path.startsWith('/') && !path.startsWith('//') && URL.parse(path, 'http://gateway')
  if (!url) throw new Refusal(400, 'bad_path', 'the path of the request cannot be read')
  return url
}

function decodeParams(
  params: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, value ?? '']))
}

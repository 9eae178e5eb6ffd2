import { createHash } from 'node:crypto'
import { Agent as HttpAgent, request as requestHttp, type IncomingMessage } from 'node:http'
import {
  Agent as HttpsAgent,
  request as requestHttps,
  type AgentOptions,
  type RequestOptions,
} from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { explainCut, type Asked } from './errors.ts'

/** One request; a body goes out as it stands. */
export interface KubeRequest extends Asked {
  readonly contentType?: string
  readonly body?: string
  /** From the first byte sent to the headers of the answer; to its end, unless it is a stream. */
  readonly timeoutMs: number
  readonly isStream?: boolean
  readonly signal: AbortSignal
}

export interface Response {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: IncomingMessage
}

/**
 * Kept-alive connections to one API server, with the credentials of a kubeconfig.
 *
 * C1 Credentials are read again when they are older than 10 s, and after a 401 (`forget`): tokens,
 *    certificates and authorities may be rotated under us.
 * C2 A new agent is made only when what it depends on has changed; the old one serves what it has
 *    begun.
 * C3 Every failure is a KubeError.
 * C4 After `close` there is no socket.
 * C5 A request that met a kept connection just when the server closed it is sent again once, on
 *    another one. Not a POST: it might be done twice.
 */
export class Connection {
  readonly #kubeConfig: KubeConfig
  readonly #server: URL
  readonly #userAgent: string
  readonly #agents = new Set<HttpAgent>()
  #credentials: { readonly at: number; readonly value: Promise<Credentials> } | undefined
  #agent: { readonly hash: string; readonly agent: HttpAgent } | undefined

  /** @throws when the kubeconfig names no cluster */
  constructor(kubeConfig: KubeConfig, userAgent: string) {
    const cluster = kubeConfig.getCurrentCluster()
    if (cluster === null) {
      throw new Error(
        `the kubeconfig has no cluster for its current context "${kubeConfig.getCurrentContext()}": choose a context that has one`,
      )
    }
    this.#kubeConfig = kubeConfig
    this.#server = new URL(cluster.server)
    this.#userAgent = userAgent
  }

  /** The answer's headers, with its body still to be read. */
  async send(request: KubeRequest): Promise<Response> {
    const options = this.#makeOptions(request, await this.#readCredentials(request))
    try {
      return await this.#sendOnce(request, options)
    } catch (cause) {
      if (!(cause instanceof StaleSocket)) throw explainCut(request, cause)
    }
    return this.#sendOnce(request, { ...options, agent: false }).catch((cause: unknown) => {
      throw explainCut(request, cause)
    })
  }

  #sendOnce(request: KubeRequest, options: RequestOptions): Promise<Response> {
    const { method, timeoutMs, isStream = false, body } = request
    return new Promise((resolve, reject) => {
      const send = this.#server.protocol === 'https:' ? requestHttps : requestHttp
      const sent = send(options, (response) => {
        if (isStream) clearTimeout(timer)
        const { statusCode: status = 0, headers } = response
        resolve({ status, headers, body: response })
      })
      const timer = setTimeout(() => {
        sent.destroy(new Error(`no answer within ${timeoutMs} ms`))
      }, timeoutMs)
      sent.on('close', () => clearTimeout(timer))
      sent.on('error', (cause) => {
        const isStale = sent.reusedSocket && 'code' in cause && cause.code === 'ECONNRESET'
        reject(isStale && method !== 'POST' ? new StaleSocket(cause.message) : cause)
      })
      sent.end(body)
    })
  }

  #makeOptions(request: KubeRequest, credentials: Credentials): RequestOptions {
    const { method, path, body, contentType, signal } = request
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    return {
      protocol: this.#server.protocol,
      // Without the brackets of an IPv6 address.
      hostname: this.#server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: this.#server.port,
      method,
      path: this.#server.pathname.replace(/\/$/, '') + path,
      agent: credentials.agent,
      signal,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...length,
        ...(contentType !== undefined && { 'content-type': contentType }),
        ...credentials.headers,
      },
    }
  }

  /** The credentials were refused: the next request reads them again (C1). */
  forget(): void {
    this.#credentials = undefined
  }

  close(): void {
    for (const agent of this.#agents) agent.destroy()
    this.#agents.clear()
    this.#agent = undefined
  }

  async #readCredentials(asked: Asked): Promise<Credentials> {
    const now = performance.now()
    if (this.#credentials === undefined || now - this.#credentials.at > FRESH_MS)
      this.#credentials = { at: now, value: this.#loadCredentials() }
    try {
      return await this.#credentials.value
    } catch (cause) {
      this.#credentials = undefined
      throw explainCut(asked, cause)
    }
  }

  async #loadCredentials(): Promise<Credentials> {
    const options: RequestOptions = {}
    await this.#kubeConfig.applyToHTTPSOptions(options)
    const { headers = {}, auth } = options
    const basic = typeof auth === 'string' && {
      authorization: `Basic ${Buffer.from(auth).toString('base64')}`,
    }
    return { agent: this.#pickAgent(options), headers: { ...trimHeaders(headers), ...basic } }
  }

  /** C2 */
  #pickAgent(options: RequestOptions): HttpAgent {
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername, agent } = options
    const proxied = this.#kubeConfig.getCurrentCluster()?.proxyUrl !== undefined
    if (proxied && agent instanceof HttpAgent) return agent
    const material = { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername }
    const hash = createHash('sha256').update(JSON.stringify(material)).digest('hex')
    if (this.#agent?.hash === hash) return this.#agent.agent
    if (this.#agent !== undefined) this.#agent.agent.maxFreeSockets = 0
    const made = this.#makeAgent(material)
    this.#agent = { hash, agent: made }
    this.#agents.add(made)
    return made
  }

  #makeAgent(material: object): HttpAgent {
    const given = Object.entries(material).filter(([, value]) => value !== undefined)
    const options: AgentOptions = { keepAlive: true, keepAliveMsecs: 30_000, scheduling: 'lifo' }
    return this.#server.protocol === 'https:'
      ? new HttpsAgent({ ...Object.fromEntries(given), ...options })
      : new HttpAgent(options)
  }
}

/** C5 */
class StaleSocket extends Error {}

const FRESH_MS = 10_000

interface Credentials {
  readonly agent: HttpAgent
  readonly headers: Readonly<Record<string, string>>
}

/** A token that was read from a file may end with a line. */
function trimHeaders(headers: object): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  )
}

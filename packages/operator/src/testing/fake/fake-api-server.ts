import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig } from '@kubernetes/client-node'
import { Cluster } from './cluster.ts'
import { Collector } from './collector.ts'
import { Faults, type FaultPlan } from './faults.ts'
import { handle, type Ask } from './handle.ts'
import { StatusError } from './status.ts'
import type { Mischief } from './watch-stream.ts'
import { Writer } from './writer.ts'

export interface FakeOptions {
  /** Definitions that are there from the beginning, beside those that are sent. */
  readonly definitions?: readonly object[]
  readonly faults?: FaultPlan
  /** Whether what belongs to nobody any more is deleted; true when left out. */
  readonly hasCollector?: boolean
  /** Between two bookmarks of a watch; a minute when left out. */
  readonly bookmarkMs?: number
  /** What it says it is: 1.35 when left out. */
  readonly minor?: number
}

/** One request that was answered, for tests that count. */
export interface Served {
  readonly method: string
  readonly path: string
  readonly status: number
}

/**
 * An API server of Kubernetes inside this process. It passes the same suite as the real one, for the
 * kinds that the operator uses; authentication and authorization it has none.
 */
export class FakeApiServer {
  readonly cluster: Cluster
  readonly writer: Writer
  readonly minor: number
  readonly bookmarkMs: number
  readonly #server: Server
  readonly #collector: Collector | undefined
  readonly #listeners = new Set<(served: Served) => void>()
  #faults: Faults

  private constructor(options: FakeOptions) {
    this.cluster = new Cluster()
    this.writer = new Writer(this.cluster)
    this.minor = options.minor ?? 35
    this.bookmarkMs = options.bookmarkMs ?? 60_000
    this.#faults = new Faults(options.faults)
    this.#collector = options.hasCollector === false ? undefined : new Collector(this.cluster)
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      void this.#serve(request, response)
    })
  }

  static async start(options: FakeOptions = {}): Promise<FakeApiServer> {
    const fake = new FakeApiServer(options)
    for (const definition of options.definitions ?? []) fake.define(definition)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  get faults(): Faults {
    return this.#faults
  }

  /** For requests from now on. */
  setFaults(plan: FaultPlan): void {
    this.#faults = new Faults(plan)
  }

  kubeConfig(): KubeConfig {
    const kubeConfig = new KubeConfig()
    // Plain HTTP is allowed to those alone who verify nothing.
    const cluster = { name: 'fake', server: this.url, skipTLSVerify: true }
    kubeConfig.loadFromClusterAndUser(cluster, { name: 'test' })
    return kubeConfig
  }

  /** Serves the kinds of a CustomResourceDefinition. */
  define(definition: object): void {
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    handle(this, { method: 'POST', url: new URL(path, BASE), body: definition, ...PLAIN })
  }

  /** Told of every request that was answered; returns what ends that. */
  listen(listener: (served: Served) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Watches and lists from before now are too old from now on. */
  compact(): void {
    this.cluster.compact()
  }

  /** Cuts all connections, watches included. */
  cutAll(): void {
    this.#server.closeAllConnections()
  }

  async close(): Promise<void> {
    this.#collector?.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response)
    } catch (error) {
      if (response.headersSent) response.destroy()
      else sendJson(response, toStatus(error))
    }
    const { method = '', url = '' } = request
    const served = { method, path: url, status: response.statusCode }
    for (const listener of this.#listeners) listener(served)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', headers } = request
    const url = new URL(request.url ?? '/', BASE)
    const isWatch = ['true', '1'].includes(url.searchParams.get('watch') ?? '')
    const fault = this.#faults.choose({ method, path: url.pathname, isWatch })
    const text = await readBody(request)
    if (fault === 'reset') return void response.destroy()
    if (fault === 'throttle') {
      response.setHeader('retry-after', this.#faults.retryAfterS)
      throw new StatusError(429, 'TooManyRequests', 'too many requests, please try again later')
    }
    if (fault === 'fail') throw new StatusError(500, 'InternalError', 'Internal error occurred')
    if (fault === 'slow') await sleep(this.#faults.slowMs)
    const type = MISCHIEF.get(fault ?? '')
    const ask: Ask = {
      method,
      url,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      contentType: headers['content-type'] ?? '',
      userAgent: headers['user-agent'] ?? 'unknown',
      mischief: type && { type, afterEvents: this.#faults.countdown() },
    }
    const answer = handle(this, ask)
    if (fault === 'reset-after') return void response.destroy()
    if (answer.type === 'json') sendJson(response, answer)
    else answer.start(response)
  }
}

const BASE = 'http://127.0.0.1'

const PLAIN = { contentType: 'application/json', userAgent: 'fake', mischief: undefined }

const MISCHIEF = new Map<string, Mischief['type']>([
  ['cut-watch', 'cut'],
  ['silent-watch', 'silent'],
  ['expire-watch', 'expire'],
  ['repeat-events', 'repeat'],
])

interface Json {
  readonly status: number
  /** As it goes out. */
  readonly text: string
}

function sendJson(response: ServerResponse, { status, text }: Json): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

function toStatus(error: unknown): Json {
  const status =
    error instanceof StatusError
      ? error
      : new StatusError(
          500,
          'InternalError',
          `the fake is broken: ${String((error as Error).stack)}`,
        )
  return { status: status.code, text: JSON.stringify(status.toJson()) }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

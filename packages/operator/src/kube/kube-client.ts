import type { KubeConfig } from '@kubernetes/client-node'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection, type KubeRequest } from './connection.ts'
import { explainCut, explainRefusal, KubeError, type Asked } from './errors.ts'
import type { KubeObject, ObjectKey, Resource } from './kube-object.ts'
import { makeCollectionPath, makeGroupPath, makeObjectPath, makeQuery } from './resource-path.ts'
import { readWatch, type WatchEvent } from './watch.ts'

/**
 * The API server, in raw JSON: what it sends and takes keeps the fields that we do not know.
 *
 * Every method throws a KubeError, whose `next` says what makes sense then. 429, and 5xx with a
 * Retry-After, are waited for and tried again inside, for as long as `patienceMs`.
 */
export interface KubeClient {
  /** Undefined when there is no such object (or no such kind: `hasKind` tells). */
  get(resource: Resource, key: ObjectKey): Promise<KubeObject | undefined>
  list(resource: Resource, options?: ListOptions): Promise<ObjectList>
  /** What happens after `resourceVersion`, until the server ends it. Throws `expired` when it is too old. */
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>
  /** Server-side apply, forced: the fields given become the manager's, and those it gave up go. */
  apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject>
  create(resource: Resource, object: KubeObject): Promise<KubeObject>
  /** Only if it is still at the resourceVersion that the object names; without one, whatever it is. */
  replace(resource: Resource, object: KubeObject): Promise<KubeObject>
  /** False when there was none, or another one than `uid`. */
  remove(resource: Resource, key: ObjectKey, options?: RemoveOptions): Promise<boolean>
  serverVersion(): Promise<ServerVersion>
  /** Whether the server serves a kind now. */
  hasKind(apiVersion: string, kind: string): Promise<boolean>
  /** Ends what is under way. Idempotent. */
  close(): void
}

export interface ListOptions {
  /** All namespaces without one. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly limit?: number
  readonly continueToken?: string | undefined
}

export interface ObjectList {
  readonly items: readonly KubeObject[]
  /** Where a watch goes on from. */
  readonly resourceVersion: string
  /** For the next page; undefined after the last. */
  readonly continueToken: string | undefined
}

export interface WatchOptions {
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  readonly resourceVersion: string
  /** After this the server ends the watch. */
  readonly timeoutS: number
  /** When nothing comes for so long, bookmarks included, the connection is taken for dead. */
  readonly silenceMs: number
  readonly signal: AbortSignal
}

export interface ApplyOptions {
  /** Who has the fields. */
  readonly manager: string
  readonly subresource?: 'status'
  /** Checks all, and keeps nothing. */
  readonly isDryRun?: boolean
}

export interface RemoveOptions {
  readonly uid?: string
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
}

export interface ServerVersion {
  readonly major: number
  readonly minor: number
}

export interface ClientOptions {
  /** Who we are in the logs of the API server: `asya-operator/0.1.0`. */
  readonly userAgent: string
  /** How long one request may take; 30 s when left out. */
  readonly timeoutMs?: number
  /** How long a busy server is waited for, all in all; 30 s when left out. */
  readonly patienceMs?: number
}

/** @throws when the kubeconfig names no cluster */
export function createKubeClient(kubeConfig: KubeConfig, options: ClientOptions): KubeClient {
  return new RawClient(new Connection(kubeConfig, options.userAgent), options)
}

interface Sending extends Asked {
  readonly contentType?: string
  readonly body?: string
}

class RawClient implements KubeClient {
  readonly #connection: Connection
  readonly #timeoutMs: number
  readonly #patienceMs: number
  readonly #closing = new AbortController()

  constructor(connection: Connection, { timeoutMs = 30_000, patienceMs = 30_000 }: ClientOptions) {
    this.#connection = connection
    this.#timeoutMs = timeoutMs
    this.#patienceMs = patienceMs
  }

  async get(resource: Resource, key: ObjectKey): Promise<KubeObject | undefined> {
    const path = makeObjectPath(resource, key)
    const found = await orUndefined(this.#ask({ method: 'GET', path }), 'not_found')
    return found as KubeObject | undefined
  }

  async list(resource: Resource, options: ListOptions = {}): Promise<ObjectList> {
    const { namespace, labelSelector, limit, continueToken } = options
    const query = makeQuery({ labelSelector, limit, continue: continueToken })
    const path = makeCollectionPath(resource, namespace) + query
    const { items, metadata } = (await this.#ask({ method: 'GET', path })) as ListBody
    // The items of a list do not say what they are.
    const { apiVersion, kind } = resource
    return {
      items: (items ?? []).map((item) => ({ ...item, apiVersion, kind })),
      resourceVersion: metadata.resourceVersion ?? '',
      continueToken: metadata.continue || undefined,
    }
  }

  async *watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent> {
    const { namespace, labelSelector, resourceVersion, timeoutS, silenceMs } = options
    const query = makeQuery({
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector,
      resourceVersion,
      timeoutSeconds: timeoutS,
    })
    const asked = { method: 'GET', path: makeCollectionPath(resource, namespace) + query }
    const signal = AbortSignal.any([options.signal, this.#closing.signal])
    const body = await this.#sendPatiently({ ...asked, isStream: true }, signal)
    yield* readWatch(body, { asked, silenceMs })
  }

  async apply(resource: Resource, object: KubeObject, options: ApplyOptions): Promise<KubeObject> {
    const { manager, subresource, isDryRun = false } = options
    const { namespace = '', name } = object.metadata
    const query = makeQuery({
      fieldManager: manager,
      force: 'true',
      dryRun: isDryRun ? 'All' : undefined,
    })
    const below = subresource === undefined ? '' : `/${subresource}`
    return this.#write({
      method: 'PATCH',
      path: makeObjectPath(resource, { namespace, name }) + below + query,
      contentType: 'application/apply-patch+yaml',
      body: JSON.stringify(object),
    })
  }

  async create(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const path = makeCollectionPath(resource, object.metadata.namespace)
    return this.#write({ method: 'POST', path, ...asJson(object) })
  }

  async replace(resource: Resource, object: KubeObject): Promise<KubeObject> {
    const { namespace = '', name } = object.metadata
    const path = makeObjectPath(resource, { namespace, name })
    return this.#write({ method: 'PUT', path, ...asJson(object) })
  }

  async remove(
    resource: Resource,
    key: ObjectKey,
    { uid, propagation = 'Background' }: RemoveOptions = {},
  ): Promise<boolean> {
    const options = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: propagation,
      ...(uid !== undefined && { preconditions: { uid } }),
    }
    const path = makeObjectPath(resource, key)
    const removing = this.#ask({ method: 'DELETE', path, ...asJson(options) })
    // A precondition that does not hold is answered as a conflict.
    const removed = await orUndefined(removing, 'not_found', 'conflict')
    return removed !== undefined
  }

  async serverVersion(): Promise<ServerVersion> {
    const said = (await this.#ask({ method: 'GET', path: '/version' })) as VersionBody
    // Some distributions say `33+`.
    return { major: Number.parseInt(said.major, 10), minor: Number.parseInt(said.minor, 10) }
  }

  async hasKind(apiVersion: string, kind: string): Promise<boolean> {
    const asking = this.#ask({ method: 'GET', path: makeGroupPath(apiVersion) })
    const found = (await orUndefined(asking, 'not_found')) as DiscoveryBody | undefined
    return found?.resources.some((each) => each.kind === kind && !each.name.includes('/')) ?? false
  }

  close(): void {
    this.#closing.abort(new Error('the client is closed'))
    this.#connection.close()
  }

  async #write(sending: Sending): Promise<KubeObject> {
    return (await this.#ask(sending)) as KubeObject
  }

  async #ask(sending: Sending): Promise<unknown> {
    const body = await this.#sendPatiently(sending, this.#closing.signal)
    const text = await readText(sending, body)
    try {
      return JSON.parse(text) as unknown
    } catch (cause) {
      throw explainCut(sending, cause)
    }
  }

  /** The body of an answer below 400. */
  async #sendPatiently(
    sending: Sending & { readonly isStream?: boolean },
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const endsAt = performance.now() + this.#patienceMs
    for (let failures = 0; ; failures += 1) {
      const error = await this.#sendOnce({ ...sending, timeoutMs: this.#timeoutMs, signal })
      if (!(error instanceof KubeError)) return error
      if (error.code === 'unauthorized' && failures === 0) {
        this.#connection.forget()
        continue
      }
      const waitMs = this.#planWait(error, failures)
      if (waitMs === undefined || performance.now() + waitMs > endsAt) throw error
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw error
      })
    }
  }

  async #sendOnce(request: KubeRequest): Promise<IncomingMessage | KubeError> {
    try {
      const { status, headers, body } = await this.#connection.send(request)
      if (status < 400) return body
      const text = await readText(request, body)
      const retryAfterMs = readRetryAfter(headers['retry-after'])
      return explainRefusal(request, { status, text, retryAfterMs })
    } catch (error) {
      if (error instanceof KubeError) return error
      throw error
    }
  }

  /** How long to wait for a server that is busy; undefined when waiting is no use here. */
  #planWait({ code, retryAfterMs }: KubeError, failures: number): number | undefined {
    const isBusy = code === 'throttled' || (code === 'unavailable' && retryAfterMs !== undefined)
    if (!isBusy) return undefined
    const askedMs = retryAfterMs ?? FIRST_WAIT_MS
    // It asks everybody for the same second: they must not come back together.
    return Math.max(askedMs, FIRST_WAIT_MS * 2 ** failures) * (1 + Math.random() / 4)
  }
}

const FIRST_WAIT_MS = 250

interface ListBody {
  readonly items?: readonly KubeObject[] | null
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
}

interface VersionBody {
  readonly major: string
  readonly minor: string
}

interface DiscoveryBody {
  readonly resources: readonly { readonly kind: string; readonly name: string }[]
}

function asJson(body: object): { readonly contentType: string; readonly body: string } {
  return { contentType: 'application/json', body: JSON.stringify(body) }
}

async function orUndefined(
  asking: Promise<unknown>,
  ...codes: readonly KubeError['code'][]
): Promise<unknown> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof KubeError && codes.includes(error.code)) return undefined
    throw error
  }
}

async function readText(asked: Asked, body: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of body) chunks.push(chunk as Buffer)
  } catch (cause) {
    throw explainCut(asked, cause)
  }
  return Buffer.concat(chunks).toString()
}

function readRetryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(header)
  return header !== undefined && seconds >= 0 ? seconds * 1_000 : undefined
}

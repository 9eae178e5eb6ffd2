import { setTimeout as sleep } from 'node:timers/promises'
import { KubeError } from './errors.ts'
import type { KubeClient } from './kube-client.ts'
import type { KubeObject, ObjectKey, Resource } from './kube-object.ts'
import { joinKey, ObjectStore, readKey, type Index } from './object-store.ts'
import type { WatchEvent } from './watch.ts'

/**
 * A copy of one kind's objects, kept up to date:
 *
 *   idle → listing → watching ⇄ waiting → watching | listing …; from each of them → closed
 *
 * R1 After a list the store holds what the server has: what is not in it any more is taken out, and
 *    told as gone.
 * R2 A watch goes on from the resourceVersion of the last event, bookmark or list, so that nothing is
 *    missed and little is repeated. When that is too old (410) all is listed anew.
 * R3 `onChange` hears of every change at least once, after the store has it, and of none that the
 *    store knew already (a repeated event, an object unchanged between two lists).
 * R4 No failure ends it. A watch that the server ended in its time is remade at once; anything else
 *    waits, 0.8 s to 30 s with jitter, and longer where the server asks for it. Watches that fail
 *    again and again are given up for a list.
 * R5 A silent watch is taken for dead: bookmarks come every minute where nothing else does.
 * R6 What is kept is what `trim` leaves; managedFields never.
 * R7 After `close` there is no watch and no timer, and `onChange` is not called any more.
 */
export class Reflector {
  readonly store: ObjectStore
  readonly #options: ReflectorOptions
  readonly #timing: ReflectorTiming
  readonly #closing = new AbortController()
  readonly #synced = Promise.withResolvers<undefined>()
  #state: ReflectorState = 'idle'
  #running: Promise<void> = Promise.resolve()
  #hasSynced = false

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.store = new ObjectStore(options.index)
    this.#timing = { ...TIMING, ...options.timing }
    this.#synced.promise.catch(() => undefined)
  }

  get state(): ReflectorState {
    return this.#state
  }

  /** Whether a list was complete once: from then on what the store lacks is not there. */
  get hasSynced(): boolean {
    return this.#hasSynced
  }

  /** Resolves at the first complete list; rejects if it is closed before. */
  whenSynced(): Promise<void> {
    return this.#synced.promise
  }

  start(): void {
    if (this.#state !== 'idle') return
    this.#state = 'listing'
    this.#running = this.#run()
  }

  /** R7. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed'
    this.#closing.abort()
    this.#synced.reject(new Error(`the reflector of ${this.#options.resource.plural} is closed`))
    await this.#running
  }

  /** R4 */
  async #run(): Promise<void> {
    let from: string | undefined
    for (let failures = 0; !this.#isClosed();) {
      try {
        from ??= await this.#list()
        for await (const version of this.#watch(from)) {
          from = version
          failures = 0
        }
        failures = 0
      } catch (error) {
        if (this.#isClosed()) return
        failures += 1
        if (needsList(error) || failures >= WATCHES_BEFORE_LIST) from = undefined
        await this.#wait(error, failures)
      }
    }
  }

  /** R1. The version to watch from. */
  async #list(): Promise<string> {
    this.#become('listing')
    const { client, resource, namespace, labelSelector } = this.#options
    const missing = new Map([...this.store.keys()].map((key) => [joinKey(key), key]))
    let continueToken: string | undefined
    for (;;) {
      const page = await client.list(resource, {
        namespace,
        labelSelector,
        limit: this.#timing.pageSize,
        continueToken,
      })
      if (this.#isClosed()) return page.resourceVersion
      for (const object of page.items) {
        missing.delete(joinKey(readKey(object)))
        this.#set(object)
      }
      continueToken = page.continueToken
      if (continueToken !== undefined) continue
      for (const key of missing.values()) this.#delete(key)
      this.#hasSynced = true
      this.#synced.resolve(undefined)
      return page.resourceVersion
    }
  }

  /** R2, R5. Yields each version that the store has come to. */
  async *#watch(resourceVersion: string): AsyncIterable<string> {
    this.#become('watching')
    const { client, resource, namespace, labelSelector } = this.#options
    const { shortestWatchS, longestWatchS, silenceMs } = this.#timing
    const events = client.watch(resource, {
      namespace,
      labelSelector,
      resourceVersion,
      timeoutS: Math.ceil(shortestWatchS + Math.random() * (longestWatchS - shortestWatchS)),
      silenceMs,
      signal: this.#closing.signal,
    })
    const startedAt = performance.now()
    let hasEvents = false
    for await (const event of events) {
      if (this.#isClosed()) return
      hasEvents = true
      const version = this.#take(event)
      if (version !== '') yield version
    }
    // Remaking such a watch at once, again and again, would be a storm.
    if (!hasEvents && performance.now() - startedAt < SHORT_WATCH_MS)
      throw new Error('the watch ended at once, and without an event')
  }

  /** The version that the store has come to by it; empty where the server does not say. */
  #take(event: WatchEvent): string {
    if (event.type === 'bookmark') return event.resourceVersion
    if (event.type === 'set') this.#set(event.object)
    else this.#delete(readKey(event.object))
    return event.object.metadata.resourceVersion ?? ''
  }

  /** R3, R6 */
  #set(object: KubeObject): void {
    const key = readKey(object)
    const version = object.metadata.resourceVersion
    if (version !== undefined && this.store.getVersion(key) === version) return
    const bare = dropManagedFields(object)
    const marks = this.store.set(this.#options.trim?.(bare) ?? bare)
    this.#options.onChange(key, marks)
  }

  #delete(key: ObjectKey): void {
    const marks = this.store.delete(key)
    if (marks !== undefined) this.#options.onChange(key, marks)
  }

  async #wait(error: unknown, failures: number): Promise<void> {
    this.#become('waiting')
    const { firstWaitMs, longestWaitMs } = this.#timing
    const askedMs = error instanceof KubeError ? (error.retryAfterMs ?? 0) : 0
    const plannedMs = Math.min(firstWaitMs * 2 ** (failures - 1), longestWaitMs)
    const waitMs = Math.max(askedMs, plannedMs * (1 - Math.random() / 2))
    this.#options.onFailure?.(error, waitMs)
    const { signal } = this.#closing
    await sleep(waitMs, undefined, { signal }).catch(() => undefined)
  }

  #become(state: ReflectorState): void {
    if (!this.#isClosed()) this.#state = state
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted
  }
}

export type ReflectorState = 'idle' | 'listing' | 'watching' | 'waiting' | 'closed'

export interface ReflectorOptions {
  readonly client: KubeClient
  readonly resource: Resource
  /** All namespaces without one. */
  readonly namespace?: string | undefined
  readonly labelSelector?: string | undefined
  /** What is kept of an object; metadata's name, namespace and resourceVersion must stay. */
  readonly trim?: (object: KubeObject) => KubeObject
  /** By what the store finds objects, beside their keys; it sees what `trim` left. */
  readonly index?: Index
  /**
   * Something about this object changed; the store says what is there now. With the marks of the
   * index, those from before the change included. It must not throw.
   */
  readonly onChange: (key: ObjectKey, marks: readonly string[]) => void
  /** For logs and metrics: a list or watch failed, and is tried again after this time. */
  readonly onFailure?: (error: unknown, waitMs: number) => void
  readonly timing?: Partial<ReflectorTiming>
}

export interface ReflectorTiming {
  readonly pageSize: number
  /** A watch is asked for a time between these two, so that not all of them end together. */
  readonly shortestWatchS: number
  readonly longestWatchS: number
  readonly silenceMs: number
  readonly firstWaitMs: number
  readonly longestWaitMs: number
}

const TIMING: ReflectorTiming = {
  pageSize: 500,
  shortestWatchS: 300,
  longestWatchS: 600,
  silenceMs: 150_000,
  firstWaitMs: 800,
  longestWaitMs: 30_000,
}

const WATCHES_BEFORE_LIST = 5
const SHORT_WATCH_MS = 1_000

/** They say who wrote which field, and are often longer than all the rest. */
function dropManagedFields(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } }
}

function needsList(error: unknown): boolean {
  return error instanceof KubeError && (error.next === 'list' || error.code === 'not_found')
}

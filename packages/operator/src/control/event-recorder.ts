import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeError } from '../kube/errors.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import type { KubeObject } from '../kube/kube-object.ts'
import { EVENTS } from '../kube/resources.ts'
import { toMicroTime } from './micro-time.ts'

/**
 * Tells people what happened to an object, by Events.
 *
 * E1 `record` never throws and never waits. Events are written one after the other; what cannot be
 *    written is dropped, and counted.
 * E2 The same reason and note for the same object is one Event with a count, for ten minutes.
 * E3 An object that has much to say is listened to 25 times, and then once in five minutes.
 * E4 Memory is bounded: so many Events wait at most, and so many objects are remembered.
 * E5 `close` writes what waits, for two seconds at most.
 */
export class EventRecorder {
  readonly #options: RecorderOptions
  readonly #told = new Map<string, Told>()
  readonly #allowances = new Map<string, Allowance>()
  readonly #waiting = new Set<string>()
  #sending: Promise<void> | undefined
  #isClosed = false
  #droppedCount = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** How many were not written. */
  get droppedCount(): number {
    return this.#droppedCount
  }

  /** E1 */
  record(about: About, news: News): void {
    if (this.#isClosed) return
    const { uid = '', namespace = '', name } = about.metadata
    const object = `${uid}/${namespace}/${name}`
    const key = [object, news.reason, news.note].join('\n')
    const now = Date.now()
    const told = this.#told.get(key)
    const isFresh = told !== undefined && now - told.firstAt < WINDOW_MS
    // Put last, for E4.
    this.#told.delete(key)
    this.#told.set(
      key,
      isFresh
        ? { ...told, count: told.count + 1, lastAt: now }
        : { about, news, count: 1, firstAt: now, lastAt: now, name: nameEvent(name) },
    )
    forgetOldest(this.#told, MOST_REMEMBERED)
    // A repetition that is not told now is in the count of the next one. (E2)
    if (!this.#mayTell(object, now) || this.#waiting.size >= MOST_WAITING) {
      if (!isFresh) this.#drop(key)
      return
    }
    this.#waiting.add(key)
    this.#sending ??= this.#sendAll()
  }

  /** E5. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    const abort = new AbortController()
    const { signal } = abort
    await Promise.race([
      this.#sending,
      sleep(CLOSE_MS, undefined, { signal }).catch(() => undefined),
    ])
    abort.abort()
    this.#waiting.clear()
  }

  /** E3 */
  #mayTell(object: string, now: number): boolean {
    const before = this.#allowances.get(object) ?? { left: BURST, at: now }
    const left = Math.min(BURST, before.left + (now - before.at) / REFILL_MS)
    this.#allowances.delete(object)
    this.#allowances.set(object, { left: left >= 1 ? left - 1 : left, at: now })
    forgetOldest(this.#allowances, MOST_REMEMBERED)
    return left >= 1
  }

  #drop(key: string): void {
    this.#droppedCount += 1
    this.#told.delete(key)
  }

  async #sendAll(): Promise<void> {
    for (const key of this.#waiting) {
      this.#waiting.delete(key)
      try {
        await this.#send(key)
      } catch {
        this.#drop(key)
      }
    }
    this.#sending = undefined
  }

  async #send(key: string): Promise<void> {
    const { client, component } = this.#options
    const told = this.#told.get(key)
    if (told === undefined) return
    if (told.written !== undefined) {
      // Only the series of an Event may change.
      const event = { ...told.written, series: makeSeries(told) }
      await client.apply(EVENTS, event, { manager: component })
      return
    }
    const event = this.#makeEvent(told)
    await client.create(EVENTS, event).catch((error: unknown) => {
      // It was created by an attempt whose answer was lost.
      if (!(error instanceof KubeError) || error.code !== 'exists') throw error
    })
    const { apiVersion, kind, metadata } = event
    const latest = this.#told.get(key)
    if (latest !== undefined)
      this.#told.set(key, { ...latest, written: { apiVersion, kind, metadata } })
  }

  #makeEvent({ about, news, firstAt, name, count, lastAt }: Told): KubeObject {
    const { component, instance } = this.#options
    const { apiVersion, kind, metadata } = about
    const { namespace = 'default', uid, resourceVersion } = metadata
    return {
      apiVersion: EVENTS.apiVersion,
      kind: EVENTS.kind,
      metadata: { name, namespace },
      eventTime: toMicroTime(new Date(firstAt)),
      ...(count > 1 && { series: makeSeries({ count, lastAt }) }),
      type: news.type,
      reason: news.reason,
      action: news.action,
      note: cut(news.note, LONGEST_NOTE),
      regarding: { apiVersion, kind, name: metadata.name, namespace, uid, resourceVersion },
      reportingController: component,
      reportingInstance: cut(instance, LONGEST_INSTANCE),
    }
  }
}

/** Whom an Event is about. */
export interface About {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
  }
}

export interface News {
  readonly type: 'Normal' | 'Warning'
  /** Why, in one word. */
  readonly reason: string
  /** What was being done. */
  readonly action: string
  /** For people; cut at 1,024 bytes. */
  readonly note: string
}

export interface RecorderOptions {
  readonly client: KubeClient
  /** `asya-operator`. */
  readonly component: string
  /** Which process of it. */
  readonly instance: string
}

interface Told {
  readonly about: About
  readonly news: News
  readonly name: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** Who the Event is, once it is there. */
  readonly written?: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>
}

interface Allowance {
  readonly left: number
  readonly at: number
}

const WINDOW_MS = 600_000
const BURST = 25
const REFILL_MS = 300_000
const CLOSE_MS = 2_000
const MOST_WAITING = 1_000
const MOST_REMEMBERED = 4_096

/** Limits of the API server, in bytes. */
const LONGEST_NOTE = 1_024
const LONGEST_INSTANCE = 128
const LONGEST_NAME = 253

function makeSeries({ count, lastAt }: Pick<Told, 'count' | 'lastAt'>): object {
  return { count, lastObservedTime: toMicroTime(new Date(lastAt)) }
}

function nameEvent(name: string): string {
  const suffix = `.${randomBytes(8).toString('hex')}`
  return name.slice(0, LONGEST_NAME - suffix.length) + suffix
}

/** To so many bytes of UTF-8, at the end of a character. */
function cut(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= mostBytes) return text
  const kept = bytes.subarray(0, mostBytes - Buffer.byteLength('…')).toString()
  // What was cut in two reads as U+FFFD.
  return `${kept.replace(/\uFFFD$/, '')}…`
}

/** Maps keep the order of insertion. */
function forgetOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}

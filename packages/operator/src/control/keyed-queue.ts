/**
 * Keys that have work to be done, and the workers that do it. A key is
 *
 *   idle → waiting (in a line, or for its time) → running → idle | waiting
 *
 * Q1 A key is worked on by one worker at a time.
 * Q2 A key that is added while it is worked on is worked on again afterwards; nothing is lost.
 * Q3 A key stands in line once, however often it was added; of several times the earliest holds.
 * Q4 Keys of normal priority come first, each in the order of their coming; a low key that is added
 *    as normal becomes normal.
 * Q5 What fails waits before it is tried again: from 200 ms doubled to 5 min, with jitter, until it
 *    succeeds or is forgotten. A failure never stops the queue.
 * Q6 After `close` nothing begins any more, and there is no timer; what runs is waited for.
 */
export class KeyedQueue {
  readonly #options: QueueOptions
  readonly #backoff: Backoff
  readonly #closing = new AbortController()
  /** In line, by priority; sets keep the order of their coming. */
  readonly #lines = { normal: new Set<string>(), low: new Set<string>() }
  readonly #running = new Map<string, Promise<void>>()
  /** Added while running: with which priority (Q2). */
  readonly #dirty = new Map<string, Priority>()
  readonly #later = new Map<string, Alarm>()
  readonly #failures = new Map<string, number>()

  constructor(options: QueueOptions) {
    this.#options = options
    this.#backoff = { ...BACKOFF, ...options.backoff }
  }

  /** Keys in line, not those that wait for their time. */
  get length(): number {
    return this.#lines.normal.size + this.#lines.low.size
  }

  get runningCount(): number {
    return this.#running.size
  }

  /** Whether nothing is in line or running; keys may still wait for their time. */
  get isIdle(): boolean {
    return this.length === 0 && this.#running.size === 0
  }

  /** How often a key has failed since it last succeeded. */
  countFailures(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  add(key: string, priority: Priority = 'normal'): void {
    if (this.#isClosed()) return
    // It does not wait for its time any more.
    this.#dismissAlarm(key)
    if (this.#running.has(key)) {
      if (priority === 'normal' || !this.#dirty.has(key)) this.#dirty.set(key, priority)
      return
    }
    if (priority === 'normal') {
      this.#lines.low.delete(key)
      this.#lines.normal.add(key)
    } else if (!this.#lines.normal.has(key)) this.#lines.low.add(key)
    this.#startWorkers()
  }

  /** Q3. A key that is in line already is not delayed. */
  addAfter(key: string, delayMs: number, priority: Priority = 'normal'): void {
    if (this.#isClosed() || this.#isInLine(key)) return
    const at = performance.now() + delayMs
    const alarm = this.#later.get(key)
    if (alarm !== undefined && alarm.at <= at) return
    this.#dismissAlarm(key)
    const timer = setTimeout(() => {
      this.#later.delete(key)
      this.add(key, priority)
    }, delayMs)
    this.#later.set(key, { at, timer })
  }

  /** Q5. The wait grows with every call, until `forget`. */
  addRateLimited(key: string): void {
    const failures = this.countFailures(key) + 1
    this.#failures.set(key, failures)
    const { firstMs, longestMs } = this.#backoff
    const plannedMs = Math.min(firstMs * 2 ** (failures - 1), longestMs)
    this.addAfter(key, plannedMs * (1 - Math.random() / 2))
  }

  /** Its failures do not count any more. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** Q6. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    for (const key of [...this.#later.keys()]) this.#dismissAlarm(key)
    this.#lines.normal.clear()
    this.#lines.low.clear()
    this.#dirty.clear()
    this.#failures.clear()
    await Promise.all(this.#running.values())
  }

  #startWorkers(): void {
    while (this.#running.size < this.#options.concurrency) {
      const key = this.#takeNext()
      if (key === undefined) return
      this.#running.set(key, this.#work(key))
    }
  }

  /** Q4 */
  #takeNext(): string | undefined {
    for (const line of [this.#lines.normal, this.#lines.low]) {
      for (const key of line) {
        line.delete(key)
        return key
      }
    }
    return undefined
  }

  async #work(key: string): Promise<void> {
    // The worker must be known as running before it can add keys itself.
    await Promise.resolve()
    const outcome = await this.#try(key)
    this.#running.delete(key)
    if (this.#isClosed()) return
    if (outcome.next !== 'retry') this.forget(key)
    const dirty = this.#dirty.get(key)
    this.#dirty.delete(key)
    if (outcome.next === 'retry') {
      this.addRateLimited(key)
      // What changed meanwhile may have mended it; or it is what the failing work itself did.
      if (dirty !== undefined) this.addAfter(key, this.#backoff.firstMs, dirty)
    } else if (dirty !== undefined) this.add(key, dirty)
    if (outcome.next === 'after') this.addAfter(key, outcome.delayMs, 'low')
    this.#startWorkers()
  }

  async #try(key: string): Promise<Outcome> {
    try {
      return await this.#options.work(key, this.#closing.signal)
    } catch (error) {
      this.#options.onFailure(key, error)
      return { next: 'retry' }
    }
  }

  #isInLine(key: string): boolean {
    return this.#lines.normal.has(key) || this.#lines.low.has(key) || this.#dirty.has(key)
  }

  #dismissAlarm(key: string): void {
    clearTimeout(this.#later.get(key)?.timer)
    this.#later.delete(key)
  }

  #isClosed(): boolean {
    return this.#closing.signal.aborted
  }
}

export type Priority = 'normal' | 'low'

/**
 * What a worker says of a key: `done`, `after` (look again then; a low priority will do), or `retry`
 * (as if it had thrown, but nothing is reported).
 */
export type Outcome =
  | { readonly next: 'done' }
  | { readonly next: 'after'; readonly delayMs: number }
  | { readonly next: 'retry' }

export interface QueueOptions {
  /** How many keys are worked on at a time. */
  readonly concurrency: number
  /** The signal tells that the queue is closing: what may be left out now is left out. */
  readonly work: (key: string, signal: AbortSignal) => Promise<Outcome>
  /** `work` threw; the key is tried again. */
  readonly onFailure: (key: string, error: unknown) => void
  readonly backoff?: Partial<Backoff>
}

export interface Backoff {
  readonly firstMs: number
  readonly longestMs: number
}

const BACKOFF: Backoff = { firstMs: 200, longestMs: 300_000 }

interface Alarm {
  readonly at: number
  readonly timer: NodeJS.Timeout
}

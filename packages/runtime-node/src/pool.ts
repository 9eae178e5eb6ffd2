import type { Loaded } from './isolate/isolate.ts'
import type { Log } from './log.ts'
import { PoolWorker } from './pool-worker.ts'
import type {
  BoundCreateIsolate,
  PoolWorkerEvents,
  WorkerKind,
  WorkerState,
} from './pool-worker.ts'

/**
 * The workers there are, and the loading of new ones.
 *
 *   open → closed    (closed by its owner, or given up: `onGivenUp`)
 *
 * O1 A load that fails is tried again after a wait that doubles; it is given up when it has failed
 *    MAX_FAILED_LOADS times in a row.
 * O2 A worker that ended is no longer among the workers, even while its thread still ends.
 */

export interface PoolOptions {
  readonly createIsolate: BoundCreateIsolate
  readonly loadTimeoutMs: number
}

export interface PoolEvents extends PoolWorkerEvents {
  onLoaded(worker: PoolWorker): void
  /** The wait after a failed load is over. */
  onRetry(): void
  onGivenUp(reason: string): void
}

const MAX_FAILED_LOADS = 5
const FIRST_RETRY_MS = 100
/** A thread that is blocked in native code ends only when that returns. */
const END_WARNING_MS = 5_000

export class Pool {
  readonly #options: PoolOptions
  readonly #events: PoolEvents
  readonly #log: Log
  readonly #workers = new Set<PoolWorker>()
  #isClosed = false
  #failedLoads = 0
  #retry: NodeJS.Timeout | undefined

  constructor(options: PoolOptions, events: PoolEvents, log: Log) {
    this.#options = options
    this.#events = {
      ...events,
      onDeath: (worker, death) => {
        this.#workers.delete(worker)
        events.onDeath(worker, death)
      },
    }
    this.#log = log
  }

  get workers(): Iterable<PoolWorker> {
    return this.#workers
  }

  has(kind: WorkerKind, ...states: readonly WorkerState[]): boolean {
    for (const worker of this.#workers)
      if (worker.kind === kind && states.includes(worker.state)) return true
    return false
  }

  count(state: WorkerState): number {
    let count = 0
    for (const worker of this.#workers) if (worker.state === state) count++
    return count
  }

  /** Loads the first worker, without a second try. */
  async loadFirst(): Promise<Loaded> {
    const worker = this.#add('regular')
    const loaded = await this.#load(worker)
    if (loaded.ok) worker.serve()
    return loaded
  }

  /** Sees to it that a worker of this kind serves, or will. */
  ensure(kind: WorkerKind): void {
    if (this.#isClosed || this.#retry || this.has(kind, 'loading', 'serving')) return
    void this.#replace(this.#add(kind))
  }

  /** Ends a worker at once, whatever runs in it. */
  end(worker: PoolWorker): void {
    this.#workers.delete(worker)
    const timer = setTimeout(() => {
      const hint = 'for handlers that block in native code there is ASYA_ISOLATION=process'
      this.#log.warn({}, `a worker that was ended still blocks its thread; ${hint}`)
    }, END_WARNING_MS)
    timer.unref()
    void worker.end().finally(() => {
      clearTimeout(timer)
    })
  }

  /** Ends all workers. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#retry)
    const workers = [...this.#workers]
    this.#workers.clear()
    await Promise.all(workers.map((worker) => worker.end()))
  }

  #add(kind: WorkerKind): PoolWorker {
    const worker = new PoolWorker(kind, this.#options.createIsolate, this.#events)
    this.#workers.add(worker)
    return worker
  }

  async #load(worker: PoolWorker): Promise<Loaded> {
    const { loadTimeoutMs } = this.#options
    const timeout = Promise.withResolvers<Loaded>()
    const timer = setTimeout(() => {
      const reason = `it was not loaded within ${String(loadTimeoutMs)} ms (ASYA_LOAD_TIMEOUT)`
      timeout.resolve({ ok: false, reason })
    }, loadTimeoutMs)
    const loaded = await Promise.race([worker.isolate.load(), timeout.promise])
    clearTimeout(timer)
    return loaded
  }

  async #replace(worker: PoolWorker): Promise<void> {
    const startedAt = performance.now()
    const loaded = await this.#load(worker)
    if (this.#isClosed) return
    if (loaded.ok) {
      this.#failedLoads = 0
      worker.serve()
      this.#log.info({ load_ms: Math.round(performance.now() - startedAt) }, 'a new worker serves')
      this.#events.onLoaded(worker)
      return
    }
    this.end(worker)
    this.#failedLoads++
    if (this.#failedLoads >= MAX_FAILED_LOADS) {
      this.#isClosed = true
      this.#events.onGivenUp(loaded.reason)
      return
    }
    const waitMs = FIRST_RETRY_MS * 2 ** (this.#failedLoads - 1)
    this.#log.error({ retry_ms: waitMs }, `the actor cannot be loaded again: ${loaded.reason}`)
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined
      this.#events.onRetry()
    }, waitMs)
  }
}

import type { Logger } from '@asya/service/logger'
import type { Platform } from '../desired/index.ts'
import { KubeError } from '../kube/errors.ts'
import type { KubeClient } from '../kube/kube-client.ts'
import { splitKey } from '../kube/object-store.ts'
import { nameState, type OperatorMetrics } from '../metrics.ts'
import { ActorMemory } from '../reconcile/actor-memory.ts'
import { reconcile } from '../reconcile/reconcile.ts'
import { ActorCaches } from './caches.ts'
import type { EventRecorder } from './event-recorder.ts'
import { KeyedQueue, type Outcome } from './keyed-queue.ts'
import { KubeHands } from './kube-hands.ts'
import { readPlatform, type InstalledPlatform } from './platform-facts.ts'

export interface ControllerOptions {
  readonly client: KubeClient
  readonly events: EventRecorder
  readonly installed: InstalledPlatform
  readonly namespaces: readonly string[]
  readonly concurrency: number
  readonly logger: Logger
  readonly metrics: OperatorMetrics
  readonly timing?: Partial<ControllerTiming>
}

export interface ControllerTiming {
  /** From one look at what the cluster can do to the next. */
  readonly platformMs: number
  /** From one round through all actors to the next: events may be lost on the way to us. */
  readonly resyncMs: number
}

const TIMING: ControllerTiming = { platformMs: 30_000, resyncMs: 600_000 }

/**
 * Reconciles actors when something of theirs changes, and all of them now and then.
 *
 *   idle → following (caches are kept) → leading (and actors are reconciled) → closed
 *
 * O1 An actor is reconciled by one worker at a time, and again after each change of it or its children.
 * O2 Nothing is written before all caches are complete: what is not known yet would be made anew.
 * O3 Whether there is KEDA is looked at anew, since it comes and goes without us.
 */
export class Controller {
  readonly #options: ControllerOptions
  readonly #timing: ControllerTiming
  readonly #caches: ActorCaches
  readonly #queue: KeyedQueue
  readonly #hands: KubeHands
  readonly #memories = new Map<string, ActorMemory>()
  readonly #states = new Map<string, `${string}/${string}`>()
  readonly #timers: NodeJS.Timeout[] = []
  #platform: Platform | undefined
  #state: 'idle' | 'following' | 'leading' | 'closed' = 'idle'

  constructor(options: ControllerOptions) {
    this.#options = options
    this.#timing = { ...TIMING, ...options.timing }
    this.#hands = new KubeHands(options)
    this.#queue = new KeyedQueue({
      concurrency: options.concurrency,
      work: (key) => this.#work(key),
      onFailure: (key, error) => this.#reportFailure(key, error),
    })
    this.#caches = new ActorCaches({
      client: options.client,
      namespaces: options.namespaces,
      onChange: (actor, object) => {
        this.#memories.get(actor)?.noteChange(object)
        this.#enqueue(actor)
      },
      onFailure: ({ kind }, error, waitMs) => {
        options.metrics.countWatchRestart(kind, error instanceof KubeError ? error.code : 'ended')
        options.logger.warn(
          { kind, wait_ms: Math.round(waitMs), reason: String(error) },
          'watch failed',
        )
      },
    })
  }

  get state(): 'idle' | 'following' | 'leading' | 'closed' {
    return this.#state
  }

  /** Fills the caches. Resolves when they are complete. */
  async follow(): Promise<void> {
    this.#state = 'following'
    await this.#caches.start()
    await this.#lookAtPlatform()
    this.#repeat(this.#timing.platformMs, () => this.#lookAtPlatform())
  }

  /** Begins to write (O2). */
  lead(): void {
    this.#state = 'leading'
    // Low: an actor whose own writes come back goes first, so that what is remembered of them until
    // then does not pile up behind ten thousand others.
    this.#enqueueAll('low')
    this.#repeat(this.#timing.resyncMs, () => this.#enqueueAll('low'))
  }

  /** What is under way is finished. Idempotent. */
  async close(): Promise<void> {
    this.#state = 'closed'
    for (const timer of this.#timers) clearInterval(timer)
    await this.#queue.close()
    await this.#caches.close()
  }

  get queueDepth(): number {
    return this.#queue.length
  }

  /** How many actors there are of each state. */
  countActors(): ReadonlyMap<`${string}/${string}`, number> {
    const counts = new Map<`${string}/${string}`, number>()
    for (const state of this.#states.values()) counts.set(state, (counts.get(state) ?? 0) + 1)
    return counts
  }

  #enqueue(actor: string): void {
    if (this.#state === 'leading') this.#queue.add(actor)
  }

  #enqueueAll(priority: 'normal' | 'low'): void {
    for (const actor of this.#caches.listActors()) this.#queue.add(actor, priority)
  }

  /** O3 */
  async #lookAtPlatform(): Promise<void> {
    const { client, installed, logger } = this.#options
    const platform = await readPlatform(client, installed)
    const before = this.#platform
    if (before?.hasKeda !== platform.hasKeda) {
      logger.info({ keda: platform.hasKeda }, 'looked for KEDA')
      await this.#caches.followKeda(platform.hasKeda)
    }
    this.#platform = platform
    const isAnother =
      before !== undefined &&
      (before.hasKeda !== platform.hasKeda ||
        before.hasNativeSidecars !== platform.hasNativeSidecars)
    if (isAnother && this.#state === 'leading') this.#enqueueAll('normal')
  }

  #repeat(intervalMs: number, act: () => void | Promise<void>): void {
    const timer = setInterval(() => {
      Promise.resolve(act()).catch((error: unknown) => {
        this.#options.logger.warn(
          { reason: String(error) },
          'the cluster did not say what it can do',
        )
      })
    }, intervalMs)
    this.#timers.push(timer)
  }

  /** O1 */
  async #work(key: string): Promise<Outcome> {
    const { metrics } = this.#options
    const platform = this.#platform
    if (platform === undefined) return { next: 'retry' }
    const memory = this.#memories.get(key) ?? new ActorMemory()
    this.#memories.set(key, memory)
    const startedAt = performance.now()
    const observe = (result: 'done' | 'again' | 'gone' | 'error'): void =>
      metrics.observeReconcile(result, (performance.now() - startedAt) / 1_000)
    memory.begin()
    try {
      const now = (): Date => new Date()
      const outcome = await reconcile(splitKey(key), {
        ...{ caches: this.#caches, hands: this.#hands, platform, memory, now },
      })
      observe(outcome.type)
      if (outcome.type === 'gone') this.#forget(key)
      else this.#states.set(key, nameState(outcome.status))
      return outcome.type === 'again'
        ? { next: 'after', delayMs: outcome.afterMs }
        : { next: 'done' }
    } catch (error) {
      observe('error')
      throw error
    } finally {
      memory.end()
    }
  }

  #forget(key: string): void {
    this.#memories.delete(key)
    this.#states.delete(key)
  }

  #reportFailure(key: string, error: unknown): void {
    const reason = error instanceof KubeError ? error.message : String((error as Error).stack)
    this.#options.logger.warn({ actor: key, reason }, 'could not reconcile')
  }
}

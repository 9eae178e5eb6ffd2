import { setTimeout as sleep } from 'node:timers/promises'
import type { Station } from '@asya/protocol'
import type { Logger } from '@asya/service/logger'
import type { Consumer, Delivery, Transport } from '@asya/transport'
import { LargeMessages } from './large-messages.ts'
import type { Reporter } from './gateway/reporter.ts'
import { hop } from './hop.ts'
import type { HopParts } from './hop-parts.ts'
import type { SidecarMetrics } from './metrics.ts'
import { RuntimeClient } from './runtime/runtime-client.ts'
import { Turnstile } from './runtime/turnstile.ts'

/**
 * The loop of one actor: takes messages from its queue and takes each through its hop.
 *
 * It consumes exactly while the runtime is there and nobody asked it to stop:
 *
 *   waiting   the runtime is absent: nothing is taken, and what waits goes back (S3)
 *   consuming messages are taken, `concurrency` at a time
 *   draining  a lease: nothing is taken, what is in flight finishes; ends by itself (S6). Also while
 *             the runtime, of which there is no more need, was asked to end
 *   closing   as draining, for good
 *   closed
 */
export type SidecarState = 'waiting' | 'consuming' | 'draining' | 'closing' | 'closed'

export interface SidecarOptions {
  readonly station: Station
  readonly actorName: string
  readonly socketPath: string
  readonly maxMessageBytes: number
  /** Prefetch, connections and runtime slots: one number. */
  readonly concurrency: number
  readonly timeoutMs: number
  /** How long a missing queue is waited for (S2). */
  readonly patienceMs?: number
  /** Whether the gateway is told the beginnings of payloads; false. */
  readonly reportsPayloads?: boolean
  /** Without a message for so long the runtime is asked to end; undefined: never. */
  readonly exitWhenIdleMs?: number | undefined
  /** How long a drain holds, and how long a runtime that was asked to end has to be gone (S6). */
  readonly leaseMs?: number
}

export interface SidecarParts {
  readonly transport: Transport
  readonly reporter: Reporter
  readonly metrics: SidecarMetrics
  readonly logger: Logger
}

/** S2: an output is tried again for 30 s. */
const DEFAULT_PATIENCE_MS = 30_000
/** S6: how long a drain holds after its answer, without a SIGTERM. */
const DEFAULT_LEASE_MS = 10_000

export class Sidecar {
  readonly #options: SidecarOptions
  readonly #parts: HopParts
  readonly #runtime: RuntimeClient
  readonly #turnstile = new Turnstile()
  readonly #large = new LargeMessages()
  readonly #onIdle: (() => void)[] = []
  readonly #outOfTime = new AbortController()
  readonly #ended = Promise.withResolvers<void>()
  readonly #leaseMs: number
  #consumer: Consumer | undefined
  #inFlight = 0
  #steering: Promise<void> = Promise.resolve()
  #isEnding = false
  #isClosing = false
  #isClosed = false
  #saidState: SidecarState | undefined
  #drainsUnderWay = 0
  #drainedUntil = 0
  /** Since when it has waited for a message: the last one was taken, or a slot came free. */
  #freeSince = performance.now()
  #drainTimer: NodeJS.Timeout | undefined
  #idleTimer: NodeJS.Timeout | undefined

  constructor(options: SidecarOptions, parts: SidecarParts) {
    this.#options = options
    this.#leaseMs = options.leaseMs ?? DEFAULT_LEASE_MS
    const { socketPath, maxMessageBytes: maxFrameBytes } = options
    this.#runtime = new RuntimeClient({ socketPath, maxFrameBytes }, () => {
      void this.#steer()
    })
    this.#parts = {
      ...parts,
      station: options.station,
      actorName: options.actorName,
      timeoutMs: options.timeoutMs,
      patienceMs: options.patienceMs ?? DEFAULT_PATIENCE_MS,
      reportsPayloads: options.reportsPayloads ?? false,
      runtime: this.#runtime,
      turnstile: this.#turnstile,
      signal: this.#outOfTime.signal,
    }
  }

  get state(): SidecarState {
    if (this.#isClosed) return 'closed'
    if (this.#isClosing) return 'closing'
    if (this.#isDrained || this.#isEnding) return 'draining'
    return this.#runtime.isAvailable && this.#consumer?.state === 'consuming'
      ? 'consuming'
      : 'waiting'
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Resolves when the runtime has ended for want of messages: nothing is left to do. */
  get whenEnded(): Promise<void> {
    return this.#ended.promise
  }

  get #isDrained(): boolean {
    return this.#drainsUnderWay > 0 || performance.now() < this.#drainedUntil
  }

  /**
   * Declares the queue and begins; consumes as soon as the runtime is there. Rejects when the queue
   * cannot be had; resolves to false when it is closed meanwhile.
   */
  async start(): Promise<boolean> {
    const { station, concurrency } = this.#options
    try {
      this.#consumer = await this.#parts.transport.consume(station.queue, {
        prefetch: concurrency,
        isPaused: true,
        onDelivery: (delivery) => {
          this.#take(delivery)
        },
      })
    } catch (error) {
      if (this.#isClosing) return false
      throw error
    }
    if (this.#isClosing) {
      await this.#consumer.close()
      return false
    }
    this.#runtime.start()
    const { exitWhenIdleMs } = this.#options
    if (exitWhenIdleMs !== undefined) this.#watchIdleness(exitWhenIdleMs)
    return true
  }

  /**
   * Stops taking and waits until what is in flight is done, or `withinMs` is over; true = all done.
   * If no `close` follows, consuming goes on a lease after the answer (S6): what is in flight may take
   * longer than that, and until then nothing else may come.
   */
  async drain(withinMs: number): Promise<boolean> {
    this.#drainsUnderWay++
    await this.#steer()
    const isDone = await this.#settleAll(withinMs)
    this.#drainsUnderWay--
    if (this.#isClosing) return isDone
    this.#drainedUntil = performance.now() + this.#leaseMs
    clearTimeout(this.#drainTimer)
    this.#drainTimer = setTimeout(() => {
      void this.#steer()
    }, this.#leaseMs + 1)
    this.#drainTimer.unref()
    return isDone
  }

  /** Finishes what is in flight within the grace time, gives the rest back. Idempotent. */
  async close(graceMs: number): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    clearTimeout(this.#drainTimer)
    clearInterval(this.#idleTimer)
    await this.#steer()
    this.#turnstile.close()
    if (!(await this.#settleAll(graceMs))) {
      this.#parts.logger.warn({ in_flight: this.inFlight }, 'out of time: given back')
      this.#outOfTime.abort()
      this.#runtime.cancelAll()
      await this.#settleAll(GIVE_BACK_MS)
    }
    this.#runtime.close()
    await this.#consumer?.close()
    this.#isClosed = true
  }

  /** Counts the time without a message, of that in which one could have come. */
  #watchIdleness(idleMs: number): void {
    let couldTakeSince = performance.now()
    const check = (): void => {
      const now = performance.now()
      if (this.state !== 'consuming' || this.#inFlight > 0) couldTakeSince = now
      else if (now - Math.max(couldTakeSince, this.#freeSince) >= idleMs) void this.#endIdle()
    }
    this.#idleTimer = setInterval(check, Math.min(idleMs / 4, 1_000)).unref()
  }

  /**
   * Has the runtime end, unless a message came before the broker had stopped to deliver: that one is
   * served, and it all goes on. So it does when the runtime stays, or is started again.
   */
  async #endIdle(): Promise<void> {
    const { logger } = this.#parts
    const freeSince = this.#freeSince
    this.#isEnding = true
    await this.#steer()
    // From here on nothing can come.
    if (this.#inFlight === 0 && this.#freeSince === freeSince && !this.#isClosing) {
      logger.info({}, 'no message for long: the runtime is asked to end')
      const isAsked = await this.#runtime.shutDown(this.#leaseMs)
      if (isAsked) await sleep(this.#leaseMs, undefined, { ref: false })
      if (isAsked && !this.#runtime.isAvailable) {
        this.#ended.resolve()
        return
      }
      logger.warn({}, 'the runtime did not end: it is waited for, or served on')
    }
    this.#isEnding = false
    await this.#steer()
  }

  #take(delivery: Delivery): void {
    const now = performance.now()
    const waitedMs = now - this.#freeSince
    this.#freeSince = now
    this.#inFlight++
    void this.#takeThrough(delivery)
    this.#large.come(delivery.body.length)
    // As in `hop`: the runtime has it by now.
    this.#parts.metrics.duration('queue-receive', waitedMs / 1_000)
  }

  async #takeThrough(delivery: Delivery): Promise<void> {
    try {
      await hop(delivery, this.#parts)
    } catch (error) {
      // A bug of ours: the delivery stays unsettled and comes again when the connection ends.
      this.#parts.logger.error({ error: describe(error) }, 'a hop broke')
    }
    this.#large.leave(delivery.body.length)
    this.#freeSince = performance.now()
    this.#inFlight--
    if (this.#inFlight === 0) for (const tell of this.#onIdle.splice(0)) tell()
  }

  /** Brings the consumer to where it should be; one change at a time, always from what holds now. */
  #steer(): Promise<void> {
    this.#steering = this.#steering.then(async () => {
      const isHeld = this.#isDrained || this.#isEnding || this.#isClosing
      const isWanted = this.#runtime.isAvailable && !isHeld
      this.#turnstile.setOpen(this.#runtime.isAvailable)
      if (isWanted) {
        await this.#consumer?.resume()
        this.#sayState()
        return
      }
      await this.#consumer?.pause()
      this.#sayState()
      if (!this.#runtime.isAvailable || this.#isDrained) this.#turnstile.turnAwayInnocents()
    })
    return this.#steering
  }

  #sayState(): void {
    const { state } = this
    if (state === this.#saidState) return
    this.#saidState = state
    this.#parts.logger.info({ queue: this.#options.station.queue }, state)
  }

  /** Waits until nothing is in flight, or `withinMs` is over; true = nothing is. */
  #settleAll(withinMs: number): Promise<boolean> {
    if (this.#inFlight === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs, false)
      this.#onIdle.push(() => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }
}

/** Time for the last settles after the calls were cut off. */
const GIVE_BACK_MS = 1_000

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

import { setTimeout as sleep } from 'node:timers/promises'
import { encodeMessage, ROOT, stringifyToBytes, toJsonBytes } from '@asya/protocol'
import type { Logger } from '@asya/service/logger'
import type { PublishResult, Transport } from '@asya/transport'
import { Batcher } from './batcher.ts'
import type { JobStore, UnsentJob } from './job-store.ts'
import { CLAIM_MS } from './statements.ts'

/**
 * Sends the first messages of jobs: they are in the outbox from the commit that made their job, until
 * the queue system has confirmed them.
 *
 * O1 A message leaves the outbox only when it is confirmed, or when its job has ended.
 * O2 Whoever accepts a job sends its message at once, and renews its claim until that is done; what
 *    nobody claims any more, any replica sends. So a crash loses none, and may send one twice, under
 *    the same id.
 * O3 A process sends a message once, unless it failed: while its confirm is awaited, and while the
 *    tables cannot be told of it.
 */
export interface PublisherOptions {
  readonly store: JobStore
  readonly transport: Transport
  readonly logger: Logger
  /** A job was ended, since its message will never be taken. */
  readonly onEnded: (jobId: string) => void
}

const LOOK_MS = 1_000

/** What is left to the outbox beyond: a queue system that hangs must not fill the memory. */
const MAX_IN_FLIGHT = 1_000

/** Long before it runs out. */
const RENEW_AFTER_MS = CLAIM_MS * 0.4

/** How soon the tables are told again that a message was sent. */
const FORGET_AGAIN_MS = 300

/** A queue that there is not may be declared soon: its sidecar starts. */
const UNROUTABLE_WAIT_MS = 3_000
const FAILED_WAIT_MS = 1_000

export class Publisher {
  readonly #options: PublisherOptions
  /** By the job's id (O3). */
  readonly #inFlight = new Map<string, InFlight>()
  readonly #forget: Batcher<string, true>
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isClosed = false

  constructor(options: PublisherOptions) {
    this.#options = options
    this.#forget = new Batcher({
      maxItems: 500,
      maxBatches: 1,
      flush: async (ids) => {
        await options.store.forgetSent(ids)
        return ids.map(() => true)
      },
    })
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined
      })
    }, LOOK_MS)
    this.#timer.unref()
  }

  /** Sends a message now; what fails is sent later. */
  send(job: UnsentJob): void {
    const { id } = job
    if (this.#isClosed || this.#inFlight.size >= MAX_IN_FLIGHT || this.#inFlight.has(id)) return
    const done = this.#send(job)
      .catch((error: unknown) => {
        this.#options.logger.warn({ job_id: job.id, error: String(error) }, 'sent later')
      })
      .finally(() => this.#inFlight.delete(id))
    this.#inFlight.set(id, { done, claimedAt: performance.now() })
  }

  /** Waits for what is under way; the transport bounds how long. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.all([...this.#inFlight.values()].map(({ done }) => done))
  }

  /** Sends what nobody is sending (O2). */
  async #look(): Promise<void> {
    try {
      await this.#renewClaims()
      const room = MAX_IN_FLIGHT - this.#inFlight.size
      if (room === 0) return
      for (const job of await this.#options.store.claimUnsent(room)) this.send(job)
    } catch (error) {
      this.#options.logger.debug({ error: String(error) }, 'the outbox could not be read')
    }
  }

  async #renewClaims(): Promise<void> {
    const now = performance.now()
    const old = [...this.#inFlight].filter(([, { claimedAt }]) => now - claimedAt > RENEW_AFTER_MS)
    if (old.length === 0) return
    await this.#options.store.releaseUnsent(
      old.map(([id]) => id),
      CLAIM_MS,
    )
    for (const [, entry] of old) entry.claimedAt = now
  }

  async #send(job: UnsentJob): Promise<void> {
    const { store, transport, logger } = this.#options
    const queue = job.route[0]
    const result: PublishResult =
      queue === undefined
        ? { type: 'refused', reason: 'the route has no step' }
        : await transport.publish({ queue, body: toBody(job), messageId: job.id })
    switch (result.type) {
      case 'confirmed':
        await this.#noteSent(job.id)
        return
      case 'unroutable':
        logger.warn({ job_id: job.id, queue }, 'there is no such queue yet: sent later')
        await store.releaseUnsent([job.id], UNROUTABLE_WAIT_MS)
        return
      case 'failed':
        logger.warn({ job_id: job.id, queue, reason: result.reason }, 'not sent: sent later')
        await store.releaseUnsent([job.id], FAILED_WAIT_MS)
        return
      case 'refused':
        await this.#fail(job, result.reason)
    }
  }

  /** Until it is noted, or we close: it would be sent again. */
  async #noteSent(id: string): Promise<void> {
    for (;;) {
      try {
        await this.#forget.add(id)
        return
      } catch (error) {
        if (this.#isClosed) throw error
        await sleep(FORGET_AGAIN_MS)
      }
    }
  }

  async #fail(job: UnsentJob, reason: string): Promise<void> {
    const error = { type: 'unroutable', message: reason, step: job.route[0] ?? '', attempts: 1 }
    await this.#options.store.end(job.id, 'failed', stringifyToBytes([error]))
    this.#options.onEnded(job.id)
  }
}

interface InFlight {
  readonly done: Promise<void>
  claimedAt: number
}

function toBody({ id, route, payload, headers }: UnsentJob): Buffer {
  // The first message bears its job's id: that is the one which its caller knows.
  return encodeMessage({
    ...{ id, jobId: id, attempt: 1, branch: ROOT, headers, unknown: [] },
    route: { steps: [...route], current: 0, unknown: [] },
    payload: toJsonBytes(payload),
  })
}

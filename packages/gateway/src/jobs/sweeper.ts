import type { Logger } from '@asya/service/logger'
import type { JobStore } from './job-store.ts'

/**
 * What time does to jobs: deadlines, silence, retention. Every replica sweeps; each row is swept by
 * one of them (`skip locked`).
 */
export interface SweeperOptions {
  readonly store: JobStore
  readonly logger: Logger
  /** A running job that nobody was heard of for so long is stalled. */
  readonly silentMs: number
  /** Jobs are deleted so long after their end. */
  readonly retentionMs: number
  readonly onChanged: (jobIds: readonly string[]) => void
}

const DEADLINE_EVERY_MS = 1_000
const SILENCE_EVERY_MS = 5_000
const RETENTION_EVERY_MS = 60_000

export class Sweeper {
  readonly #options: SweeperOptions
  readonly #timers: NodeJS.Timeout[] = []
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  start(): void {
    const { store, silentMs, retentionMs } = this.#options
    this.#repeat(DEADLINE_EVERY_MS, () => store.endOverdue())
    this.#repeat(SILENCE_EVERY_MS, () => store.markStalled(silentMs))
    this.#repeat(RETENTION_EVERY_MS, () => store.deleteOld(retentionMs))
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await Promise.all(this.#underWay)
  }

  #repeat(everyMs: number, sweep: () => Promise<readonly string[]>): void {
    let isUnderWay = false
    const timer = setInterval(() => {
      if (isUnderWay) return
      isUnderWay = true
      const run = this.#sweep(sweep).finally(() => {
        isUnderWay = false
        this.#underWay.delete(run)
      })
      this.#underWay.add(run)
    }, everyMs)
    timer.unref()
    this.#timers.push(timer)
  }

  /** Until nothing is left: a sweep takes a bounded number of rows. */
  async #sweep(sweep: () => Promise<readonly string[]>): Promise<void> {
    const { logger, onChanged } = this.#options
    try {
      for (let ids = await sweep(); ids.length > 0; ids = await sweep()) onChanged(ids)
    } catch (error) {
      logger.debug({ error: String(error) }, 'swept later')
    }
  }
}

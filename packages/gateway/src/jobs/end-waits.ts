import { Batcher } from './batcher.ts'
import type { EndedJob } from './job.ts'
import type { JobStore } from './job-store.ts'
import type { UpdateHub } from './update-hub.ts'

/**
 * Waits for the ends of jobs, on whatever replica they come.
 *
 * W1 The table is the truth: it is asked when a wait begins, when something hints at an end, and every
 *    POLL_MS if nothing does.
 * W2 There is one read at a time, for all jobs that may have ended.
 * W3 What happens to a job before its end costs a wait nothing.
 */
export class EndWaits {
  readonly #reads: Batcher<string, EndedJob | 'open'>
  readonly #waits = new Map<string, Set<(ended: EndedJob | undefined) => void>>()
  readonly #asked = new Set<string>()
  #pollTimer: NodeJS.Timeout | undefined

  constructor(store: Pick<JobStore, 'readEnded'>, hub: Pick<UpdateHub, 'watch'>) {
    this.#reads = new Batcher({
      ...{ maxItems: 1_000, maxBatches: 1 },
      flush: async (ids) => {
        // What hints at an end from now on asks once more.
        for (const id of ids) this.#asked.delete(id)
        const ended = new Map((await store.readEnded(ids)).map((each) => [each.job.id, each]))
        return ids.map((id) => ended.get(id) ?? 'open')
      },
    })
    hub.watch((jobIds, mayHaveEnded) => {
      if (mayHaveEnded) this.#ask(jobIds)
    })
  }

  /** The job and its end; undefined when it has not ended within `waitMs`, or `signal` says to stop. */
  wait(jobId: string, waitMs: number, signal?: AbortSignal): Promise<EndedJob | undefined> {
    return new Promise((resolve) => {
      const waits = this.#waits.get(jobId) ?? new Set()
      this.#waits.set(jobId, waits)
      const finish = (ended: EndedJob | undefined): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', giveUp)
        waits.delete(finish)
        if (waits.size === 0) this.#forget(jobId, waits)
        resolve(ended)
      }
      const giveUp = (): void => finish(undefined)
      const timer = setTimeout(giveUp, waitMs)
      waits.add(finish)
      this.#pollTimer ??= setInterval(() => this.#ask(this.#waits.keys()), POLL_MS).unref()
      signal?.addEventListener('abort', giveUp)
      if (signal?.aborted === true) giveUp()
      else this.#ask([jobId])
    })
  }

  #forget(jobId: string, waits: object): void {
    if (this.#waits.get(jobId) === waits) this.#waits.delete(jobId)
    if (this.#waits.size > 0) return
    clearInterval(this.#pollTimer)
    this.#pollTimer = undefined
  }

  #ask(jobIds: Iterable<string>): void {
    for (const id of jobIds) {
      if (!this.#waits.has(id) || this.#asked.has(id)) continue
      this.#asked.add(id)
      // When it cannot be read, the next poll asks again.
      this.#reads.add(id).then(
        (ended) => this.#tell(id, ended),
        () => undefined,
      )
    }
  }

  #tell(jobId: string, ended: EndedJob | 'open'): void {
    if (ended === 'open') return
    for (const finish of [...(this.#waits.get(jobId) ?? [])]) finish(ended)
  }
}

const POLL_MS = 2_000

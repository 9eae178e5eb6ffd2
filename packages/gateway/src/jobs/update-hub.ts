import type { Logger } from '@asya/service/logger'
import type { Replicas } from '../database/replicas.ts'
import type { JobUpdate } from './job.ts'
import type { JobStore } from './job-store.ts'
import { MAX_UPDATES } from './statements.ts'

/**
 * Brings the updates of jobs to whoever follows them, on whatever replica they were recorded.
 *
 * H1 A follower gets every update after its cursor once, in order. The table is the truth: it is read
 *    when something hints at a change, and every POLL_MS if nothing does.
 * H2 Following begins before the first read: what is recorded meanwhile is not missed.
 * H3 There is one read at a time, for all that changed: followers that are many make it larger, not
 *    more frequent.
 */
export interface UpdateHubOptions {
  readonly store: JobStore
  readonly replicas: Replicas
  readonly logger: Logger
  readonly pollMs?: number
}

interface Follower {
  seq: number
  readonly tell: (updates: readonly JobUpdate[]) => void
}

/** Told of jobs that changed, and of whether that may be their end. */
type Watcher = (jobIds: readonly string[], mayHaveEnded: boolean) => void

const CHANNEL = 'asya_jobs'
const POLL_MS = 2_000

/** Notifications wait this long for others: the server takes a lock of all databases for each. */
const GATHER_MS = 15

/** So many are less than what can be said at once. */
const MAX_IDS = 150

export class UpdateHub {
  readonly #store: JobStore
  readonly #logger: Logger
  readonly #pollMs: number
  readonly #replicas: Replicas
  readonly #followers = new Map<string, Set<Follower>>()
  readonly #changed = new Set<string>()
  readonly #untold = new Set<string>()
  readonly #watchers = new Set<Watcher>()
  #reading: Promise<void> | undefined
  #pollTimer: NodeJS.Timeout | undefined
  #tellTimer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor({ store, replicas, logger, pollMs = POLL_MS }: UpdateHubOptions) {
    this.#store = store
    this.#replicas = replicas
    this.#logger = logger
    this.#pollMs = pollMs
    replicas.listen(CHANNEL, (said) => this.#hear(said.split(' ')))
  }

  start(): void {
    this.#pollTimer = setInterval(() => this.#mark(this.#followers.keys()), this.#pollMs)
    this.#pollTimer.unref()
  }

  /** Calls `tell` with every update after `seq`, until the returned function is called (H1, H2). */
  follow(jobId: string, seq: number, tell: Follower['tell']): () => void {
    const follower: Follower = { seq, tell }
    const followers = this.#followers.get(jobId) ?? new Set()
    this.#followers.set(jobId, followers)
    followers.add(follower)
    this.#mark([jobId])
    return () => {
      followers.delete(follower)
      if (followers.size === 0 && this.#followers.get(jobId) === followers) {
        this.#followers.delete(jobId)
      }
    }
  }

  /**
   * Calls `tell` with the ids of all jobs that change, on any replica, until the returned function is
   * called. A hint: while this replica does not hear the others it is not told of theirs.
   */
  watch(tell: Watcher): () => void {
    this.#watchers.add(tell)
    return () => {
      this.#watchers.delete(tell)
    }
  }

  /** Jobs were changed by this replica: its own followers see it now, those of others soon. */
  touch(jobIds: Iterable<string>, haveEnded = false): void {
    const ids = [...jobIds]
    for (const tell of this.#watchers) tell(ids, haveEnded)
    for (const id of ids) {
      this.#untold.add(id)
      if (this.#followers.has(id)) this.#changed.add(id)
    }
    this.#read()
    this.#tellTimer ??= setTimeout(() => void this.#tellOthers(), GATHER_MS)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#pollTimer)
    clearTimeout(this.#tellTimer)
    await this.#reading
    await this.#tellOthers()
  }

  async #tellOthers(): Promise<void> {
    this.#tellTimer = undefined
    const ids = [...this.#untold]
    this.#untold.clear()
    try {
      for (let from = 0; from < ids.length; from += MAX_IDS) {
        await this.#replicas.say(CHANNEL, ids.slice(from, from + MAX_IDS).join(' '))
      }
    } catch (error) {
      // The others poll.
      this.#logger.debug({ error: String(error) }, 'other replicas were not told')
    }
  }

  #hear(ids: readonly string[]): void {
    for (const tell of this.#watchers) tell(ids, true)
    this.#mark(ids)
  }

  #mark(jobIds: Iterable<string>): void {
    for (const id of jobIds) if (this.#followers.has(id)) this.#changed.add(id)
    this.#read()
  }

  #read(): void {
    if (this.#reading || this.#changed.size === 0 || this.#isClosed) return
    this.#reading = this.#readOnce()
      .catch((error: unknown) => {
        this.#logger.warn(
          { error: String(error) },
          'updates could not be read; they are read later',
        )
      })
      .finally(() => {
        this.#reading = undefined
        this.#read()
      })
  }

  async #readOnce(): Promise<void> {
    const cursors = [...this.#changed].flatMap((jobId) => {
      const followers = this.#followers.get(jobId)
      return followers ? [{ jobId, seq: Math.min(...[...followers].map(({ seq }) => seq)) }] : []
    })
    this.#changed.clear()
    if (cursors.length === 0) return
    const updates = await this.#store.readUpdates(cursors)
    for (const [jobId, ofJob] of Map.groupBy(updates, (update) => update.jobId)) {
      for (const follower of [...(this.#followers.get(jobId) ?? [])]) tellNew(follower, ofJob)
      if (ofJob.length === MAX_UPDATES) this.#changed.add(jobId)
    }
  }
}

function tellNew(follower: Follower, updates: readonly JobUpdate[]): void {
  const fresh = updates.filter(({ seq }) => seq > follower.seq)
  const last = fresh.at(-1)
  if (!last) return
  follower.seq = last.seq
  follower.tell(fresh)
}

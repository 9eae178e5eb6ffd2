import type { Logger } from '@asya/service/logger'
import type { Job } from './job.ts'
import type { JobViews } from './job-views.ts'
import type { UpdateHub } from './update-hub.ts'

/**
 * Tells of all jobs of a principal that change, as they are then. However many jobs change and however
 * many follow, the table is read at most once every GATHER_MS, for at most MAX_JOBS.
 */
export interface JobFeedOptions {
  readonly views: JobViews
  readonly hub: UpdateHub
  readonly logger: Logger
}

/** `many`: more changed than is worth telling one by one. */
type News = readonly Job[] | 'many'

interface Follower {
  readonly principal: string
  readonly tell: (news: News) => void
}

const GATHER_MS = 250

const MAX_JOBS = 200

export class JobFeed {
  readonly #views: JobViews
  readonly #hub: UpdateHub
  readonly #logger: Logger
  readonly #followers = new Set<Follower>()
  readonly #changed = new Set<string>()
  #stopWatching: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor({ views, hub, logger }: JobFeedOptions) {
    this.#views = views
    this.#hub = hub
    this.#logger = logger
  }

  /** Calls `tell` with the jobs of a principal that change, until the returned function is called. */
  follow(principal: string, tell: Follower['tell']): () => void {
    const follower: Follower = { principal, tell }
    this.#followers.add(follower)
    this.#stopWatching ??= this.#hub.watch((ids) => this.#gather(ids))
    return () => {
      this.#followers.delete(follower)
      if (this.#followers.size > 0) return
      this.#stopWatching?.()
      this.#stopWatching = undefined
      this.#changed.clear()
    }
  }

  #gather(ids: readonly string[]): void {
    // One too many says as much as a thousand.
    for (const id of ids) if (this.#changed.size <= MAX_JOBS) this.#changed.add(id)
    this.#timer ??= setTimeout(() => void this.#tell(), GATHER_MS).unref()
  }

  async #tell(): Promise<void> {
    const ids = [...this.#changed]
    this.#changed.clear()
    try {
      if (ids.length > MAX_JOBS) for (const { tell } of this.#followers) tell('many')
      else if (ids.length > 0) this.#share(await this.#views.readMany(ids))
    } catch (error) {
      this.#logger.debug({ error: String(error) }, 'followers of lists were not told')
    }
    this.#timer = undefined
    if (this.#changed.size > 0) this.#gather([])
  }

  #share(jobs: readonly Job[]): void {
    const byPrincipal = Map.groupBy(jobs, ({ principal }) => principal)
    for (const { principal, tell } of this.#followers) {
      const news = byPrincipal.get(principal)
      if (news) tell(news)
    }
  }
}

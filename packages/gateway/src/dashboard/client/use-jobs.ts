import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { ask, explain } from './api.ts'
import { followEvents } from './event-stream.ts'
import { useRepeated } from './use-data.ts'
import type { Job, JobPage } from './wire.ts'

/**
 * One page of the list of jobs.
 *
 * L1 Rows that are shown change in place. None comes or goes before somebody asks for it, or has asked
 *    to follow: nothing moves under the pointer.
 * L2 The stream is a hint, the list is the truth: it is read again when the stream begins and every
 *    RELIST_MS.
 */
export interface JobList {
  readonly page: JobPage | undefined
  readonly problem: string | undefined
  /** How many jobs came that belong on this page. */
  readonly newCount: number
  /** Shows them. */
  readonly reload: () => void
}

export interface JobFilterQuery {
  readonly state: string
  readonly tool: string
  readonly text: string
  readonly before: string
}

const PAGE_SIZE = 50

const RELIST_MS = 15_000

/** While one follows. */
const MIN_RELIST_MS = 1_000

export function useJobs(filter: JobFilterQuery, isFollowing: boolean): JobList {
  const path = toPath(filter)
  const [shown, setShown] = useState<{ path?: string; page?: JobPage; problem?: string }>({})
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set())
  const list = useMemo(() => new Lister(path), [path])
  const known = useRef(new Set<string>())
  const latest = useRef({ isFollowing, filter, isEmpty: false })
  latest.current = { isFollowing, filter, isEmpty: shown.page?.jobs.length === 0 }

  const show = (page: JobPage): void => {
    known.current = new Set(page.jobs.map(({ job_id: id }) => id))
    setUnseen(new Set())
    setShown({ path, page })
  }
  const fail = (error: unknown): void => {
    setShown((before) => ({ ...(before.path === path && before), path, problem: explain(error) }))
  }
  const reload = (): void => void list.read().then((page) => page && show(page), fail)
  /** What is new, and what changed of what is shown. */
  const compare = (jobs: readonly Job[]): void => {
    setShown((before) => (before.page ? { ...before, page: update(before.page, jobs) } : before))
    if (filter.before !== '') return
    const fresh = jobs.filter((job) => !known.current.has(job.job_id) && isWanted(job, filter))
    if (fresh.length === 0) return
    if (latest.current.isFollowing || latest.current.isEmpty) list.readSoon(show)
    else setUnseen((before) => new Set([...before, ...fresh.map(({ job_id: id }) => id)]))
  }
  const check = (): void => {
    void list.read().then((page) => {
      if (!page) return
      compare(page.jobs)
      clearProblem()
    }, fail)
  }
  const clearProblem = (): void => setShown(({ problem: _, ...before }) => before)

  useEffect(() => {
    reload()
    const stop = followChanges({ onMissed: check, onJob: (job) => compare([job]) })
    return () => {
      stop()
      list.stop()
    }
  }, [path])
  useEffect(() => {
    if (isFollowing && unseen.size > 0) reload()
  }, [isFollowing])
  useRepeated(isFollowing ? reload : check, RELIST_MS)

  const isCurrent = shown.path === path
  return {
    page: isCurrent ? shown.page : undefined,
    problem: isCurrent ? shown.problem : undefined,
    newCount: unseen.size,
    reload,
  }
}

interface Changes {
  readonly onJob: (job: Job) => void
  /** Something may have changed that was not told one by one. */
  readonly onMissed: () => void
}

function followChanges({ onJob, onMissed }: Changes): () => void {
  let isFirst = true
  return followEvents({
    path: '/jobs/stream',
    onOpen: () => {
      if (!isFirst) onMissed()
      isFirst = false
    },
    onEvent: ({ type, data }) => {
      if (type === 'job') onJob(JSON.parse(data) as Job)
      else onMissed()
    },
  })
}

/** Reads one page, and never two of them out of order. */
class Lister {
  readonly #path: string
  #round = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastMs = 0

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined when it was asked again meanwhile. */
  async read(): Promise<JobPage | undefined> {
    const round = ++this.#round
    this.#lastMs = Date.now()
    try {
      const page = await ask<JobPage>(this.#path)
      return round === this.#round ? page : undefined
    } catch (error) {
      if (round !== this.#round) return undefined
      throw error
    }
  }

  /** Now, or a little later when it was read this moment. */
  readSoon(show: (page: JobPage) => void): void {
    const waitMs = Math.max(0, this.#lastMs + MIN_RELIST_MS - Date.now())
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      // Whatever is wrong shows at the next regular reading.
      void this.read().then(
        (page) => page && show(page),
        () => undefined,
      )
    }, waitMs)
  }

  stop(): void {
    this.#round++
    clearTimeout(this.#timer)
  }
}

function toPath({ state, tool, text, before }: JobFilterQuery): string {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) })
  for (const [name, value] of Object.entries({ state, tool, text, before }))
    if (value !== '') query.set(name, value)
  return `/jobs?${query.toString()}`
}

function update(page: JobPage, jobs: readonly Job[]): JobPage {
  const byId = new Map(jobs.map((job) => [job.job_id, job]))
  if (!page.jobs.some(({ job_id: id }) => byId.has(id))) return page
  return { ...page, jobs: page.jobs.map((job) => byId.get(job.job_id) ?? job) }
}

/** As far as the page can know: what is searched for a text only the gateway has. */
function isWanted(job: Job, { state, tool, text }: JobFilterQuery): boolean {
  if (state !== '' && !state.split(',').includes(job.state)) return false
  if (tool !== '' && job.tool !== tool) return false
  const small = text.toLowerCase()
  return text === '' || job.job_id.startsWith(small) || job.tool.toLowerCase().includes(small)
}

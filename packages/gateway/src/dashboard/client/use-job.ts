import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { followEvents } from './event-stream.ts'
import { beginLife, goOn, type JobLife } from './job-life.ts'
import { useData } from './use-data.ts'
import { isEnd, type JobDetails, type JobUpdate } from './wire.ts'

/** One job as it is, and as it goes on. */
export interface FollowedJob {
  readonly details: JobDetails | undefined
  readonly problem: string | undefined
  readonly life: JobLife
  readonly reload: () => void
}

/** Updates come by the hundred: the page is drawn for all of a moment at once. */
const GATHER_MS = 100

/** What is not in the stream is asked again so often while a job goes on. */
const REFRESH_MS = 1_000

/** By then the last steps of a job that has ended are told. */
const LATE_MS = 1_500

const NO_UPDATES: readonly JobUpdate[] = []
const NO_LIFE = beginLife([])

export function useJob(id: string): FollowedJob {
  const data = useData<JobDetails>(`/dashboard/jobs/${encodeURIComponent(id)}`)
  const [life, setLife] = useState(NO_LIFE)
  const route = useRef<readonly string[]>([])
  const isKnown = data.value !== undefined
  if (data.value) route.current = data.value.job.route
  const reload = useRef(data.reload)
  reload.current = data.reload

  useEffect(() => {
    if (!isKnown) return
    setLife(beginLife(route.current))
    const waiting: JobUpdate[] = []
    const isOld = Date.now()
    let timer: ReturnType<typeof setTimeout> | undefined
    let refreshTimer: ReturnType<typeof setTimeout> | undefined
    let lateTimer: ReturnType<typeof setTimeout> | undefined
    const draw = (): void => {
      timer = undefined
      const updates = waiting.splice(0)
      setLife((before) => goOn(before, updates))
      const isEnded = updates.some(({ type }) => isEnd(type))
      const isNews = updates.some(({ at }) => Date.parse(at) > isOld - REFRESH_MS)
      if (!isNews && !isEnded) return
      if (isEnded) {
        clearTimeout(refreshTimer)
        lateTimer = setTimeout(() => reload.current(), LATE_MS)
      }
      refreshTimer = isEnded ? undefined : refreshTimer
      refreshTimer ??= setTimeout(
        () => {
          refreshTimer = undefined
          reload.current()
        },
        isEnded ? 0 : REFRESH_MS,
      )
    }
    const stop = followEvents({
      path: `/jobs/${encodeURIComponent(id)}/stream`,
      isLast: ({ type }) => isEnd(type),
      onEvent: ({ data: text }) => {
        waiting.push(JSON.parse(text) as JobUpdate)
        timer ??= setTimeout(draw, GATHER_MS)
      },
    })
    return () => {
      stop()
      clearTimeout(timer)
      clearTimeout(refreshTimer)
      clearTimeout(lateTimer)
    }
  }, [id, isKnown])
  const late = data.value?.late ?? NO_UPDATES
  const whole = useMemo(() => goOn(life, late), [life, late])
  return { details: data.value, problem: data.problem, life: whole, reload: data.reload }
}

import { useEffect, useState } from 'preact/hooks'
import { showAge, showDuration, showMoment } from './show-time.ts'
import { Store } from './store.ts'
import type { Job } from './wire.ts'

/** One clock for the whole page. */
const now = new Store(Date.now())
setInterval(() => {
  if (document.visibilityState === 'visible') now.set(Date.now())
}, 1000)

/** The time, as it passes; it stands still once there is no need. */
function useNow(isPassing: boolean): number {
  const [ms, setMs] = useState(Date.now())
  useEffect(() => {
    if (!isPassing) return
    setMs(Date.now())
    return now.watch(setMs)
  }, [isPassing])
  return ms
}

/** How long ago; the moment itself as its title. */
export function Age({ iso }: { iso: string }) {
  const ms = useNow(true) - Date.parse(iso)
  return (
    <time dateTime={iso} title={showMoment(iso)}>
      {showAge(ms)}
    </time>
  )
}

/** How long a job took, or has been going on. */
export function Took({ job }: { job: Pick<Job, 'created_at' | 'ended_at'> }) {
  const ms = useNow(job.ended_at === undefined)
  const endMs = job.ended_at === undefined ? ms : Date.parse(job.ended_at)
  return <>{showDuration(Math.max(0, endMs - Date.parse(job.created_at)))}</>
}

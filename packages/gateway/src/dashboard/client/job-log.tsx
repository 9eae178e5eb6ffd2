import type { JobLife } from './job-life.ts'
import { showDuration } from './show-time.ts'
import type { JobUpdate } from './wire.ts'

/** Everything that the gateway was told of a job, the newest last. */
export function JobLog({ life }: { life: JobLife }) {
  const { log, updateCount } = life
  return (
    <details class="log">
      <summary>
        Updates <span class="soft">({updateCount})</span>
      </summary>
      {log.length < updateCount && <p class="soft">The last {log.length} of them:</p>}
      <ol>
        {log.map((update) => (
          <li key={update.seq}>
            <time dateTime={update.at}>{showClock(update.at)}</time> <span>{tell(update)}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}

function tell(update: JobUpdate): string {
  if (update.type !== 'progress') return update.type
  const { step, status, percent, message, duration_ms: durationMs } = update
  const parts = [`${step} ${status}`]
  if (durationMs !== undefined) parts.push(`in ${showDuration(durationMs)}`)
  if (percent !== undefined) parts.push(`${Math.round(percent)} %`)
  if (message !== undefined) parts.push(message)
  return parts.join(' · ')
}

function showClock(iso: string): string {
  const moment = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [moment.getHours(), moment.getMinutes(), moment.getSeconds()].map(two).join(':')
  return `${clock}.${String(moment.getMilliseconds()).padStart(3, '0')}`
}

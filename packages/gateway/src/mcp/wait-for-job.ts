import type { EndedJob, JobUpdate } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'

/** What a client hears of a job that it waits for; `progress` of 100, and rising with each. */
export type Tell = (progress: number, message: string) => void

export interface Wait {
  readonly jobId: string
  /** Updates up to this one are known. */
  readonly seq: number
  readonly waitMs: number
  readonly signal: AbortSignal
  /** Undefined when the client did not ask to hear. */
  readonly tell: Tell | undefined
}

/** Clients and proxies give up on a stream that is silent for longer. */
const HEARTBEAT_MS = 10_000

/** An end is not kept back for longer, where the updates before it cannot be read. */
const LAST_UPDATES_MS = 5_000

/** Waits for the end of a job, with progress; undefined when it has not ended in time. */
export async function waitForJob(jobs: Jobs, wait: Wait): Promise<EndedJob | undefined> {
  const { jobId, seq, waitMs, signal, tell } = wait
  if (!tell) return jobs.waitForEnd(jobId, waitMs, signal)
  const rise = makeRising(tell)
  rise(0, `job ${jobId}`)
  let seen = seq
  let onSeen = (): void => undefined
  const stop = jobs.follow(jobId, seq, (updates) => {
    for (const update of updates) tellUpdate(update, rise)
    seen = updates.at(-1)?.seq ?? seen
    onSeen()
  })
  const untilSeen = (last: number): Promise<void> =>
    new Promise((resolve) => {
      const goOn = (): void => {
        clearTimeout(limit)
        signal.removeEventListener('abort', goOn)
        resolve()
      }
      const limit = setTimeout(goOn, LAST_UPDATES_MS)
      signal.addEventListener('abort', goOn)
      onSeen = () => {
        if (seen >= last || signal.aborted) goOn()
      }
      onSeen()
    })
  const timer = setInterval(() => rise(0, 'still running'), HEARTBEAT_MS)
  try {
    const ended = await jobs.waitForEnd(jobId, waitMs, signal)
    // What came before the end is told before it.
    if (ended) await untilSeen(ended.job.seq)
    return ended
  } finally {
    clearInterval(timer)
    stop()
  }
}

interface ProgressData {
  readonly step: string
  readonly status: string
  readonly job_percent: number
  readonly message?: string
}

function tellUpdate({ type, data }: JobUpdate, rise: Tell): void {
  if (type === 'stalled') rise(0, 'nothing was heard of the job for a while')
  if (type !== 'progress') return
  // Written by toProgressData.
  const { step, status, job_percent: percent, message } = JSON.parse(data) as ProgressData
  rise(percent, message === undefined ? `${step} ${status}` : `${step}: ${message}`)
}

/** MCP wants each to be more than the one before, also where there is nothing new to say. */
function makeRising(tell: Tell): Tell {
  let last = -1
  return (percent, message) => {
    last = percent > last ? percent : last + (100 - last) / 1_000
    tell(last, message)
  }
}

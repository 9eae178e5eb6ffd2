import type { DevRun } from '../dev/dev-run.ts'
import { isEnded, type Job } from '../dev/job-board.ts'
import { SELF } from '../dev/log-book.ts'
import { showDuration } from './duration.ts'
import { formatLogLine } from './log-text.ts'
import type { Paint } from './paint.ts'
import { toPlainText } from './plain-text.ts'

export interface DevViewOptions {
  readonly run: DevRun
  readonly projectDir: string
  readonly paint: Paint
  /** Ends the run. */
  readonly quit: () => void
}

/** A dev run as lines: for a file, a pipe, or a terminal that shall keep them. Returns its end. */
export function showPlainly({ run, paint }: DevViewOptions): () => void {
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const stops = [
    run.logs.follow((line) => {
      if (line.level !== 'debug')
        print(line.source === SELF ? line.text : formatLogLine(line, paint))
    }),
    run.board.follow((job) => {
      if (isEnded(job)) print(formatEnd(job))
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** `job k3f9x2ab triage succeeded 1.2 s` */
function formatEnd(job: Job): string {
  const { state, endedAtMs = job.startedAtMs } = job
  const took = showDuration(endedAtMs - job.startedAtMs)
  const head = `job ${job.id} ${job.pipeline} ${state.status} ${took}`
  const [error] = state.status === 'failed' ? state.errors : []
  if (!error) return head
  return `${head}: ${error.type} in ${error.step}: ${toPlainText(error.message)}`
}

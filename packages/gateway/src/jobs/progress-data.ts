import type { ProgressReport } from '@asya/protocol'

/** Of a text: each follower of the job is told it, and the last one is in each list. */
const MAX_TEXT_LENGTH = 2_000

/** What an update says of a report, as JSON: under the names of the wire, and how far its job is. */
export function toProgressData(report: ProgressReport): string {
  return JSON.stringify({
    step: toKeptText(report.step),
    step_index: report.stepIndex,
    total_steps: report.totalSteps,
    status: report.status,
    actor_name: toKeptText(report.actorName),
    percent: report.percent,
    message: report.message === undefined ? undefined : toKeptText(report.message),
    duration_ms: report.durationMs,
    job_percent: toJobPercent(report),
  })
}

/** PostgreSQL reads JSON with NUL or half a character in a text as an error. */
function toKeptText(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH).toWellFormed().replaceAll('\0', '\ufffd')
}

/** What one branch reports says little of the others: the end alone makes it 100. */
const MAX_PERCENT = 99

/** How far the whole job is, if all steps take alike. */
export function toJobPercent(report: ProgressReport): number {
  const { stepIndex, totalSteps, status, percent = 0 } = report
  // That one branch has done the last step says nothing of the others.
  const isLast = stepIndex + 1 >= totalSteps
  const within = status !== 'completed' ? percent / 100 : isLast ? 0 : 1
  const share = (100 * (stepIndex + within)) / Math.max(1, totalSteps)
  return Math.min(MAX_PERCENT, Math.floor(share))
}

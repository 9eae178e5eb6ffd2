import { showDuration } from '../view/duration.ts'
import { count } from '../view/model-text.ts'
import type { Paint } from '../view/paint.ts'
import { toPlainText } from '../view/plain-text.ts'
import type { JobEnd } from './call-pipeline.ts'

/** What to tell of a job that gave no result; undefined when it gave all. */
export function explainFailure(end: JobEnd, paint: Paint): string | undefined {
  switch (end.type) {
    case 'succeeded': {
      const early = end.results.filter((result) => result === null).length
      if (early === 0) return undefined
      const branches = early === 1 ? 'a branch' : `${early} branches`
      return paint('dim', `${branches} of ${end.jobId} ended early, without a result`)
    }
    case 'cancelled':
      return `${paint('yellow', '■')} ${end.jobId} was cancelled after ${showDuration(end.duration_ms)}`
    case 'failed': {
      const head = `${paint('red', '✗')} ${end.jobId} failed after ${showDuration(end.duration_ms)}`
      const shown = end.errors.slice(0, MAX_SHOWN).flatMap((error) => showError(error, paint))
      const more = end.errors.length - MAX_SHOWN
      return [
        head,
        ...shown,
        ...(more > 0 ? [`  and ${more} more`] : []),
        `  ${paint('dim', 'all of it:')} asya errors show ${end.jobId}`,
      ].join('\n')
    }
  }
}

const MAX_SHOWN = 5

type JobError = Extract<JobEnd, { type: 'failed' }>['errors'][number]

function showError(error: JobError, paint: Paint): string[] {
  const { type, step, message, exception, attempts } = error
  const [first = '', ...rest] = message.split('\n').map(toPlainText)
  const name = exception === undefined || exception === 'Error' ? '' : `${exception}: `
  const tries = `after ${count(attempts, 'attempt')}`
  return [
    `  ${paint('bold', type)} in ${paint('bold', step)}, ${tries}`,
    `  ${name}${first}`,
    ...rest.map((line) => `  ${line}`),
  ]
}

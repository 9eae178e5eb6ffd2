import {
  stringifyToBytes,
  type Branch,
  type FinalReport,
  type ProgressReport,
} from '@asya/protocol'
import type { Random } from './random.ts'

export type Report =
  | { readonly type: 'progress'; readonly report: ProgressReport }
  | { readonly type: 'final'; readonly report: FinalReport }

/** What sidecars say of one job, in an order that only a bad network makes, some of it twice. */
export interface RandomReports {
  readonly reports: readonly Report[]
  /** The job's results, as JSON: each branch's own, in order. */
  readonly results: string
}

const MAX_BRANCHES = 6
const MAX_PROGRESS = 6

export function makeReports(jobId: string, random: Random): RandomReports {
  const count = random.between(1, MAX_BRANCHES)
  const branches = Array.from({ length: count }, (_, index): Branch => {
    return count === 1 ? [] : [{ index, count, generation: 'g' }]
  })
  const finals = branches.map((branch, index): Report => {
    return {
      type: 'final',
      report: { status: 'succeeded', jobId, branch, result: stringifyToBytes(index) },
    }
  })
  const progress = Array.from({ length: random.between(0, MAX_PROGRESS) }, (_, nth): Report => {
    return { type: 'progress', report: progressOf(jobId, nth) }
  })
  const all = [...finals, ...progress]
  const again = all.filter(() => random.next() < 0.3)
  return {
    reports: random.shuffle([...all, ...again]),
    results: JSON.stringify(branches.map((_, index) => index)),
  }
}

function progressOf(jobId: string, nth: number): ProgressReport {
  const place = { jobId, step: 'work', stepIndex: 0, totalSteps: 1, actorName: 'work' }
  return { ...place, status: 'processing', percent: nth * 10 }
}

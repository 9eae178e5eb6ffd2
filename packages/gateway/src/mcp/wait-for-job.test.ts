import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { EndedJob, JobUpdate } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { waitForJob } from './wait-for-job.ts'

const ENDED = { job: { id: 'j', seq: 3 } } as EndedJob

function update(seq: number, type: JobUpdate['type'], data: object = {}): JobUpdate {
  return { jobId: 'j', seq, type, at: new Date(0), data: JSON.stringify(data) }
}

it('What came before the end is told, also when the end is known first.', async () => {
  let tellUpdates: (updates: readonly JobUpdate[]) => void = () => undefined
  const jobs = {
    follow: (_id: string, _seq: number, tell: typeof tellUpdates) => {
      tellUpdates = tell
      return () => {
        tellUpdates = () => undefined
      }
    },
    waitForEnd: () => Promise.resolve(ENDED),
  } as unknown as Jobs
  const told: string[] = []
  const waiting = waitForJob(jobs, {
    ...{ jobId: 'j', seq: 0, waitMs: 1_000, signal: new AbortController().signal },
    tell: (_, message) => told.push(message),
  })
  await setImmediate()
  const progress = { step: 'a', status: 'completed', job_percent: 50 }
  tellUpdates([update(1, 'pending'), update(2, 'progress', progress)])
  tellUpdates([update(3, 'succeeded')])
  expect(await waiting).toBe(ENDED)
  expect(told).toEqual(['job j', 'a completed'])
})

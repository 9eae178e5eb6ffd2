import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import type { EndedJob, JobUpdate } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { waitForJob } from './wait-for-job.ts'

const ENDED = { job: { id: 'j', seq: 3 } } as EndedJob

function update(seq: number, type: JobUpdate['type'], data: object = {}): JobUpdate {
  return { jobId: 'j', seq, type, at: new Date(0), data: JSON.stringify(data) }
}

interface Waiting {
  readonly ended: Promise<EndedJob | undefined>
  readonly told: readonly string[]
  /** Reads updates of the job. */
  read(...updates: readonly JobUpdate[]): void
}

/** Waits for a job that has ended, and of which no update was read yet. */
function waitForEnded(signal = new AbortController().signal): Waiting {
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
  const ended = waitForJob(jobs, {
    ...{ jobId: 'j', seq: 0, waitMs: 1_000, signal },
    tell: (_, message) => told.push(message),
  })
  return { ended, told, read: (...updates) => tellUpdates(updates) }
}

afterEach(() => {
  vi.useRealTimers()
})

it('What came before the end is told, also when the end is known first.', async () => {
  const { ended, told, read } = waitForEnded()
  await setImmediate()
  const progress = { step: 'a', status: 'completed', job_percent: 50 }
  read(update(1, 'pending'), update(2, 'progress', progress))
  read(update(3, 'succeeded'))
  expect(await ended).toBe(ENDED)
  expect(told).toEqual(['job j', 'a completed'])
})

it('An end is told all the same where the updates before it cannot be read.', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] })
  const { ended, read } = waitForEnded()
  await setImmediate()
  read(update(1, 'pending'))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(await ended).toBe(ENDED)
})

it('A client that has gone is waited for no longer.', async () => {
  const gone = new AbortController()
  const { ended } = waitForEnded(gone.signal)
  await setImmediate()
  gone.abort()
  expect(await ended).toBe(ENDED)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { createSilentLogger } from '@asya/service/logger'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { createJobDatabase, makeJob, type JobDatabase } from '../testing/test-jobs.ts'
import { JobStore } from './job-store.ts'
import { MAX_UPDATES } from './statements.ts'
import { UpdateHub } from './update-hub.ts'

let made: JobDatabase
let store: JobStore
let hub: UpdateHub

beforeAll(async () => {
  made = await createJobDatabase(inject('postgresUrl'))
  store = new JobStore(made.database)
  // Nothing is read but for a hint.
  const parts = { replicas: made.makeReplica(), logger: createSilentLogger(), pollMs: 600_000 }
  hub = new UpdateHub({ store, ...parts })
  hub.start()
})

afterAll(async () => {
  await hub.close()
  await made.close()
})

async function startJob(): Promise<string> {
  const job = makeJob()
  await store.accept(job)
  return job.id
}

async function report(jobId: string, count: number): Promise<void> {
  const one = { jobId, step: 'a', stepIndex: 0, totalSteps: 1, actorName: 'a' } as const
  const reports = Array.from({ length: count }, () => ({ ...one, status: 'processing' as const }))
  await Promise.all(reports.map((each) => store.recordProgress(each)))
}

it('A change is read once.', async () => {
  const read = vi.spyOn(store, 'readUpdates')
  const jobId = await startJob()
  const seen: number[] = []
  const stop = hub.follow(jobId, 0, (updates) => seen.push(...updates.map(({ seq }) => seq)))
  await vi.waitFor(() => expect(seen).toEqual([1]))
  await report(jobId, 2)
  hub.touch([jobId])
  await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]))
  await sleep(100)
  stop()
  expect(read).toHaveBeenCalledTimes(2)
})

it('What is more than one read gives is read to its end.', async () => {
  const jobId = await startJob()
  const count = 2 * MAX_UPDATES + 10
  await report(jobId, count)
  const seen: number[] = []
  const stop = hub.follow(jobId, 0, (updates) => seen.push(...updates.map(({ seq }) => seq)))
  await vi.waitFor(() => expect(seen).toHaveLength(count + 1))
  stop()
  expect(seen).toEqual(Array.from({ length: count + 1 }, (_, index) => index + 1))
})

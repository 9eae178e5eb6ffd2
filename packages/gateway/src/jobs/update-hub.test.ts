import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { createTestHub, makeJob, type TestHub } from '../testing/test-jobs.ts'
import { MAX_UPDATES } from './statements.ts'

let rig: TestHub

beforeAll(async () => {
  // Nothing is read but for a hint.
  rig = await createTestHub(inject('postgresUrl'), { pollMs: 600_000 })
})

afterAll(async () => {
  await rig.close()
})

async function startJob(): Promise<string> {
  const job = makeJob()
  await rig.store.accept(job)
  return job.id
}

async function report(jobId: string, count: number): Promise<void> {
  const one = { jobId, step: 'a', stepIndex: 0, totalSteps: 1, actorName: 'a' } as const
  const reports = Array.from({ length: count }, () => ({ ...one, status: 'processing' as const }))
  await Promise.all(reports.map((each) => rig.store.recordProgress(each)))
}

it('A change is read once.', async () => {
  const read = vi.spyOn(rig.store, 'readUpdates')
  const jobId = await startJob()
  const seen: number[] = []
  const stop = rig.hub.follow(jobId, 0, (updates) => seen.push(...updates.map(({ seq }) => seq)))
  await vi.waitFor(() => expect(seen).toEqual([1]))
  await report(jobId, 2)
  rig.hub.touch([jobId])
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
  const stop = rig.hub.follow(jobId, 0, (updates) => seen.push(...updates.map(({ seq }) => seq)))
  await vi.waitFor(() => expect(seen).toHaveLength(count + 1))
  stop()
  expect(seen).toEqual(Array.from({ length: count + 1 }, (_, index) => index + 1))
})

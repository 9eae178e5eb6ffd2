import { createSilentLogger } from '@asya/service/logger'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { createJobDatabase, makeJob, type JobDatabase } from '../testing/test-jobs.ts'
import { EndWaits } from './end-waits.ts'
import { JobStore } from './job-store.ts'
import { UpdateHub } from './update-hub.ts'

let made: JobDatabase
let store: JobStore
let hub: UpdateHub
let waits: EndWaits
let jobId: string

beforeAll(async () => {
  made = await createJobDatabase(inject('postgresUrl'))
  store = new JobStore(made.database)
  const replicas = made.makeReplica()
  hub = new UpdateHub({ store, replicas, logger: createSilentLogger() })
  waits = new EndWaits(store, hub)
  await replicas.start()
  hub.start()
})

afterAll(async () => {
  await hub.close()
  await made.close()
})

beforeEach(async () => {
  const job = makeJob()
  jobId = job.id
  await store.accept(job)
})

it('A wait reads when it begins and at the end, and not when its job comes on.', async () => {
  const read = vi.spyOn(store, 'readEnded')
  const ended = waits.wait(jobId, 10_000)
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1))
  hub.touch([jobId])
  hub.touch([jobId])
  await store.end(jobId, 'cancelled')
  hub.touch([jobId], true)
  expect(await ended).toMatchObject({ job: { id: jobId, state: 'cancelled' } })
  expect(read).toHaveBeenCalledTimes(2)
  read.mockRestore()
})

it('Many that wait for one job, and for others, are told of its end.', async () => {
  const other = waits.wait(makeJob().id, 500)
  const all = Promise.all([waits.wait(jobId, 10_000), waits.wait(jobId, 10_000)])
  await store.end(jobId, 'failed', undefined)
  hub.touch([jobId], true)
  for (const ended of await all) expect(ended?.job.state).toBe('failed')
  expect(await other).toBeUndefined()
})

it('An end that nobody tells of is found all the same, and one that was there before at once.', async () => {
  const ended = waits.wait(jobId, 20_000)
  await store.end(jobId, 'cancelled')
  expect((await ended)?.job.id).toBe(jobId)
  expect((await waits.wait(jobId, 20_000))?.job.id).toBe(jobId)
})

it('An end on another replica is told.', async () => {
  const replicas = made.makeReplica()
  const elsewhere = new UpdateHub({ store, replicas, logger: createSilentLogger() })
  const ended = waits.wait(jobId, 10_000)
  await store.end(jobId, 'cancelled')
  elsewhere.touch([jobId], true)
  expect((await ended)?.job.id).toBe(jobId)
  await elsewhere.close()
})

it('Who goes away, or has waited long enough, is told nothing.', async () => {
  const leaving = new AbortController()
  const left = waits.wait(jobId, 10_000, leaving.signal)
  leaving.abort()
  expect(await left).toBeUndefined()
  expect(await waits.wait(jobId, 10_000, leaving.signal)).toBeUndefined()
  expect(await waits.wait(jobId, 20)).toBeUndefined()
})

it('While PostgreSQL does not answer, a wait goes on.', async () => {
  const read = vi.spyOn(store, 'readEnded').mockRejectedValueOnce(new Error('away'))
  const ended = waits.wait(jobId, 20_000)
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1))
  await store.end(jobId, 'cancelled')
  expect((await ended)?.job.id).toBe(jobId)
  read.mockRestore()
})

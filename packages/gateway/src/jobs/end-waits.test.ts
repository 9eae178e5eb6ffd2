import { createSilentLogger } from '@asya/service/logger'
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest'
import { createTestHub, makeJob, type TestHub } from '../testing/test-jobs.ts'
import { EndWaits } from './end-waits.ts'
import { UpdateHub } from './update-hub.ts'

let rig: TestHub
let waits: EndWaits
let jobId: string

beforeAll(async () => {
  rig = await createTestHub(inject('postgresUrl'))
  waits = new EndWaits(rig.store, rig.hub)
})

afterAll(async () => {
  await rig.close()
})

beforeEach(async () => {
  const job = makeJob()
  jobId = job.id
  await rig.store.accept(job)
})

it('A wait reads when it begins and at the end, and not when its job comes on.', async () => {
  const read = vi.spyOn(rig.store, 'readEnded')
  const ended = waits.wait(jobId, 10_000)
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1))
  rig.hub.touch([jobId])
  rig.hub.touch([jobId])
  await rig.store.end(jobId, 'cancelled')
  rig.hub.touch([jobId], true)
  expect(await ended).toMatchObject({ job: { id: jobId, state: 'cancelled' } })
  expect(read).toHaveBeenCalledTimes(2)
  read.mockRestore()
})

it('Many that wait for one job, and for others, are told of its end.', async () => {
  const other = waits.wait(makeJob().id, 500)
  const all = Promise.all([waits.wait(jobId, 10_000), waits.wait(jobId, 10_000)])
  await rig.store.end(jobId, 'failed', undefined)
  rig.hub.touch([jobId], true)
  for (const ended of await all) expect(ended?.job.state).toBe('failed')
  expect(await other).toBeUndefined()
})

it('An end that nobody tells of is found all the same, and one that was there before at once.', async () => {
  const ended = waits.wait(jobId, 20_000)
  await rig.store.end(jobId, 'cancelled')
  expect((await ended)?.job.id).toBe(jobId)
  expect((await waits.wait(jobId, 20_000))?.job.id).toBe(jobId)
})

it('An end on another replica is told.', async () => {
  const replicas = rig.makeReplica()
  const elsewhere = new UpdateHub({ store: rig.store, replicas, logger: createSilentLogger() })
  const ended = waits.wait(jobId, 10_000)
  await rig.store.end(jobId, 'cancelled')
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
  const read = vi.spyOn(rig.store, 'readEnded').mockRejectedValueOnce(new Error('away'))
  const ended = waits.wait(jobId, 20_000)
  await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(1))
  await rig.store.end(jobId, 'cancelled')
  expect((await ended)?.job.id).toBe(jobId)
  read.mockRestore()
})

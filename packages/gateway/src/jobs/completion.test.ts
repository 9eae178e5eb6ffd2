import {
  bytesToText,
  JobCompletion,
  stringifyToBytes,
  type Branch,
  type FinalReport,
} from '@asya/protocol'
import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createJobDatabase, makeJob, type JobDatabase } from '../testing/test-jobs.ts'
import { JobStore } from './job-store.ts'

let made: JobDatabase
let store: JobStore

beforeAll(async () => {
  made = await createJobDatabase(inject('postgresUrl'))
  store = new JobStore(made.database)
})

afterAll(async () => {
  await made.close()
})

async function openJob(isPartial = false): Promise<string> {
  const job = makeJob({ route: ['a', 'b'], isPartial })
  await store.accept(job)
  return job.id
}

/** A final whose result says which branch it is of. */
function finalOf(jobId: string, branch: Branch, isFailed = false): FinalReport {
  const told = stringifyToBytes(branch.map((entry) => entry.index))
  return isFailed
    ? { status: 'failed', jobId, branch, error: told }
    : { status: 'succeeded', jobId, branch, result: told }
}

/** Branches up to three deep, of two generations, with counts that may contradict each other. */
const branch = fc
  .array(
    fc.record({
      index: fc.nat(2),
      count: fc.integer({ min: 1, max: 3 }),
      generation: fc.constantFrom('g', 'h'),
    }),
    { maxLength: 3 },
  )
  .filter((entries) => entries.every(({ index, count }) => index < count))

const finals = fc.array(fc.tuple(branch, fc.boolean()), { maxLength: 40 })

describe('The tables complete a job', () => {
  it('at the same final, with the same ends, as the completion of the protocol', async () => {
    let completed = 0
    await fc.assert(
      fc.asyncProperty(finals, async (given) => {
        const jobId = await openJob()
        const model = new JobCompletion()
        for (const [path, isFailed] of given) {
          const final = finalOf(jobId, path, isFailed)
          const isComplete = model.isComplete
          const isLast = model.record(final)
          const answer = await store.recordFinal(final)
          if (isComplete) expect(answer).toBe('ended')
          else expect(answer === 'completed').toBe(isLast)
        }
        const job = await store.find(jobId)
        expect(job?.endedAt !== undefined).toBe(model.isComplete)
        if (!model.isComplete) return
        completed++
        const ends = model.collect()
        const errors = ends.filter((end) => end.status === 'failed')
        const end = await store.readEnd(jobId)
        expect(job?.state).toBe(errors.length > 0 ? 'failed' : 'succeeded')
        if (errors.length > 0)
          expect(end.errors && bytesToText(end.errors)).toBe(
            `[${errors.map((each) => bytesToText(each.error)).join()}]`,
          )
        else
          expect(end.results && bytesToText(end.results)).toBe(
            `[${ends.map((each) => (each.status === 'succeeded' ? bytesToText(each.result) : '')).join()}]`,
          )
      }),
      { numRuns: 300 },
    )
    // The property says little if hardly any job completes.
    expect(completed).toBeGreaterThan(50)
  }, 60_000)

  it('once, whatever the order of ten thousand ends and however many come at once', async () => {
    const jobId = await openJob()
    const count = 10_000
    const indices = Array.from({ length: count }, (_, index) => (index * 7_919) % count)
    const answers = await Promise.all(
      indices.map((index) =>
        store.recordFinal(finalOf(jobId, [{ index, count, generation: 'g' }])),
      ),
    )
    expect(answers.filter((answer) => answer === 'completed')).toHaveLength(1)
    const { results } = await store.readEnd(jobId)
    const expected = Array.from({ length: count }, (_, index) => `[${index}]`)
    expect(results && bytesToText(results)).toBe(`[${expected.join()}]`)
  }, 60_000)

  it('with nulls for the branches that failed, where the job may be partial', async () => {
    const jobId = await openJob(true)
    const child = (index: number): Branch => [{ index, count: 2, generation: 'g' }]
    await store.recordFinal(finalOf(jobId, child(1), true))
    expect(await store.recordFinal(finalOf(jobId, child(0)))).toBe('completed')
    const end = await store.readEnd(jobId)
    expect(await store.find(jobId)).toMatchObject({ state: 'succeeded', percent: 100 })
    expect(end.results && bytesToText(end.results)).toBe('[[0],null]')
    expect(end.errors && bytesToText(end.errors)).toBe('[[1]]')
  })

  it('as failed, when every branch of a partial job did', async () => {
    const jobId = await openJob(true)
    await store.recordFinal(finalOf(jobId, [], true))
    expect(await store.find(jobId)).toMatchObject({ state: 'failed' })
  })

  it('never, when there is no such job', async () => {
    expect(await store.recordFinal(finalOf(randomUUID(), []))).toBe('unknown')
  })
})

describe('A job that has ended', () => {
  it('ends as it did first, in any order of reports (J2), with updates that have no gaps (J3)', async () => {
    const report = fc.constantFrom('progress', 'succeeded', 'failed', 'cancel', 'heartbeat')
    await fc.assert(
      fc.asyncProperty(fc.array(report, { minLength: 1, maxLength: 12 }), async (reports) => {
        const jobId = await openJob()
        let expected: string | undefined
        for (const kind of reports) {
          if (kind === 'progress') await store.recordProgress(progressOf(jobId))
          else if (kind === 'heartbeat') await store.heartbeat(jobId)
          else if (kind === 'cancel') {
            expect(await store.end(jobId, 'cancelled')).toBe(expected === undefined)
            expected ??= 'cancelled'
          } else {
            const answer = await store.recordFinal(finalOf(jobId, [], kind === 'failed'))
            expect(answer).toBe(expected === undefined ? 'completed' : 'ended')
            expected ??= kind
          }
        }
        const hasProgress = reports.includes('progress')
        const open = hasProgress ? 'running' : 'pending'
        expect((await store.find(jobId))?.state).toBe(expected ?? open)
        const updates = await store.readUpdates([{ jobId, seq: 0 }])
        expect(updates.map(({ seq }) => seq)).toEqual(updates.map((_, index) => index + 1))
        const ends = updates.filter(({ type }) => type !== 'pending' && type !== 'progress')
        expect(ends.map(({ type }) => type)).toEqual(expected === undefined ? [] : [expected])
      }),
      { numRuns: 200 },
    )
  }, 60_000)
})

function progressOf(jobId: string) {
  return {
    ...{ jobId, step: 'a', stepIndex: 0, totalSteps: 2, actorName: 'a' },
    status: 'processing' as const,
  }
}

import { createSilentLogger } from '@asya/service/logger'
import type { PublishResult, Transport } from '@asya/transport'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { DatabaseUnavailableError } from '../errors.ts'
import { createJobDatabase, makeJob, type JobDatabase } from '../testing/test-jobs.ts'
import { JobStore } from './job-store.ts'
import { Publisher } from './publisher.ts'

let made: JobDatabase

beforeAll(async () => {
  made = await createJobDatabase(inject('postgresUrl'))
})

afterAll(async () => {
  await made.close()
})

/** Loses the database between a confirm and its note, so often. */
class ForgetfulStore extends JobStore {
  failures = 0

  override async forgetSent(ids: readonly string[]): Promise<void> {
    if (this.failures-- > 0) throw new DatabaseUnavailableError('gone')
    await super.forgetSent(ids)
  }
}

async function publishOne(answer: () => Promise<PublishResult>, failures: number) {
  const store = new ForgetfulStore(made.database)
  store.failures = failures
  let publishes = 0
  const transport: Transport = createMemoryBroker().connect()
  transport.publish = () => {
    publishes += 1
    return answer()
  }
  const logger = createSilentLogger()
  const publisher = new Publisher({ store, transport, logger, onEnded: () => undefined })
  const job = makeJob()
  await store.accept(job)
  publisher.start()
  publisher.send(job)
  // The claim of whoever accepted it has run out, as it does when a queue system is away for long.
  const expire = (): Promise<unknown> =>
    made.query('update outbox set claimed_until = now() where job_id = $1', [job.id])
  return { publisher, store, jobId: job.id, expire, count: () => publishes }
}

describe('A first message', () => {
  it('stays claimed by the process that sends it, however long that takes', async () => {
    const confirm = Promise.withResolvers<PublishResult>()
    const { publisher, jobId } = await publishOne(() => confirm.promise, 0)
    const readClaim = async (): Promise<number> => {
      const [row] = await made.query(
        `select extract(epoch from claimed_until - created_at)::float8 as seconds
          from outbox join jobs on id = job_id where id = $1`,
        [jobId],
      )
      return Number(row?.['seconds'])
    }
    expect(await readClaim()).toBe(10)
    await expect.poll(readClaim, { timeout: 10_000 }).toBeGreaterThan(13)
    confirm.resolve({ type: 'confirmed' })
    await publisher.close()
  }, 15_000)

  it('is not sent again while its process waits for the confirm', async () => {
    const confirm = Promise.withResolvers<PublishResult>()
    const { publisher, store, expire, count } = await publishOne(() => confirm.promise, 0)
    for (let look = 0; look < 3; look++) {
      await expire()
      await new Promise((resolve) => setTimeout(resolve, 1_200))
    }
    expect(count()).toBe(1)
    confirm.resolve({ type: 'confirmed' })
    await expect.poll(() => store.countUnsent()).toBe(0)
    await publisher.close()
  })

  it('is not sent again when it was confirmed, and the tables could not be told', async () => {
    const confirmed: PublishResult = { type: 'confirmed' }
    const { publisher, store, expire, count } = await publishOne(
      () => Promise.resolve(confirmed),
      2,
    )
    await expect
      .poll(
        async () => {
          await expire()
          return store.countUnsent()
        },
        { timeout: 10_000, interval: 300 },
      )
      .toBe(0)
    expect(count()).toBe(1)
    await publisher.close()
  }, 15_000)
})

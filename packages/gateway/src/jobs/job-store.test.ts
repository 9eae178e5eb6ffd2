import { randomUUID } from 'node:crypto'
import { ROOT, stringifyToBytes } from '@asya/protocol'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { Database } from '../database/database.ts'
import { migrate } from '../migrate.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { makeJob } from '../testing/test-jobs.ts'
import { JobStore } from './job-store.ts'

let testDatabase: TestDatabase
const databases: Database[] = []

function openStore(): JobStore {
  const { url } = testDatabase
  const database = new Database({ url, maxConnections: 8, onError: () => undefined })
  databases.push(database)
  return new JobStore(database)
}

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('postgresUrl'))
  await migrate(testDatabase.url)
})

afterAll(async () => {
  for (const database of databases) await database.close()
  await testDatabase.close()
})

const ROUNDS = 30
const JOBS = 90

describe('Replicas do not wait for each other in a circle', () => {
  it('when they accept the same calls in opposite orders', async () => {
    const [one, other] = [openStore(), openStore()]
    for (let round = 0; round < ROUNDS; round++) {
      const keys = Array.from({ length: JOBS }, () => randomUUID())
      const accept = (store: JobStore, names: readonly string[]) =>
        Promise.all(
          names.map((key) =>
            store.accept(makeJob({ idempotency: { key, hash: Buffer.from('same') } })),
          ),
        )
      const answers = await Promise.all([accept(one, keys), accept(other, keys.toReversed())])
      expect(answers.flat().filter(({ type }) => type === 'created')).toHaveLength(JOBS)
    }
  })

  it('when jobs end as their messages are noted as sent', async () => {
    const [one, other] = [openStore(), openStore()]
    for (let round = 0; round < ROUNDS; round++) {
      const jobs = Array.from({ length: JOBS }, () => makeJob())
      await Promise.all(jobs.map((job) => one.accept(job)))
      const sorted = jobs.map(({ id }) => id).sort()
      const finals = sorted.map((jobId) =>
        other.recordFinal({
          status: 'succeeded',
          jobId,
          branch: ROOT,
          result: stringifyToBytes(1),
        }),
      )
      const answers = await Promise.all([one.forgetSent(sorted.toReversed()), ...finals])
      expect(answers.filter((answer) => answer === 'completed')).toHaveLength(JOBS)
    }
  })
})

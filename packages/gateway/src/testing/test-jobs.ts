import { randomUUID } from 'node:crypto'
import { stringifyToBytes } from '@asya/protocol'
import { createSilentLogger } from '@asya/service/logger'
import { Database } from '../database/database.ts'
import { Replicas } from '../database/replicas.ts'
import type { NewJob } from '../jobs/job.ts'
import { JobStore } from '../jobs/job-store.ts'
import { UpdateHub } from '../jobs/update-hub.ts'
import { migrate } from '../migrate.ts'
import { createTestDatabase, type TestDatabase } from './test-database.ts'

/** A database with the tables of jobs, and connections of the gateway's kind to it. */
export interface JobDatabase extends TestDatabase {
  readonly database: Database
  /** Another replica, that listens to nothing before it is started. */
  makeReplica(): Replicas
}

export async function createJobDatabase(serverUrl: string): Promise<JobDatabase> {
  const made = await createTestDatabase(serverUrl)
  await migrate(made.url)
  const database = new Database({ url: made.url, maxConnections: 8, onError: () => undefined })
  const replicas: Replicas[] = []
  return {
    ...made,
    database,
    makeReplica: () => {
      const replica = new Replicas({ url: made.url, database, logger: createSilentLogger() })
      replicas.push(replica)
      return replica
    },
    close: async () => {
      await Promise.all(replicas.map((replica) => replica.close()))
      await database.close()
      await made.close()
    },
  }
}

/** The tables of jobs, and a hub that hears of other replicas. */
export interface TestHub extends JobDatabase {
  readonly store: JobStore
  readonly hub: UpdateHub
}

export async function createTestHub(
  serverUrl: string,
  options: { readonly pollMs?: number } = {},
): Promise<TestHub> {
  const made = await createJobDatabase(serverUrl)
  const store = new JobStore(made.database)
  const replicas = made.makeReplica()
  const hub = new UpdateHub({ store, replicas, logger: createSilentLogger(), ...options })
  await replicas.start()
  hub.start()
  const close = async (): Promise<void> => {
    await hub.close()
    await made.close()
  }
  return { ...made, store, hub, close }
}

/** A job with an id of its own. */
export function makeJob(own: Partial<NewJob> = {}): NewJob {
  return {
    id: randomUUID(),
    tool: 't',
    principal: '',
    route: ['a'],
    payload: stringifyToBytes({}),
    isPartial: false,
    timeoutMs: 60_000,
    ...own,
  }
}

import { randomUUID } from 'node:crypto'
import { bytesToText, stringifyToBytes } from '@asya/protocol'
import { createSilentLogger } from '@asya/service/logger'
import { Database } from '../../packages/gateway/src/database/database.ts'
import { Replicas } from '../../packages/gateway/src/database/replicas.ts'
import { JobStore } from '../../packages/gateway/src/jobs/job-store.ts'
import { UpdateHub } from '../../packages/gateway/src/jobs/update-hub.ts'
import { migrate } from '../../packages/gateway/src/migrate.ts'
import { startPostgres } from '../../packages/gateway/src/postgres/start-postgres.ts'
import { isEndType } from '../harness/job-stream.ts'
import { JobSystem } from '../harness/job-system.ts'
import { declareWork, progressOf } from '../harness/job-worker.ts'
import { makeReports, type Report } from '../harness/random-reports.ts'
import { Random } from '../harness/random.ts'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

const ORDERS = { quick: 1_000, full: 10_000 }
const SIDE_BY_SIDE = 50

/** What two replicas share: each has its own connections, and hears of the other's changes. */
interface Replica {
  readonly store: JobStore
  readonly hub: UpdateHub
}

async function openReplica(trial: Trial, url: string): Promise<Replica> {
  const database = new Database({ url, maxConnections: 8, onError: () => undefined })
  const store = new JobStore(database)
  const logger = createSilentLogger()
  const replicas = new Replicas({ url, database, logger })
  const hub = new UpdateHub({ store, replicas, logger })
  trial.closeAtEnd(() => database.close())
  trial.closeAtEnd(() => replicas.close())
  trial.closeAtEnd(() => hub.close())
  await replicas.start()
  hub.start()
  return { store, hub }
}

const randomOrders: Row = {
  name: 'reports-in-any-order',
  says: '10,000 jobs (quick: 1,000) with their reports in random orders, some twice, on two replicas',
  trials: { quick: 1, full: 1 },
  hasOwnCanary: true,
  // Its work is done in this process: the clocks of others would stand still.
  isExclusive: true,
  run: async (trial) => {
    const postgres = await startPostgres({ isDurable: false })
    trial.closeAtEnd(() => postgres.close())
    await migrate(postgres.url)
    const replicas: readonly [Replica, Replica] = [
      await openReplica(trial, postgres.url),
      await openReplica(trial, postgres.url),
    ]
    const count = trial.options.isQuick ? ORDERS.quick : ORDERS.full
    const seeds = Array.from({ length: count }, () => trial.random.between(0, 2 ** 31))
    let reports = 0
    const work = async (): Promise<void> => {
      for (let seed = seeds.pop(); seed !== undefined; seed = seeds.pop()) {
        const told = await runOrder(trial, replicas, new Random(seed))
        reports += told
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work))
    trial.noteCount({ what: 'reports', count: reports })
  },
}

/** Tells both replicas the reports of a job, and looks at what a follower of the other one got. */
async function runOrder(
  trial: Trial,
  replicas: readonly [Replica, Replica],
  random: Random,
): Promise<number> {
  const { ledger } = trial
  const jobId = randomUUID()
  const [one, other] = random.next() < 0.5 ? replicas : [replicas[1], replicas[0]]
  ledger.send(jobId, { place: 'either' })
  trial.noteFault(0)
  await one.store.accept({
    ...{ id: jobId, tool: 'work', principal: '', route: ['work'] },
    ...{ payload: stringifyToBytes({}), isPartial: false, timeoutMs: 600_000 },
  })
  ledger.confirm(jobId)
  const seen: { readonly seq: number; readonly type: string }[] = []
  const ended = new Promise<void>((resolve) => {
    const stop = other.hub.follow(jobId, 0, (updates) => {
      seen.push(...updates)
      if (!updates.some(({ type }) => isEndType(type))) return
      stop()
      resolve()
    })
  })
  const { reports, results } = makeReports(jobId, random)
  const tell = async (report: Report): Promise<void> => {
    const { store, hub } = random.next() < 0.5 ? one : other
    if (report.type === 'progress') await store.recordProgress(report.report)
    else await store.recordFinal(report.report)
    hub.touch([jobId])
  }
  // Some wait for those before them; others come at once.
  const telling: Promise<void>[] = []
  for (const report of reports) {
    telling.push(tell(report))
    if (random.next() < 0.5) await Promise.all(telling.splice(0))
  }
  await Promise.all(telling)
  await ended
  ledger.noteServed(jobId, 1)
  const end = await one.store.readEnd(jobId)
  const found = end.results && bytesToText(end.results)
  if (found !== results)
    ledger.remark(`${jobId} has the results ${found ?? 'none'}, not ${results}`)
  if (seen.some(({ seq }, index) => seq !== index + 1))
    ledger.remark(`${jobId}: its updates were ${seen.map(({ seq }) => seq).join()}`)
  const ends = seen.filter(({ type }) => isEndType(type))
  if (ends.length !== 1) ledger.remark(`${jobId} ended ${ends.length} times`)
  return reports.length
}

interface StreamRow {
  readonly name: string
  readonly says: string
  readonly trials: Row['trials']
  readonly jobs: { readonly quick: number; readonly full: number }
  readonly reports: number
  readonly dropAfter?: number
}

/** The streams are on one replica, and what is told of their jobs on the other. */
function makeStreams({ name, says, trials, jobs, reports, dropAfter }: StreamRow): Row {
  return {
    ...{ name, says, trials, hasOwnCanary: true },
    run: async (trial) => {
      const queue = await declareWork(trial)
      const system = await JobSystem.open({ trial, route: [queue], replicas: 2 })
      const count = trial.options.isQuick ? jobs.quick : jobs.full
      const ids = await Promise.all(Array.from({ length: count }, () => system.call()))
      const run = async (jobId: string): Promise<void> => {
        system.follow(jobId, { start: 1, ...(dropAfter === undefined ? {} : { dropAfter }) })
        trial.noteFault(0)
        for (let nth = 0; nth < reports; nth++)
          await system.post(`${system.urlOf(0)}/jobs/${jobId}/progress`, progressOf(queue, nth))
        const final = { status: 'succeeded', result: jobId }
        await system.post(`${system.urlOf(0)}/jobs/${jobId}/final`, final)
      }
      await Promise.all(ids.filter((id) => id !== undefined).map(run))
      await trial.until('all streams have ended', () => trial.ledger.open === 0)
      await system.audit()
      await trial.client.onChannel((channel) => channel.purgeQueue(queue))
    },
  }
}

export const JOB_ROWS: readonly Row[] = [
  randomOrders,
  makeStreams({
    name: 'streams-elsewhere',
    says: 'streams on one replica, progress and ends told to the other',
    trials: { quick: 1, full: 10 },
    jobs: { quick: 100, full: 500 },
    reports: 20,
  }),
  makeStreams({
    name: 'streams-dropped',
    says: 'a stream is dropped at each event, and resumed by its number on the other replica',
    trials: { quick: 1, full: 10 },
    jobs: { quick: 25, full: 100 },
    reports: 20,
    dropAfter: 1,
  }),
]

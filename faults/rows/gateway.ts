import { setTimeout as sleep } from 'node:timers/promises'
import { JobSystem, type JobSystemOptions } from '../harness/job-system.ts'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

type Options = Partial<Pick<JobSystemOptions, 'replicas' | 'environment'>>

/** A pipeline of one step with its ends, as real sidecars, and gateways before it. */
async function openPipeline(trial: Trial, options: Options = {}): Promise<JobSystem> {
  const route = [trial.queueOf('work')]
  const system = await JobSystem.open({ trial, route, ...options })
  const environment = {
    ASYA_GATEWAY_URL: system.urlOf(0),
    ASYA_STEP_HAPPY_END: trial.queueOf('jobs-happy-end'),
    ASYA_STEP_ERROR_END: trial.queueOf('jobs-error-end'),
  }
  await Promise.all([
    trial.startActor('work', { environment, concurrency: CONCURRENCY }),
    trial.startActor('jobs-happy-end', { environment, isEnd: true }),
    trial.startActor('jobs-error-end', { environment, isEnd: true }),
  ])
  return system
}

interface PostgresFault {
  readonly name: string
  readonly says: string
  readonly trials: Row['trials']
  readonly options?: Options
  /** Makes the fault and ends it, under load; resolves with the time when nothing was taken any more. */
  readonly make: (system: JobSystem, trial: Trial) => Promise<Date>
}

/** While the tables are away calls are refused, and the ends of jobs that run are told later. */
function disturbPostgres({ name, says, trials, options, make }: PostgresFault): Row {
  return {
    ...{ name, says, trials, hasOwnCanary: true },
    run: async (trial) => {
      const system = await openPipeline(trial, options)
      const load = system.load({ jobs: trial.options.isQuick ? 100 : 1_500, ms: WORK_MS })
      await trial.until('jobs come to their end', () => trial.ledger.ended >= SOME)
      await sleep(trial.random.between(50, 500))
      trial.noteFault(0)
      const cutAt = await make(system, trial)
      await system.measureRecovery()
      await load
      await system.finish()
      const late = await system.countEndedAfter(cutAt)
      trial.noteCount({ what: 'ends told late', count: late })
      if (late === 0) trial.ledger.remark('the fault met no job: no end was told after it')
    },
  }
}

/** Long enough that jobs are always under way. */
const WORK_MS = 1_000
const CONCURRENCY = 32
const SOME = 10

/** `/ready` says that nothing can be accepted. */
async function untilRed(system: JobSystem, trial: Trial): Promise<void> {
  const isRed = async (): Promise<boolean> => (await system.gateways[0]?.isReady()) === false
  await trial.until('/ready is red', isRed, RED_MS)
}

const RED_MS = 15_000

function awayMs(trial: Trial): number {
  return trial.random.between(1_500, trial.options.isQuick ? 3_000 : 15_000)
}

const killed = disturbPostgres({
  name: 'postgres-kill',
  says: 'SIGKILL of PostgreSQL under load, and its start after seconds',
  trials: { quick: 1, full: 20 },
  make: async (system, trial) => {
    system.postgres.end('SIGKILL')
    const cutAt = new Date()
    await untilRed(system, trial)
    await sleep(awayMs(trial))
    await system.postgres.restart()
    return cutAt
  },
})

const restarted = disturbPostgres({
  name: 'postgres-restart',
  says: 'PostgreSQL ends in order under load, and starts again at once, twice a trial',
  trials: { quick: 1, full: 20 },
  make: async (system, trial) => {
    const cutAt = new Date()
    for (let count = 0; count < 2; count++) {
      system.postgres.end('SIGINT')
      await system.postgres.restart()
      await sleep(trial.random.between(200, 800))
    }
    return cutAt
  },
})

const readOnly = disturbPostgres({
  name: 'postgres-read-only',
  says: 'PostgreSQL takes no writes for seconds, as after a failover to the wrong node',
  trials: { quick: 1, full: 20 },
  make: async (system, trial) => {
    await system.postgres.setReadOnly(true)
    const cutAt = new Date()
    trial.liftAtEnd(() => system.postgres.setReadOnly(false))
    await untilRed(system, trial)
    await sleep(awayMs(trial))
    await trial.lift()
    return cutAt
  },
})

const exhausted = disturbPostgres({
  name: 'pool-exhausted',
  says: 'each of the two connections of a gateway waits for a lock, longer than callers do',
  trials: { quick: 1, full: 20 },
  options: { environment: { ASYA_DATABASE_CONNECTIONS: '2' } },
  make: async (system, trial) => {
    const cutAt = new Date()
    await system.postgres.lockJobs(trial.random.between(6_000, 8_000))
    return cutAt
  },
})

const brokerAway: Row = {
  name: 'gateway-broker-away',
  says: 'the broker is away for a minute (quick: 6 s) while calls are accepted',
  trials: { quick: 1, full: 10 },
  isExclusive: true,
  hasOwnCanary: true,
  run: async (trial) => {
    const system = await openPipeline(trial, { replicas: 2 })
    const load = system.load({ jobs: 100 })
    await sleep(trial.random.between(200, 600))
    // What was delivered, and what was sent and not confirmed.
    trial.noteFault(64)
    await trial.broker.stop()
    trial.liftAtEnd(() => trial.broker.start())
    const accepted = system.load({ jobs: 100, window: 200 })
    await sleep(trial.options.isQuick ? 6_000 : 60_000)
    await trial.lift()
    await system.measureRecovery()
    await Promise.all([load, accepted])
    await system.finish()
  },
}

export const GATEWAY_ROWS: readonly Row[] = [killed, restarted, readOnly, exhausted, brokerAway]

import { JobSystem } from '../harness/job-system.ts'
import { declareWork, serveJobs } from '../harness/job-worker.ts'
import type { Row } from '../harness/row.ts'
import { GATEWAY_CRASH_STEPS } from '../programs/crash-points.ts'

/** How many calls may be between their commit and the confirm of their message. */
const WINDOW = 32

const REPLICAS = 2

/** Kills two replicas at each step between a call and its message, each of them at half of the steps. */
const killed: Row = {
  name: 'gateway-kill',
  says: `SIGKILL of two gateways at each step of an accepted call: ${GATEWAY_CRASH_STEPS.join(', ')}`,
  trials: { quick: 1, full: 20 },
  hasOwnCanary: true,
  run: async (trial) => {
    const plans = trial.random.shuffle(GATEWAY_CRASH_STEPS).map((step) => {
      return { step, occurrence: trial.random.between(2, 8) }
    })
    const queue = await declareWork(trial)
    const system = await JobSystem.open({
      ...{ trial, route: [queue], replicas: REPLICAS },
      crashes: (replica, incarnation) => plans[incarnation * REPLICAS + replica],
    })
    await serveJobs(trial, system, queue)
    for (const { process } of system.gateways) {
      process.onEnd = () => {
        trial.noteFault(WINDOW)
        void system.measureRecovery()
      }
    }
    const starts = plans.length / REPLICAS
    while (system.gateways.some(({ process }) => process.starts <= starts))
      await system.load({ jobs: 40, window: WINDOW })
    await system.finish()
  },
}

export const GATEWAY_KILL_ROWS: readonly Row[] = [killed]

import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import { CRASH_STEPS, type CrashPlan, type CrashStep } from '../programs/crash-points.ts'

const KILLS = 5
const FAN_OUT = 4

/** Kills the sidecar at one step of a hop, again and again; the last one is left alive. */
function killAt(step: CrashStep): Row {
  return {
    name: `sidecar-kill-${step}`,
    says: `SIGKILL of the sidecar ${step.replace('-', ' ')}, ${KILLS} times a trial`,
    trials: { quick: 1, full: 10 },
    run: async (trial) => {
      const plans = Array.from({ length: KILLS }, (): CrashPlan => {
        return { step, occurrence: trial.random.between(5, 40) }
      })
      const actor = await trial.startActor('work', { crashes: (incarnation) => plans[incarnation] })
      actor.sidecar.onEnd = () => {
        trial.noteFault(actor.concurrency * FAN_OUT)
        void trial.measureRecovery()
      }
      await trial.load({
        messages: 200,
        order: () => ({ do: 'fan-out', count: FAN_OUT }),
        expectation: { outputs: FAN_OUT },
      })
      await trial.until('all kills are done', () => actor.sidecar.starts > KILLS)
    },
  }
}

const atRandom: Row = {
  name: 'sidecar-kill-random',
  says: 'SIGKILL of the sidecar at random times under load, 5 times a trial',
  trials: { quick: 2, full: 60 },
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: trial.options.isQuick ? 2_000 : 20_000 })
    await killAtRandom(trial, () => actor.sidecar.signal('SIGKILL'))
    await load
  },
}

async function killAtRandom(trial: Trial, kill: () => void): Promise<void> {
  for (let count = 0; count < KILLS; count++) {
    await sleep(trial.random.between(50, 1_000))
    trial.noteFault(8)
    kill()
    await trial.measureRecovery()
  }
}

const WIDE = 1_000

/** The children are published again with the same ids: those that came twice are counted, none lacks. */
const fanOut: Row = {
  name: 'fan-out-kill',
  says: `SIGKILL while the ${WIDE} children of a message are published, 3 times a trial`,
  trials: { quick: 1, full: 30 },
  run: async (trial) => {
    const plans = Array.from({ length: 3 }, (): CrashPlan => {
      return { step: 'after-publish', occurrence: trial.random.between(1, WIDE * 2) }
    })
    const actor = await trial.startActor('work', {
      concurrency: 2,
      crashes: (incarnation) => plans[incarnation],
    })
    actor.sidecar.onEnd = () => {
      trial.noteFault(actor.concurrency * WIDE)
      void trial.measureRecovery()
    }
    await trial.load({
      messages: 10,
      window: 4,
      order: () => ({ do: 'fan-out', count: WIDE }),
      expectation: { outputs: WIDE },
    })
    await trial.until('all kills are done', () => actor.sidecar.starts > plans.length)
  },
}

export const SIDECAR_ROWS: readonly Row[] = [...CRASH_STEPS.map(killAt), atRandom, fanOut]

import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

type Alarm = 'memory' | 'disk'

/** For what was on its way when the alarm was raised. */
const SETTLED_MS = 1_000

function setAlarm(trial: Trial, alarm: Alarm, isOn: boolean): Promise<void> {
  return alarm === 'memory' ? trial.broker.setMemoryAlarm(isOn) : trial.broker.setDiskAlarm(isOn)
}

/** The broker takes no messages; what is in flight waits, and everything goes on afterwards. */
function raise(alarm: Alarm): Row {
  return {
    name: `${alarm}-alarm`,
    says: `the ${alarm} alarm blocks publishers (quick: 5 s)`,
    trials: { quick: 1, full: 20 },
    isExclusive: true,
    recoversWithinMs: 5_000,
    run: async (trial) => {
      const actor = await trial.startActor('work')
      const load = trial.load({ messages: 2_000 })
      await sleep(trial.random.between(200, 800))
      trial.noteFault(actor.concurrency)
      trial.liftAtEnd(() => setAlarm(trial, alarm, false))
      await setAlarm(trial, alarm, true)
      await sleep(SETTLED_MS)
      const raisedAt = performance.now()
      await sleep(trial.options.isQuick ? 4_000 : 30_000)
      // Nothing can come to an end without being published there.
      if (trial.ledger.lastArrivalAt > raisedAt) trial.ledger.remark('the alarm blocked nothing')
      await trial.lift()
      await trial.measureRecovery()
      await load
    },
  }
}

const GRACE_MS = 5_000
/** Beyond the grace time: given back, told, closed (packages/sidecar/src/main.ts). */
const EXIT_MS = 6_000

const closedWhileBlocked: Row = {
  name: 'shutdown-while-blocked',
  says: 'SIGTERM of the sidecar while the memory alarm blocks its publishes',
  trials: { quick: 1, full: 20 },
  isExclusive: true,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: 1_000 })
    await sleep(trial.random.between(200, 600))
    trial.noteFault(actor.concurrency)
    trial.liftAtEnd(() => setAlarm(trial, 'memory', false))
    await setAlarm(trial, 'memory', true)
    await sleep(500)
    const tookMs = await actor.sidecar.stop('SIGTERM')
    if (tookMs > GRACE_MS + EXIT_MS) trial.ledger.remark(`SIGTERM took ${tookMs} ms`)
    actor.sidecar.restart()
    await trial.lift()
    await load
  },
}

export const ALARM_ROWS: readonly Row[] = [raise('memory'), raise('disk'), closedWhileBlocked]

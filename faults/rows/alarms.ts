import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import type { Actor } from '../processes/actor.ts'

type Alarm = 'memory' | 'disk'

/** For what was on its way when the alarm was raised. */
const SETTLED_MS = 1_000

function setAlarm(trial: Trial, alarm: Alarm, isOn: boolean): Promise<void> {
  return alarm === 'memory' ? trial.broker.setMemoryAlarm(isOn) : trial.broker.setDiskAlarm(isOn)
}

/** What lies before an end actor when the alarm comes. */
const BACKLOG = 300

/**
 * The broker takes no messages, and goes on taking acknowledgements. While the alarm lasts:
 * - no message comes to an end that it would have to be published to;
 * - every message that has come to its end before is acknowledged at the step before: what is left in
 *   that step's queue is what has not ended, and nothing else;
 * - an end actor, which publishes nothing, serves and acknowledges all that lies in its queue;
 * - the broker blocks the connection that publishes, and not the one that consumes.
 * Everything goes on afterwards.
 */
function raise(alarm: Alarm): Row {
  return {
    name: `${alarm}-alarm`,
    says: `the ${alarm} alarm blocks publishers (quick: 5 s); what needs no publishing goes on`,
    trials: { quick: 1, full: 20 },
    isExclusive: true,
    recoversWithinMs: 5_000,
    run: async (trial) => {
      const actor = await trial.startActor('work')
      const keeper = await trial.startActor('keep', { isEnd: true, runtime: 'absent' })
      const backlog = await fill(trial, keeper)
      const load = trial.load({ messages: 12_000, window: BACKLOG + 64 })
      await sleep(trial.random.between(200, 800))
      trial.noteFault(actor.concurrency)
      trial.liftAtEnd(() => setAlarm(trial, alarm, false))
      await setAlarm(trial, alarm, true)
      await sleep(SETTLED_MS)
      const raisedAt = performance.now()
      keeper.startRuntime()
      await checkConsuming(trial, actor, keeper)
      await checkBlocked(trial)
      await sleep(Math.max(0, raisedAt + (trial.options.isQuick ? 4_000 : 30_000) - now()))
      // Nothing can come to an end without being published there.
      if (trial.ledger.lastArrivalAt > raisedAt) trial.ledger.remark('the alarm blocked nothing')
      backlog.count()
      await trial.lift()
      await trial.measureRecovery()
      await load
    },
  }
}

const now = (): number => performance.now()

/** Fills the queue of an end actor; `count` tells the ledger how often each message was served. */
async function fill(trial: Trial, keeper: Actor): Promise<{ count(): void }> {
  const file = join(trial.options.folder, `${keeper.queue}.kept`)
  const ids: string[] = []
  for (let index = 0; index < BACKLOG; index++) {
    const order = { do: 'echo', file, text: `${index}` } as const
    ids.push((await trial.send({ order: () => order, steps: [keeper.queue] })) ?? '')
  }
  return {
    count: () => {
      const runs = readFileSync(file, 'utf8').split('\n')
      const served = runs.map((run) => run.split(' ')[0])
      for (const [index, id] of ids.entries()) {
        trial.ledger.noteServed(id, served.filter((text) => text === `${index}`).length)
      }
    },
  }
}

/** The broker counts what lies in a quorum queue every five seconds. */
const COUNTED_MS = 15_000

async function checkConsuming(trial: Trial, actor: Actor, keeper: Actor): Promise<void> {
  const startedAt = now()
  const isKept = async (): Promise<boolean> =>
    (await trial.broker.countMessages(keeper.queue)) === 0
  await trial.until('the end actor has acknowledged its backlog', isKept, COUNTED_MS)
  trial.noteTime({ what: 'settled', tookMs: now() - startedAt, limitMs: COUNTED_MS })
  // The backlog is served, and not counted by the ledger yet.
  const left = (): number => trial.ledger.open - BACKLOG
  const isSettled = async (): Promise<boolean> =>
    (await trial.broker.countMessages(actor.queue)) === left()
  await trial.until('what has ended is acknowledged', isSettled, COUNTED_MS)
}

async function checkBlocked({ broker, ledger }: Trial): Promise<void> {
  const publishing = await broker.listStates('asya publishing')
  const consuming = await broker.listStates('asya consuming')
  const states = `publishing ${publishing.join()}, consuming ${consuming.join()}`
  if (!publishing.includes('blocked')) ledger.remark(`no publisher is blocked: ${states}`)
  if (consuming.length !== 2 || consuming.includes('blocked')) {
    ledger.remark(`a consumer is blocked: ${states}`)
  }
}

/** Of the sidecar, as the harness starts it (faults/processes/actor.ts). */
const GRACE_MS = 5_000
/**
 * Beyond the grace time: a second for what is given back, three for leaving a broker that does not
 * answer (packages/transport), one for a busy machine. After five the sidecar ends itself, with code 1.
 */
const EXIT_MS = 5_000

const closedWhileBlocked: Row = {
  name: 'shutdown-while-blocked',
  says: 'SIGTERM of the sidecar while the memory alarm blocks its publishes: it ends in order, in time',
  trials: { quick: 1, full: 20 },
  isExclusive: true,
  recoversWithinMs: 5_000,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: 6_000 })
    await sleep(trial.random.between(200, 600))
    trial.noteFault(actor.concurrency)
    trial.liftAtEnd(() => setAlarm(trial, 'memory', false))
    await setAlarm(trial, 'memory', true)
    await sleep(500)
    const { tookMs, exitCode } = await actor.sidecar.stop('SIGTERM')
    trial.noteTime({ what: 'exit', tookMs, limitMs: GRACE_MS + EXIT_MS })
    if (exitCode !== 0) trial.ledger.remark(`the sidecar ended with code ${exitCode}`)
    actor.sidecar.restart()
    await trial.lift()
    await trial.measureRecovery()
    await load
  },
}

export const ALARM_ROWS: readonly Row[] = [raise('memory'), raise('disk'), closedWhileBlocked]

import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import type { Actor } from '../processes/actor.ts'
import { LINKS } from './links.ts'

/**
 * RabbitMQ 3.10 writes the name of a new quorum queue to its disk with a delay of seconds. Killed
 * before that, it starts the queue anew and empty: its defect, which no client can mend.
 */
const SETTLED_MS = 4_000

const CONCURRENCY = 50

interface Ends {
  readonly name: string
  readonly says: string
  readonly how: 'SIGKILL' | 'SIGTERM'
  readonly queueType: 'quorum' | 'classic'
  readonly trials: Row['trials']
}

function endBroker({ name, says, how, queueType, trials }: Ends): Row {
  return {
    name,
    says,
    trials,
    isExclusive: true,
    recoversWithinMs: 5_000,
    hasUnboundedDuplicates: queueType === 'classic',
    run: async (trial) => {
      const environment = { ASYA_RABBITMQ_QUEUE_TYPE: queueType }
      const actor = await trial.startActor('work', { concurrency: CONCURRENCY, environment })
      await sleep(SETTLED_MS)
      const load = trial.load({ messages: trial.options.isQuick ? 3_000 : 30_000, window: 500 })
      await sleep(trial.random.between(200, 1_200))
      noteCut(trial, actor)
      await trial.broker.restart(how)
      await trial.measureRecovery()
      await load
    },
  }
}

/** What was delivered and not acknowledged: some of it was published already. */
function noteCut(trial: Trial, actor: Actor): void {
  trial.noteFault(actor.concurrency)
}

const closedConnections: Row = {
  name: 'connections-closed',
  says: 'an administrator closes all connections under load, 5 times a trial',
  trials: { quick: 1, full: 40 },
  isExclusive: true,
  recoversWithinMs: 2_000,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: 20_000 })
    for (let count = 0; count < 5; count++) {
      await sleep(trial.random.between(100, 600))
      noteCut(trial, actor)
      await trial.broker.ctl('close_all_connections', 'a fault')
      await trial.measureRecovery()
    }
    await load
  },
}

const closedChannel: Row = {
  name: 'channel-closed',
  says: 'the broker closes the publishing channel (404): somebody deleted the exchange',
  trials: { quick: 1, full: 100 },
  recoversWithinMs: 8_000,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: 3_000 })
    await sleep(trial.random.between(100, 600))
    const what = 'the broker closes the channel'
    const isClosed = (): boolean => actor.readLog().includes('NOT_FOUND - no exchange')
    await trial.until(what, async () => {
      noteCut(trial, actor)
      await trial.client.onChannel((channel) => channel.deleteExchange(trial.names.exchange))
      // The client declares it anew, maybe before the actor has published.
      return trial.until(what, isClosed, 1_000).then(
        () => true,
        () => false,
      )
    })
    await trial.measureRecovery()
    await load
  },
}

const stoppedBroker: Row = {
  name: 'broker-stopped',
  says: 'SIGSTOP of the broker (quick: 8 s), then SIGCONT',
  trials: { quick: 1, full: 20 },
  isExclusive: true,
  recoversWithinMs: 8_000,
  run: async (trial) => {
    const environment = { ASYA_RABBITMQ_HEARTBEAT: '2s' }
    const actor = await trial.startActor('work', { environment })
    const load = trial.load({ messages: 12_000 })
    await sleep(trial.random.between(200, 800))
    // The two connections miss their heartbeats each at its own time.
    trial.noteFault(actor.concurrency * LINKS)
    trial.liftAtEnd(() => trial.broker.signal('SIGCONT'))
    trial.broker.signal('SIGSTOP')
    await sleep(trial.options.isQuick ? 8_000 : 30_000)
    await trial.lift()
    await trial.measureRecovery()
    await load
  },
}

export const BROKER_ROWS: readonly Row[] = [
  endBroker({
    name: 'broker-kill',
    says: 'SIGKILL of the broker under load, then its start',
    how: 'SIGKILL',
    queueType: 'quorum',
    trials: { quick: 3, full: 30 },
  }),
  endBroker({
    name: 'broker-kill-classic',
    says: 'the same with classic queues, which keep acknowledgements in memory',
    how: 'SIGKILL',
    queueType: 'classic',
    trials: { quick: 1, full: 15 },
  }),
  endBroker({
    name: 'broker-restart',
    says: 'graceful stop of the broker under load, then its start',
    how: 'SIGTERM',
    queueType: 'quorum',
    trials: { quick: 1, full: 30 },
  }),
  closedConnections,
  closedChannel,
  stoppedBroker,
]

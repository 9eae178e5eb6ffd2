import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

/** S2: how long an output whose queue is missing is tried again. */
const PATIENCE_MS = 30_000

const firstStep = (trial: Trial): readonly string[] => trial.route.slice(0, 1)

const nextMissing: Row = {
  name: 'next-queue-missing',
  says: 'the next queue is declared only 5 s after messages were sent to it',
  trials: { quick: 2, full: 50 },
  run: async (trial) => {
    await trial.startActor('work')
    const steps = [...trial.route, trial.queueOf('next')]
    const load = trial.load({ messages: 100, steps })
    trial.noteFault(0)
    await sleep(5_000)
    await trial.startActor('next')
    await trial.measureRecovery()
    await load
  },
}

const nextNever: Row = {
  name: 'next-queue-never',
  says: 'the next queue never comes: after 30 s each output is at error-end as unroutable',
  trials: { quick: 1, full: 10 },
  canarySteps: firstStep,
  drainMs: PATIENCE_MS * 3,
  run: async (trial) => {
    const actor = await trial.startActor('work', { concurrency: 32 })
    trial.noteFault(0)
    const steps = [actor.queue, trial.queueOf('next')]
    const expectation = { place: 'error-end', failure: 'unroutable' } as const
    await trial.load({ messages: 32, steps, expectation })
  },
}

const retryMeetsNothing: Row = {
  name: 'retry-queue-missing',
  says: 'a delayed retry falls due while its queue is deleted; its owner comes back 10 s after that',
  trials: { quick: 1, full: 50 },
  run: async (trial) => {
    const actor = await trial.startActor('work', {
      maxAttempts: 2,
      // All of them wait for the same time, whatever their jitter.
      environment: { ASYA_RETRY_INITIAL_DELAY: '10s', ASYA_RETRY_MAX_DELAY: '5s' },
    })
    await trial.load({
      messages: 50,
      order: () => ({ do: 'fail' }),
      expectation: { place: 'error-end', failure: 'processing_error' },
    })
    const waiting = `${trial.names.exchange}.retry.5000`
    const allWait = async (): Promise<boolean> => (await trial.client.depthOf(waiting)) === 50
    await trial.until('all have failed once, and wait', allWait)
    trial.noteFault(0)
    await actor.sidecar.stop('SIGTERM')
    await trial.client.onChannel((channel) => channel.deleteQueue(actor.queue))
    await sleep(10_000)
    actor.sidecar.restart()
    await trial.measureRecovery()
  },
}

const ownDeleted: Row = {
  name: 'own-queue-deleted',
  says: "somebody deletes the actor's empty queue, 5 times a trial",
  trials: { quick: 1, full: 10 },
  recoversWithinMs: 5_000,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    for (let count = 0; count < 5; count++) {
      await trial.load({ messages: 50 })
      await trial.until('all has ended', () => trial.ledger.open === 0)
      await sleep(200)
      trial.noteFault(0)
      await trial.client.onChannel((channel) => channel.deleteQueue(actor.queue))
      await trial.measureRecovery()
    }
  },
}

const bindingMissing: Row = {
  name: 'binding-missing',
  says: "somebody removes the next queue's binding under load",
  trials: { quick: 1, full: 50 },
  recoversWithinMs: 8_000,
  run: async (trial) => {
    await trial.startActor('work')
    const next = await trial.startActor('next')
    const load = trial.load({ messages: 1_000 })
    await sleep(trial.random.between(100, 500))
    trial.noteFault(0)
    await trial.client.onChannel((channel) =>
      channel.unbindQueue(next.queue, trial.names.exchange, next.queue),
    )
    await trial.measureRecovery()
    await load
  },
}

const queueFull: Row = {
  name: 'queue-full',
  says: 'the next queue takes 10 messages and refuses the rest (reject-publish) for 5 s',
  trials: { quick: 1, full: 20 },
  run: async (trial) => {
    const work = await trial.startActor('work')
    const next = await trial.startActor('next', { runtime: 'absent' })
    const name = `full-${next.queue}`
    const limit = JSON.stringify({ 'max-length': 10, overflow: 'reject-publish' })
    await trial.broker.ctl('set_policy', name, `^${next.queue}$`, limit, '--apply-to', 'queues')
    trial.liftAtEnd(() => trial.broker.ctl('clear_policy', name))
    const load = trial.load({ messages: 200 })
    trial.noteFault(work.concurrency)
    await sleep(5_000)
    next.startRuntime()
    await trial.measureRecovery()
    await load
  },
}

export const QUEUE_ROWS: readonly Row[] = [
  nextMissing,
  nextNever,
  retryMeetsNothing,
  ownDeleted,
  bindingMissing,
  queueFull,
]

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

/** How often a channel looks for deliveries that are held too long; a minute where nobody says. */
const LOOKS_MS = 300
const HELD_MS = 1_000
const RABBITMQ_HELD_MS = 30 * 60_000
const RABBITMQ_LOOKS_MS = 60_000

/** For channels that are opened from now on. */
async function setConsumerTimeout(trial: Trial, heldMs: number, looksMs: number): Promise<void> {
  const set = (name: string, ms: number): string => `application:set_env(rabbit, ${name}, ${ms})`
  const timeout = set('consumer_timeout', heldMs)
  await trial.broker.ctl('eval', `${timeout}, ${set('channel_tick_interval', looksMs)}.`)
}

const CLOSURES = 3
const CLOSED = /PRECONDITION_FAILED - (consumer ack|delivery ack)/g

/**
 * The broker closes the channel with all that is unsettled on it. The sidecar's connection stays, and
 * so do the handlers: what they answer is for deliveries that are somebody else's by then.
 */
const heldTooLong: Row = {
  name: 'consumer-timeout',
  says: `the broker closes the consuming channel (406), as handlers hold messages for too long, ${CLOSURES} times a trial`,
  trials: { quick: 1, full: 30 },
  isExclusive: true,
  recoversWithinMs: 10_000,
  run: async (trial) => {
    const reset = (): Promise<void> =>
      setConsumerTimeout(trial, RABBITMQ_HELD_MS, RABBITMQ_LOOKS_MS)
    trial.liftAtEnd(reset)
    await setConsumerTimeout(trial, HELD_MS, LOOKS_MS)
    const actor = await trial.startActor('work')
    const load = trial.load({
      messages: 1_000,
      order: (index) => (index % 40 === 0 ? { do: 'wait', ms: HELD_MS * 2 } : { do: 'echo' }),
    })
    const closures = (): number => actor.readLog().match(CLOSED)?.length ?? 0
    await trial.until('the broker closes the channel', () => closures() >= CLOSURES)
    await trial.lift()
    await trial.measureRecovery()
    await load
    await trial.until('all has ended', () => trial.ledger.open === 0)
    for (let count = closures(); count > 0; count--) trial.noteFault(actor.concurrency)
  },
}

const RUN_MS = 2_000
const KILLS = 5

/**
 * Tags begin anew on each channel: a delivery of before a reconnect has the tag of another message
 * after it. Were the answer of its handler to settle that tag, the broker would forget a message that
 * is being served; and with the sidecar killed before it has served it, the message would be gone.
 */
const staleTags: Row = {
  name: 'stale-tags',
  says: `connections are reset while handlers run, whose answers come when others have their tags; then SIGKILL, ${KILLS} times a trial`,
  trials: { quick: 1, full: 40 },
  recoversWithinMs: 10_000,
  run: async (trial) => {
    const proxy = await trial.openProxy()
    const actor = await trial.startActor('work', { url: proxy.url })
    for (let count = 0; count < KILLS; count++) {
      const file = join(trial.options.folder, `${trial.names.exchange}.${count}.runs`)
      const order = { do: 'wait', ms: RUN_MS, file } as const
      const runs = (): number => countLines(file)
      const { concurrency } = actor
      await trial.load({ messages: concurrency * 2, order: () => order })
      await trial.until('as many as may be are served', () => runs() >= concurrency)
      proxy.reset()
      // A runtime has no more slots than that: for another run, an old one must have ended.
      await trial.until(
        'the first are answered, others are served',
        () => runs() >= concurrency * 2,
      )
      trial.noteFault(concurrency * 2)
      actor.sidecar.signal('SIGKILL')
      await trial.measureRecovery()
      await trial.until('all has ended', () => trial.ledger.open === 0)
    }
  },
}

function countLines(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

export const CHANNEL_ROWS: readonly Row[] = [heldTooLong, staleTags]

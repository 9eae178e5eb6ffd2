import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import type { Actor } from '../processes/actor.ts'

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

const RUN_MS = 3_000
const KILLS = 3

/**
 * Tags begin anew on each channel: what was delivered before a reconnect has the tag of another
 * message after it. Were it settled by that tag, the broker would forget a message that is being
 * served, and with the sidecar killed before that is done, the message would be gone.
 *
 * So a confirm is held up until the consuming connection was lost, the messages on it have gone to
 * another consumer, and others have been delivered under their tags. Then it comes, and then SIGKILL.
 */
const staleTags: Row = {
  name: 'stale-tags',
  says: `deliveries of a lost connection are settled when others have their tags, then SIGKILL, ${KILLS} times a trial`,
  trials: { quick: 1, full: 40 },
  recoversWithinMs: 15_000,
  // What is held up may be given up by its heartbeat, and then a kill takes a minute.
  limitMs: 300_000,
  run: async (trial) => {
    const { proxy, url } = await trial.openProxy()
    const actor = await trial.startActor('work', { url })
    const { concurrency } = actor
    for (let count = 0; count < KILLS; count++) {
      const file = join(trial.options.folder, `${trial.names.exchange}.${count}.runs`)
      // A message whose result has arrived takes its place in the actor until the confirm has come, too.
      await sleep(SETTLED_MS)
      proxy.setFor('publishing', 'stall')
      await trial.load({ messages: concurrency })
      const held = (): boolean => proxy.countHeld('publishing') > concurrency * LEAST_BYTES
      await trial.until('the results are on their way', held)
      proxy.setFor('consuming', 'refuse')
      await takeBack(trial, actor, async () => {
        const order = { do: 'wait', ms: RUN_MS, file } as const
        await trial.load({ messages: concurrency, window: concurrency * 2, order: () => order })
        proxy.setFor('consuming', 'pass')
        await trial.until('others are served', () => countLines(file) >= concurrency)
        proxy.setFor('publishing', 'pass')
        const areSettled = (): boolean => trial.ledger.open <= concurrency
        await trial.until('the results are confirmed', areSettled)
        await sleep(SETTLED_MS)
        trial.noteFault(concurrency)
        actor.sidecar.signal('SIGKILL')
      })
      await trial.measureRecovery()
      await trial.until('all has ended', () => trial.ledger.open === 0)
    }
  },
}

/** A result is larger than that, and what else is sent while results wait is smaller. */
const LEAST_BYTES = 200
/** For the settles that follow a confirm at once. */
const SETTLED_MS = 300

/** Holds what an actor had in flight, as another consumer would, while something is done. */
async function takeBack(
  trial: Trial,
  { queue, concurrency }: Actor,
  meanwhile: () => Promise<void>,
): Promise<void> {
  await trial.client.onChannel(async (channel) => {
    let taken = 0
    const isTaken = async (): Promise<boolean> => {
      if (await channel.get(queue)) taken += 1
      return taken === concurrency
    }
    await trial.until('what was delivered is back', isTaken)
    await meanwhile()
    // Closing the channel gives them back: they are served once more.
  })
}

function countLines(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

export const CHANNEL_ROWS: readonly Row[] = [heldTooLong, staleTags]

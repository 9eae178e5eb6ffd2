import { setTimeout as sleep } from 'node:timers/promises'
import type { TcpProxy, Weather } from '../../packages/transport/src/rabbitmq/testing/tcp-proxy.ts'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import { LINKS } from './links.ts'

const HEARTBEAT_S = 2
/** A silent peer is noticed after two to three heartbeats. */
const NOTICED_MS = 3 * HEARTBEAT_S * 1_000 + 2_000

interface Scene {
  readonly trial: Trial
  readonly proxy: TcpProxy
}

interface NetworkFault {
  readonly name: string
  readonly says: string
  readonly times?: number
  readonly make: (scene: Scene) => Promise<void>
}

/** A fault of the network between the sidecar and the broker, under load. */
function network({ name, says, times = 1, make }: NetworkFault): Row {
  return {
    name,
    says,
    trials: { quick: 1, full: 30 },
    recoversWithinMs: NOTICED_MS,
    run: async (trial) => {
      const { proxy, url } = await trial.openProxy()
      const environment = { ASYA_RABBITMQ_HEARTBEAT: `${HEARTBEAT_S}s` }
      const actor = await trial.startActor('work', { url, environment })
      const load = trial.load({ messages: 2_000 })
      for (let count = 0; count < times; count++) {
        await sleep(trial.random.between(200, 800))
        trial.noteFault(actor.concurrency * LINKS)
        await make({ trial, proxy })
        await trial.measureRecovery()
      }
      await load
    },
  }
}

/** That weather for some time. */
function storm(weather: Weather, forMs: number): NetworkFault['make'] {
  return async ({ proxy }) => {
    proxy.set(weather)
    await sleep(forMs)
    proxy.set('pass')
  }
}

const SILENCE_MS = 25_000
/**
 * An attempt that was made just before is given up after its ten seconds, and the next one follows
 * within three (packages/transport, options and backoff); two for a busy machine.
 */
const ANSWERED_MS = 10_000 + 3_000 + 2_000
/** Two connections, each with ten seconds for an attempt and three between them. */
const LEAST_ATTEMPTS = 4

/** The broker's host takes connections and says nothing: each attempt must be given up for another. */
const silentBroker: Row = {
  name: 'broker-silent',
  says: 'a broker that accepts connections and does not answer for 25 s; recovery from when it answers again',
  trials: { quick: 1, full: 30 },
  recoversWithinMs: ANSWERED_MS,
  run: async (trial) => {
    const { proxy, url } = await trial.openProxy()
    const actor = await trial.startActor('work', { url })
    await trial.load({ messages: 200 })
    proxy.set('black-hole')
    proxy.reset()
    const before = proxy.accepted
    trial.noteFault(actor.concurrency)
    await sleep(SILENCE_MS)
    const attempts = proxy.accepted - before
    if (attempts < LEAST_ATTEMPTS) trial.ledger.remark(`wedged: ${attempts} attempts to connect`)
    // From now on it answers whoever connects.
    proxy.set('pass')
    await trial.measureRecovery()
  },
}

export const NETWORK_ROWS: readonly Row[] = [
  network({
    name: 'tcp-reset',
    says: 'both connections to the broker are reset, 5 times a trial',
    times: 5,
    make: async ({ proxy }) => proxy.reset(),
  }),
  network({
    name: 'tcp-refused',
    says: 'connections are reset, and new ones too, for 3 s',
    make: storm('refuse', 3_000),
  }),
  network({
    name: 'tcp-half-open',
    says: "the broker's side of the connections vanishes without a word",
    make: async ({ proxy }) => proxy.vanish(),
  }),
  network({
    name: 'tcp-black-hole',
    says: 'nothing comes through for 10 s, also on new connections',
    make: storm('black-hole', 10_000),
  }),
  network({
    name: 'tcp-trickle',
    says: 'one byte a second for 10 s',
    make: storm('trickle', 10_000),
  }),
  network({
    name: 'tcp-stall',
    says: 'nothing comes through for 3 s, then all of it',
    make: storm('stall', 3_000),
  }),
  network({
    name: 'tcp-latency',
    says: 'half a second in each direction for 8 s',
    make: storm('latency', 8_000),
  }),
  silentBroker,
]

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bytesToText } from '@asya/protocol'
import type { Order } from '../actors/orders.ts'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

/** A runtime starts anew within a second or two, on a busy machine within some more. */
const BACK_MS = 10_000

const killed: Row = {
  name: 'runtime-kill',
  says: 'SIGKILL of the runtime at random times under load, 5 times a trial: no message fails',
  trials: { quick: 1, full: 40 },
  recoversWithinMs: BACK_MS,
  run: async (trial) => {
    const actor = await trial.startActor('work')
    const load = trial.load({ messages: 2_000, order: () => ({ do: 'wait', ms: 5 }) })
    for (let count = 0; count < 5; count++) {
      await sleep(trial.random.between(100, 600))
      trial.noteFault(0)
      actor.runtime.signal('SIGKILL')
      await trial.measureRecovery()
    }
    await load
  },
}

const absent: Row = {
  name: 'runtime-absent',
  says: 'no runtime for 60 s (quick: 5 s): nothing fails, and no attempt is charged',
  trials: { quick: 1, full: 20 },
  // Behind the 500 that have waited for it.
  recoversWithinMs: BACK_MS + 5_000,
  run: async (trial) => {
    const actor = await trial.startActor('work', { runtime: 'absent', maxAttempts: 1 })
    trial.noteFault(0)
    const load = trial.load({ messages: 500, window: 500 })
    await sleep(trial.options.isQuick ? 5_000 : 60_000)
    actor.startRuntime()
    await trial.measureRecovery()
    await load
  },
}

interface Misbehaviour {
  readonly name: string
  readonly says: string
  readonly order: Order['do']
  readonly failure: string
}

/** Every tenth handler misbehaves: it alone ends at error-end, and then the next one is served. */
function misbehave({ name, says, order, failure }: Misbehaviour): Row {
  return {
    name,
    says,
    trials: { quick: 1, full: 5 },
    recoversWithinMs: BACK_MS,
    run: async (trial) => {
      await trial.startActor('work', {
        timeoutMs: order === 'allocate' ? 20_000 : 3_000,
        maxAttempts: 1,
        runtimeEnvironment: { ASYA_HEAP_LIMIT: '64' },
      })
      const times = trial.options.isQuick ? 5 : 10
      for (let count = 0; count < times; count++) {
        trial.noteFault(0)
        const expectation = { place: 'error-end', failure } as const
        const id = await trial.send({ order: () => ({ do: order }), expectation })
        await trial.load({ messages: 9 })
        await waitForEnd(trial, id)
        await trial.measureRecovery()
      }
    },
  }
}

/** What never ends is lost, and counted so. */
async function waitForEnd({ ledger }: Trial, id = ''): Promise<void> {
  await Promise.race([ledger.whenEnded(id), sleep(60_000, undefined, { ref: false })])
}

/** An answer that comes after the deadline must not be taken for that of another message. */
const late: Row = {
  name: 'runtime-late',
  says: 'the runtime answers a second after the sidecar gave up: the answer is nobody else’s',
  trials: { quick: 1, full: 5 },
  recoversWithinMs: BACK_MS,
  run: async (trial) => {
    const runtime = await trial.openScriptedRuntime((call) => {
      const { do: order } = call.payload as Order
      const payload = bytesToText(call.request.message.payload)
      const afterMs = order === 'hang' ? TIMEOUT_MS + REPLY_GRACE_MS + 1_000 : 0
      setTimeout(() => call.replyRaw(`[{"payload":${payload}}]`), afterMs)
    })
    await trial.startActor('work', { runtime, timeoutMs: TIMEOUT_MS, maxAttempts: 1 })
    for (let count = 0; count < 10; count++) {
      trial.noteFault(0)
      const expectation = { place: 'error-end', failure: 'timeout_error' } as const
      const id = await trial.send({ order: () => ({ do: 'hang' }), expectation })
      await trial.load({ messages: 20 })
      await waitForEnd(trial, id)
      await trial.measureRecovery()
    }
  },
}

const TIMEOUT_MS = 500
/** The sidecar waits that much longer than the handler may take (design, socket). */
const REPLY_GRACE_MS = 2_000

const MAX_ATTEMPTS = 3

interface Poison {
  readonly name: string
  readonly says: string
  readonly concurrency: number
  /** How often each poison may be served. */
  readonly most: number
}

/** S7: it ends in error-end with its own bytes, and no innocent with it. */
function poison({ name, says, concurrency, most }: Poison): Row {
  return {
    name,
    says,
    trials: { quick: 1, full: 10 },
    drainMs: 120_000,
    recoversWithinMs: BACK_MS,
    run: async (trial) => {
      await trial.startActor('work', { maxAttempts: MAX_ATTEMPTS, concurrency })
      for (let count = 0; count < 3; count++) {
        const file = join(trial.options.folder, `${trial.names.exchange}.${count}.runs`)
        trial.noteFault(0)
        const expectation = { place: 'error-end', failure: 'connection_error' } as const
        const id = await trial.send({ order: () => ({ do: 'kill', file }), expectation })
        await trial.load({ messages: 19 })
        await waitForEnd(trial, id)
        const runs = readFileSync(file, 'utf8').trim().split('\n').length
        if (runs < MAX_ATTEMPTS || runs > most) {
          trial.ledger.remark(`poison was served ${runs} times, not ${MAX_ATTEMPTS} to ${most}`)
        }
        await trial.measureRecovery()
      }
    },
  }
}

export const RUNTIME_ROWS: readonly Row[] = [
  killed,
  absent,
  misbehave({
    name: 'runtime-hang',
    says: 'a handler that never answers: timeout_error, and the next one is served',
    order: 'hang',
    failure: 'timeout_error',
  }),
  misbehave({
    name: 'runtime-loop',
    says: 'a handler that computes for ever: timeout_error, and the next one is served',
    order: 'loop',
    failure: 'timeout_error',
  }),
  misbehave({
    name: 'runtime-out-of-memory',
    says: 'a handler that takes all memory: oom_error, and the next one is served',
    order: 'allocate',
    failure: 'oom_error',
  }),
  late,
  // Nobody else is there to be suspected: an attempt is a run.
  poison({
    name: 'poison-alone',
    says: 'each 20th message kills its runtime, each time it is served, at a concurrency of 1',
    concurrency: 1,
    most: MAX_ATTEMPTS,
  }),
  /*
   * A runtime that dies with several messages does not say which of them killed it. None is charged;
   * each is served once more, alone, and who kills it then is charged an attempt. So an attempt costs
   * two runs: one in company and one alone. It cannot be fewer without charging innocents, or serving
   * every message alone that is tried again; nor more, as a suspect is never let in with others.
   */
  poison({
    name: 'poison',
    says: 'each 20th message kills its runtime, each time it is served, in company',
    concurrency: 8,
    most: MAX_ATTEMPTS * 2,
  }),
]

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

const WORKER = fileURLToPath(new URL('../programs/unconfirmed-worker.ts', import.meta.url))

/**
 * Measured: a classic queue writes its journal of acknowledgements to the disk before the queue that
 * was written to has its messages there, when some eleven thousand were moved.
 */
const MESSAGES = 60_000
const KILL_FROM = 11_100
const KILL_TO = 12_900

const unconfirmed: Row = {
  name: 'control-unconfirmed',
  says: 'the same against a worker that publishes without confirm, then acknowledges: must lose',
  trials: { quick: 8, full: 8 },
  isExclusive: true,
  isControl: true,
  hasUnboundedDuplicates: true,
  // What was lost does not come, however long one waits.
  drainMs: 3_000,
  run: async (trial) => {
    const source = trial.queueOf('source')
    const target = trial.queueOf('target')
    await trial.client.onChannel(async (channel) => {
      for (const queue of [source, target]) {
        await channel.assertQueue(queue, {
          durable: true,
          arguments: { 'x-queue-type': 'classic' },
        })
      }
      await channel.bindQueue(source, trial.names.exchange, source)
    })
    await trial.load({ messages: MESSAGES, window: MESSAGES * 2, steps: [source] })
    await moveUntil(trial, [source, target], trial.random.between(KILL_FROM, KILL_TO))
    trial.noteFault(50)
    await trial.broker.restart('SIGKILL')
    await moveUntil(trial, [source, target], Infinity)
    await moveUntil(trial, [target, trial.names.happyEnd], Infinity)
  },
}

/** Runs the worker until it has moved that many, or its source is empty. */
async function moveUntil(
  trial: Trial,
  [source, target]: readonly [string, string],
  count: number,
): Promise<void> {
  const child = spawn(process.execPath, [WORKER, trial.broker.url, source, target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  let moved = 0
  createInterface(child.stdout).on('line', (line) => {
    moved = Number(line) || moved
  })
  if (count === Infinity) {
    await trial.until('the queue is empty', async () => (await trial.client.depthOf(source)) === 0)
    trial.liftAtEnd(() => child.kill('SIGKILL'))
    return
  }
  await trial.until('enough is moved', () => moved >= count)
  void ended.then(() => undefined)
}

export const CONTROL_ROWS: readonly Row[] = [unconfirmed]

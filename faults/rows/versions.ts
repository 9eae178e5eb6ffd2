import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToText, type Message } from '@asya/protocol'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'
import type { ActorOptions } from '../processes/actor.ts'
import { unpackPreviousVersion } from '../processes/previous-version.ts'

const MAX_ATTEMPTS = 3

/**
 * While a new version rolls out, two versions consume one queue: here the present one, and the one
 * before its last change, from the history. It proves that they declare the same queue, that each
 * reads what the other writes (attempts are counted on, children keep their ids, members that neither
 * knows travel on unchanged), and that nothing is lost between them.
 */
const twoVersions: Row = {
  name: 'two-versions',
  says: 'the present sidecar and the one before its last change on one queue',
  trials: { quick: 1, full: 20 },
  recoversWithinMs: 10_000,
  run: async (trial) => {
    const file = join(trial.options.folder, `${trial.names.exchange}.runs`)
    const present = await trial.startActor('work', { maxAttempts: MAX_ATTEMPTS })
    const other = await trial.startActor('work', { ...findOther(trial), maxAttempts: MAX_ATTEMPTS })
    await trial.until('both consume', async () => (await countConsumers(trial, other.queue)) === 2)
    trial.noteFault(0)
    for (let count = 0; count < 300; count++) await sendUnknownMember(trial, present.queue, count)
    await trial.load({
      messages: 40,
      order: () => ({ do: 'fail' }),
      expectation: { place: 'error-end', failure: 'processing_error', check: checkAttempts },
    })
    await trial.load({
      messages: 100,
      order: () => ({ do: 'fan-out', count: 5 }),
      expectation: { outputs: 5 },
    })
    await trial.load({ messages: 500, order: () => ({ do: 'echo', file }) })
    await trial.measureRecovery()
    await trial.until('all has ended', () => trial.ledger.open === 0)
    // Each sidecar has a runtime of its own.
    const runs = readFileSync(file, 'utf8').trim().split('\n')
    if (new Set(runs.map((run) => run.trim())).size !== 2)
      trial.ledger.remark('one of the two versions served nothing')
  },
}

/** Composed of the present sources where there is no history, as in a copy without it. */
function findOther(trial: Trial): ActorOptions {
  const { folder, say } = trial.options
  const previous = unpackPreviousVersion(folder)
  if (previous.type === 'found') {
    say(`two-versions: the other is ${previous.says}`)
    return { sidecarScript: previous.script, twin: '.previous' }
  }
  say(
    `two-versions: only another build of the present version, as there is no other: ${previous.reason}`,
  )
  return { crashes: () => NEVER, twin: '.sources' }
}

const NEVER = { step: 'before-ack', occurrence: Infinity } as const

function countConsumers(trial: Trial, queue: string): Promise<number> {
  return trial.client.onChannel(async (channel) => (await channel.checkQueue(queue)).consumerCount)
}

async function sendUnknownMember(trial: Trial, queue: string, count: number): Promise<void> {
  const future = JSON.stringify({ since: 'later', canary: trial.options.canary })
  const id = `${queue}-future-${count}`
  const route = JSON.stringify({ steps: [queue], current: 0 })
  const body = Buffer.from(
    `{"x_future":${future},"id":"${id}","route":${route},"payload":{"do":"echo"}}`,
  )
  trial.ledger.send(id, {
    place: 'happy-end',
    check: ({ unknown }) => {
      const kept = unknown.find(({ name }) => name === 'x_future')
      const isKept = kept !== undefined && bytesToText(kept.value) === future
      return isKept ? undefined : 'an unknown member was changed'
    },
  })
  await trial.sendBody({ queue, id, body })
}

/** They are counted on, whichever version makes them. */
function checkAttempts({ error }: Message): string | undefined {
  const { attempts } = JSON.parse(error ? bytesToText(error) : '{}') as { attempts?: number }
  return attempts === MAX_ATTEMPTS ? undefined : `failed after ${attempts} attempts`
}

export const VERSION_ROWS: readonly Row[] = [twoVersions]

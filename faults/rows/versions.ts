import { bytesToText } from '@asya/protocol'
import type { Row } from '../harness/row.ts'

/**
 * While a new version rolls out, two builds consume one queue: here the one of `dist/`, and one that
 * is composed of the sources. Members that neither knows travel on unchanged.
 */
const twoVersions: Row = {
  name: 'two-versions',
  says: 'two builds of the sidecar on one queue, and messages with members that neither knows',
  trials: { quick: 1, full: 20 },
  run: async (trial) => {
    const built = await trial.startActor('work')
    await trial.startActor('work', { crashes: () => NEVER, twin: '.sources' })
    const future = JSON.stringify({ since: 'later', canary: trial.options.canary })
    for (let count = 0; count < 300; count++) {
      const id = `${built.queue}-future-${count}`
      const route = JSON.stringify({ steps: [built.queue], current: 0 })
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
      await trial.sendBody({ queue: built.queue, id, body })
    }
    trial.noteFault(0)
    await trial.load({ messages: 500 })
    await trial.measureRecovery()
  },
}

const NEVER = { step: 'before-ack', occurrence: Infinity } as const

export const VERSION_ROWS: readonly Row[] = [twoVersions]

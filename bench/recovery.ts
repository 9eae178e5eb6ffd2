import { median, type Row } from './measure.ts'
import { startMemoryRig } from './memory-rig.ts'
import { messageOf } from './payloads.ts'
import { makeScratch, startRuntime } from './processes.ts'

/**
 * How long after a handler's failure is known the next message is done, which waited behind it:
 * against the same message on a runtime to which nothing happened.
 */
export async function* benchRecovery(): AsyncGenerator<Row> {
  const scratch = makeScratch()
  const runtime = await startRuntime(scratch, 1, FAULTY)
  try {
    for (const fault of FAULTS) {
      const values: number[] = []
      const baselines: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        baselines.push(await gapAfter('nothing', runtime.socketPath))
        values.push(await gapAfter(fault, runtime.socketPath))
      }
      const value = median(values)
      const baseline = median(baselines)
      yield { row: `recovery/${fault}`, value, unit: 'ms', baseline, ratio: value / baseline }
    }
  } finally {
    await runtime.stop()
    scratch.remove()
  }
}

const FAULTS = ['loop', 'wait', 'heap', 'exit', 'throw', 'date'] as const
const ROUNDS = 5
/** Faults that end by themselves are sooner. */
const TIMEOUT_MS = 4_000

const FAULTY = `export const bench = ({ fault }) => {
  switch (fault) {
    case 'loop': for (;;);
    case 'wait': return new Promise(() => setInterval(() => {}, 1_000))
    case 'heap': { const kept = []; for (;;) kept.push(new Array(10_000).fill({})) }
    case 'exit': process.exit(3)
    case 'throw': throw 'no error'
    case 'date': return new Date()
    default: return { fault }
  }
}
`

/** Sends a message with a fault and an innocent one; milliseconds between their ends. */
async function gapAfter(fault: string, socketPath: string): Promise<number> {
  const over = Promise.withResolvers<number>()
  let firstAt: number | undefined
  const rig = await startMemoryRig({
    socketPath,
    concurrency: 1,
    timeoutMs: TIMEOUT_MS,
    onEnd: (end) => {
      if (firstAt === undefined) firstAt = performance.now()
      else if (end === 'happy-end') over.resolve(performance.now() - firstAt)
      else over.reject(new Error(`the message after "${fault}" failed too`))
    },
  })
  rig.send(messageOf(JSON.stringify({ fault })))
  rig.send(messageOf(JSON.stringify({ fault: 'nothing' })))
  try {
    return await over.promise
  } finally {
    await rig.close()
  }
}

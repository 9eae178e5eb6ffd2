/**
 * A sidecar on the in-memory transport, before the runtime at a socket; hops per second.
 *
 * Arguments: socket path, name of a payload, concurrency.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startMemoryRig } from '../memory-rig.ts'
import { messageOf, PAYLOADS, type PayloadName } from '../payloads.ts'
import { serveRate } from '../rate-process.ts'

const WARM_UP_MS = 1_000
const MEASURED_MS = 3_000

/** Messages that wait beside those in flight: the queue is never empty. */
const QUEUED = 64

const [socketPath = '', payload, concurrencyText] = process.argv.slice(2)
const body = messageOf(PAYLOADS[payload as PayloadName])
const concurrency = Number(concurrencyText)

serveRate(async () => {
  let arrived = 0
  let failed = 0
  const rig = await startMemoryRig({
    socketPath,
    concurrency,
    timeoutMs: 300_000,
    onEnd: (end) => {
      if (end === 'error-end') failed++
      arrived++
      rig.send(body)
    },
  })
  for (let i = 0; i < concurrency + QUEUED; i++) rig.send(body)
  await sleep(WARM_UP_MS)
  const before = arrived
  const startedAt = performance.now()
  await sleep(MEASURED_MS)
  const rate = ((arrived - before) * 1_000) / (performance.now() - startedAt)
  await rig.close()
  if (failed > 0) throw new Error(`${String(failed)} messages failed: the figure means nothing`)
  return rate
})

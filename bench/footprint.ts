import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, type Row } from './measure.ts'
import { makeScratch, start, startRuntime, startSidecar, type Started } from './processes.ts'

/** RSS of idle processes and their time to ready, against a Node that does nothing. */
export async function* benchFootprint(): AsyncGenerator<Row> {
  const bare = (): Promise<Started> =>
    start({ args: ['-e', 'setInterval(() => {}, 1e6); console.log("up")'], readyText: 'up' })
  const scratch = makeScratch()
  const runtime = await startRuntime(scratch, 1)
  const sidecar = (): Promise<Started> =>
    startSidecar({
      ASYA_QUEUE_NAME: 'bench',
      ASYA_TRANSPORT: 'memory',
      ASYA_SOCKET_PATH: runtime.socketPath,
      ASYA_METRICS_ADDR: '127.0.0.1:0',
    })
  const other = makeScratch()
  try {
    yield* measure('sidecar', sidecar, bare)
    yield* measure('runtime-node', () => startRuntime(other, 1), bare)
  } finally {
    await runtime.stop()
    scratch.remove()
    other.remove()
  }
}

const ROUNDS = 5
/** Long enough for what a start leaves behind to be collected or not. */
const IDLE_MS = 1_500

async function* measure(
  name: string,
  run: () => Promise<Started>,
  bare: () => Promise<Started>,
): AsyncGenerator<Row> {
  const measured: Footprint[] = []
  const baselines: Footprint[] = []
  for (let round = 0; round < ROUNDS; round++) {
    measured.push(await footprintOf(run))
    baselines.push(await footprintOf(bare))
  }
  for (const figure of ['rss', 'ready'] as const) {
    const value = median(measured.map((footprint) => footprint[figure]))
    const baseline = median(baselines.map((footprint) => footprint[figure]))
    const unit = figure === 'rss' ? 'MiB' : 'ms'
    yield { row: `footprint/${name}/${figure}`, value, unit, baseline, ratio: value / baseline }
  }
}

interface Footprint {
  /** MiB. */
  readonly rss: number
  /** ms. */
  readonly ready: number
}

async function footprintOf(run: () => Promise<Started>): Promise<Footprint> {
  const started = await run()
  await sleep(IDLE_MS)
  const status = readFileSync(`/proc/${String(started.child.pid)}/status`, 'utf8')
  await started.stop()
  const kib = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
  return { rss: kib / 1_024, ready: started.readyMs }
}

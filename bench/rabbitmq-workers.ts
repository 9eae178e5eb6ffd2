import { readFileSync } from 'node:fs'
import { HAPPY_END } from '@asya/protocol'
import {
  makeScratch,
  pathOf,
  start,
  startRuntime,
  startSidecar,
  type Started,
} from './processes.ts'

/** What stands between the first queue and the last: ours, or the bare client. */
export interface Workers {
  /** Of each process, by its name: CPU seconds so far, and MiB of memory now. */
  measure(): ReadonlyMap<string, Usage>
  stop(): Promise<void>
}

interface Usage {
  readonly cpuSeconds: number
  readonly rssMib: number
  /** The most that it has had. */
  readonly peakMib: number
}

export interface Way {
  readonly url: string
  /** In order; the last one is only published to. */
  readonly queues: readonly string[]
  readonly concurrency: number
  /** Where sidecars report to. */
  readonly gatewayUrl?: string
}

/** A sidecar and a Node runtime for each step. */
export async function startAsya({
  url,
  queues,
  concurrency,
  gatewayUrl = '',
}: Way): Promise<Workers> {
  const processes = new Map<string, Started>()
  const scratches: ReturnType<typeof makeScratch>[] = []
  const last = queues.at(-1) ?? ''
  for (const queue of queues.slice(0, -1)) {
    const scratch = makeScratch()
    scratches.push(scratch)
    const runtime = await startRuntime(scratch, concurrency)
    processes.set(`runtime ${queue}`, runtime)
    const sidecar = await startSidecar({
      ASYA_QUEUE_NAME: queue,
      ASYA_STEP_HAPPY_END: last,
      ASYA_SOCKET_PATH: runtime.socketPath,
      ASYA_CONCURRENCY: String(concurrency),
      ASYA_RABBITMQ_URL: url,
      ASYA_GATEWAY_URL: gatewayUrl,
      ASYA_METRICS_ADDR: '127.0.0.1:0',
      ASYA_MAX_MESSAGE_SIZE: '16000000',
    })
    processes.set(`sidecar ${queue}`, sidecar)
  }
  return toWorkers(processes, () => {
    for (const scratch of scratches) scratch.remove()
  })
}

/** The sidecar and the runtime of happy-end. */
export async function startEnds({ url, concurrency, gatewayUrl = '' }: Way): Promise<Workers> {
  const scratch = makeScratch()
  const socketPath = scratch.path('runtime.sock')
  const runtime = await start({
    args: [pathOf('packages/runtime-node/dist/main.js')],
    environment: {
      ASYA_HANDLER: `${pathOf('packages/end-actors/dist/index.js')}#happyEnd`,
      ASYA_SOCKET_PATH: socketPath,
      ASYA_CONCURRENCY: String(concurrency),
    },
    readyText: '"serving"',
  })
  const sidecar = await startSidecar({
    ASYA_QUEUE_NAME: HAPPY_END,
    ASYA_SOCKET_PATH: socketPath,
    ASYA_CONCURRENCY: String(concurrency),
    ASYA_RABBITMQ_URL: url,
    ASYA_GATEWAY_URL: gatewayUrl,
    ASYA_METRICS_ADDR: '127.0.0.1:0',
  })
  const processes = new Map([
    ['runtime', runtime],
    ['sidecar', sidecar],
  ])
  return toWorkers(processes, () => scratch.remove())
}

/** One process with the bare client for all steps. */
export async function startRaw({ url, queues, concurrency }: Way): Promise<Workers> {
  const raw = await start({
    args: [pathOf('bench/programs/raw-worker.ts'), url, String(concurrency), ...queues],
    readyText: 'consuming',
  })
  return toWorkers(new Map([['raw', raw]]), () => undefined)
}

function toWorkers(processes: ReadonlyMap<string, Started>, cleanUp: () => void): Workers {
  return {
    measure: () => new Map([...processes].map(([name, { child }]) => [name, usageOf(child.pid)])),
    async stop() {
      await Promise.all([...processes.values()].map((started) => started.stop()))
      cleanUp()
    },
  }
}

/** Linux counts processor time in these. */
const TICKS_PER_SECOND = 100

export function usageOf(pid: number | undefined): Usage {
  const read = (name: string): string => readFileSync(`/proc/${String(pid)}/${name}`, 'utf8')
  // After the name in brackets, which may hold anything: fields 14 and 15 are user and system time.
  const fields = read('stat')
    .replace(/^.*\) /s, '')
    .split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = read('status')
  const mib = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssMib: mib('VmRSS'), peakMib: mib('VmHWM') }
}

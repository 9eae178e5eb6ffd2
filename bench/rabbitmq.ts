import { startBroker } from '@asya/transport/rabbitmq/broker'
import { median, type BenchOptions, type Row } from './measure.ts'
import { messageOf, PAYLOADS, type PayloadName } from './payloads.ts'
import { openLoad } from './rabbitmq-load.ts'
import { startAsya, startRaw, type Way, type Workers } from './rabbitmq-workers.ts'

/**
 * On a real broker: quorum queues, every publish confirmed and mandatory. Each row is measured against
 * the bare client that does the same, on the same broker and the same kind of queue, in turn.
 */

const CONCURRENCIES = [1, 16, 64] as const
const PAIRS = 3
/**
 * For each step: long enough for the engine to compile what is hot, without which a hop costs twice
 * as much; and the processes of several steps share the machine.
 */
const WARM_UP_MS = 6_000
const MEASURED_MS = 3_000

/** The queue is filled first, so that nothing but hops is done in the measured time. */
const MAX_QUEUED = 50_000
const MAX_QUEUED_BYTES = 600_000_000
/** Of these, so many may pass before measuring, however fast: some must be left. */
const WARM_UP_SHARE = 0.6

type Start = (way: Way) => Promise<Workers>

/** Hops per second of one sidecar with its runtime, their CPU time, and the sidecar's memory. */
export async function* benchHopOnRabbitmq(options: BenchOptions): AsyncGenerator<Row> {
  yield* onBroker(async function* (url) {
    for (const payload of Object.keys(PAYLOADS) as PayloadName[]) {
      for (const concurrency of CONCURRENCIES) {
        const row = `hop/rabbitmq/${payload}/c${String(concurrency)}`
        if (!options.isWanted(row)) continue
        const rest = { unit: 'hops/s', isQuick: options.isQuick, steps: 1 } as const
        yield* compareRates({ row, url, payload, concurrency, ...rest })
      }
    }
  })
}

/** Three steps, each with a sidecar and a runtime, against one bare process that does all three. */
export async function* benchPipelineOnRabbitmq(options: BenchOptions): AsyncGenerator<Row> {
  yield* onBroker(async function* (url) {
    for (const concurrency of CONCURRENCIES) {
      const row = `pipeline/rabbitmq/1KB/c${String(concurrency)}`
      if (!options.isWanted(row)) continue
      const rest = {
        unit: 'pipelines/s',
        isQuick: options.isQuick,
        payload: '1KB',
        steps: 3,
      } as const
      yield* compareRates({ row, url, concurrency, ...rest })
    }
  })
}

/** From the first queue through three steps to the last, with nothing else in the system. */
export async function* benchLatencyOnRabbitmq(): AsyncGenerator<Row> {
  yield* onBroker(async function* (url) {
    const asya: number[] = []
    const raw: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      asya.push(...(await roundTrips(startAsya, url)))
      raw.push(...(await roundTrips(startRaw, url)))
    }
    for (const percent of [50, 95, 99]) {
      const value = percentile(asya, percent)
      const baseline = percentile(raw, percent)
      const row = `latency/rabbitmq/1KB/p${String(percent)}`
      yield { row, unit: 'ms', value, baseline, ratio: value / baseline }
    }
  })
}

export async function* onBroker(bench: (url: string) => AsyncGenerator<Row>): AsyncGenerator<Row> {
  const broker = await startBroker({ say: (line) => process.stderr.write(`${line}\n`) })
  try {
    yield* bench(broker.handle.url)
  } finally {
    await broker.close()
  }
}

interface RateComparison {
  readonly row: string
  readonly unit: string
  readonly url: string
  readonly payload: PayloadName
  readonly concurrency: number
  readonly steps: number
  readonly isQuick: boolean
}

interface Measured {
  readonly perSecond: number
  /** CPU seconds for a thousand, all processes together. */
  readonly cpuPerThousand: number
  /** What of it is not the runtimes': the sidecars, or the bare process. */
  readonly sidecarCpuPerThousand: number
  /** The largest of any sidecar, or of the bare process. */
  readonly rssMib: number
}

async function* compareRates(comparison: RateComparison): AsyncGenerator<Row> {
  const asya: Measured[] = []
  const raw: Measured[] = []
  for (let pair = 0; pair < (comparison.isQuick ? 1 : PAIRS); pair++) {
    asya.push(await measureRate(startAsya, comparison))
    raw.push(await measureRate(startRaw, comparison))
  }
  const { row, unit } = comparison
  const toRow = (name: string, unit: string, figure: (one: Measured) => number): Row => ({
    row: name,
    unit,
    value: median(asya.map(figure)),
    baseline: median(raw.map(figure)),
    ratio: median(asya.map((one, pair) => figure(one) / figure(raw[pair] ?? one))),
  })
  yield toRow(row, unit, ({ perSecond }) => perSecond)
  yield toRow(`${row}/cpu`, 'CPU s/1,000', ({ cpuPerThousand }) => cpuPerThousand)
  yield toRow(`${row}/cpu/sidecar`, 'CPU s/1,000', (one) => one.sidecarCpuPerThousand)
  yield toRow(`${row}/rss`, 'MiB', ({ rssMib }) => rssMib)
}

let ways = 0

export function makeWay(url: string, concurrency: number, steps: number): Way {
  ways += 1
  const queues = Array.from(
    { length: steps + 1 },
    (_, step) => `bench-${String(ways)}-${String(step)}`,
  )
  return { url, queues, concurrency }
}

export async function measureRate(
  startWorkers: Start,
  comparison: Omit<RateComparison, 'row' | 'unit'>,
): Promise<Measured> {
  const { url, payload, concurrency, steps, isQuick } = comparison
  const way = makeWay(url, concurrency, steps)
  const body = messageOf(PAYLOADS[payload], way.queues.slice(0, -1))
  const load = await openLoad({ url, body, queues: way.queues })
  const most = Math.min(MAX_QUEUED, Math.floor(MAX_QUEUED_BYTES / body.length))
  const total = isQuick ? Math.ceil(most / 10) : most
  await load.fill(total)
  const workers = await startWorkers(way)
  try {
    const takeSample = async (): Promise<Sample> => {
      const arrived = await load.countArrived()
      return { at: performance.now(), arrived, usage: workers.measure() }
    }
    await load.waitFor(total * WARM_UP_SHARE, isQuick ? 0 : WARM_UP_MS * steps)
    const before = await takeSample()
    await load.waitFor(total, MEASURED_MS)
    return compareSamples(before, await takeSample())
  } finally {
    await workers.stop()
    await load.close()
  }
}

interface Sample {
  readonly at: number
  readonly arrived: number
  readonly usage: ReturnType<Workers['measure']>
}

function compareSamples(before: Sample, after: Sample): Measured {
  const count = after.arrived - before.arrived
  const cpuSecondsOf = (isCounted: (name: string) => boolean): number =>
    [...after.usage]
      .filter(([name]) => isCounted(name))
      .map(([name, { cpuSeconds }]) => cpuSeconds - (before.usage.get(name)?.cpuSeconds ?? 0))
      .reduce((sum, one) => sum + one, 0)
  const isSidecar = (name: string): boolean => !name.startsWith('runtime')
  const sizes = [...after.usage].filter(([name]) => isSidecar(name)).map(([, { rssMib }]) => rssMib)
  return {
    perSecond: (count * 1_000) / (after.at - before.at),
    cpuPerThousand: (cpuSecondsOf(() => true) * 1_000) / count,
    sidecarCpuPerThousand: (cpuSecondsOf(isSidecar) * 1_000) / count,
    rssMib: Math.max(...sizes),
  }
}

const ROUND_TRIPS = 500
const FIRST_ROUND_TRIPS = 3_000

async function roundTrips(startWorkers: Start, url: string): Promise<readonly number[]> {
  const way = makeWay(url, 1, 3)
  const body = messageOf(PAYLOADS['1KB'], way.queues.slice(0, -1))
  const workers = await startWorkers(way)
  const load = await openLoad({ url, body, queues: way.queues })
  try {
    const times: number[] = []
    for (let trip = 0; trip < FIRST_ROUND_TRIPS + ROUND_TRIPS; trip++) {
      const ms = await load.roundTrip()
      if (trip >= FIRST_ROUND_TRIPS) times.push(ms)
    }
    return times
  } finally {
    await workers.stop()
    await load.close()
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN
}

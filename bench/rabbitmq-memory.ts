import type { BenchOptions, Row } from './measure.ts'
import { messageOf, textOf, treeOf } from './payloads.ts'
import { openLoad, type Load } from './rabbitmq-load.ts'
import { makeWay, onBroker } from './rabbitmq.ts'
import { startAsya } from './rabbitmq-workers.ts'

/** The most memory that a sidecar has had, against what it may have: it must not grow with a queue. */

const BASE_MIB = 64
const TIMES_IN_FLIGHT = 6

interface Case {
  readonly row: string
  readonly payload: string
  readonly concurrency: number
  readonly count: number
  /** Puts them in, and waits until the last of them has passed. */
  readonly pass: (load: Load, count: number) => Promise<void>
}

const CASES: readonly Case[] = [
  {
    row: 'memory/rabbitmq/queued-100k',
    payload: treeOf(1_000),
    concurrency: 1,
    count: 100_000,
    pass: (load, count) => load.waitFor(count, Infinity),
  },
  {
    row: 'memory/rabbitmq/5MB/c4',
    payload: textOf(5_000_000),
    concurrency: 4,
    count: 1_000,
    // Enough that the sidecar always has its four, and little enough for the broker's disk.
    pass: (load, count) => load.pass(count, 12),
  },
]

export async function* benchMemoryOnRabbitmq(options: BenchOptions): AsyncGenerator<Row> {
  yield* onBroker(async function* (url) {
    for (const one of CASES) {
      if (!options.isWanted(one.row)) continue
      const value = await measurePeak(url, one, options.isQuick ? one.count / 10 : one.count)
      const inFlightMib = (one.concurrency * one.payload.length) / 1_024 ** 2
      const baseline = BASE_MIB + TIMES_IN_FLIGHT * inFlightMib
      yield { row: one.row, unit: 'MiB', value, baseline, ratio: value / baseline }
    }
  })
}

async function measurePeak(url: string, one: Case, count: number): Promise<number> {
  const way = makeWay(url, one.concurrency, 1)
  const body = messageOf(one.payload, way.queues.slice(0, -1))
  const load = await openLoad({ url, body, queues: way.queues })
  if (one.concurrency === 1) await load.fill(count)
  const workers = await startAsya(way)
  try {
    await one.pass(load, count)
    const peaks = [...workers.measure()].filter(([name]) => name.startsWith('sidecar'))
    return Math.max(...peaks.map(([, { peakMib }]) => peakMib))
  } finally {
    await workers.stop()
    await load.close()
  }
}

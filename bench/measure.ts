/** Measures two ways of doing the same, in turn, so that a machine that slows down slows both. */

export interface Row {
  readonly row: string
  readonly value: number
  readonly unit: string
  readonly baseline: number
  /** value / baseline; the median of the pairs. */
  readonly ratio: number
}

export interface BenchOptions {
  /** Whether a row was asked for. */
  isWanted(row: string): boolean
  /** Only to see that it works. */
  readonly isQuick: boolean
}

/** A way of doing something: resolves to how much of it was done per second. */
type Rate = () => Promise<number> | number

export interface Comparison {
  readonly row: string
  readonly unit: string
  readonly measured: Rate
  readonly baseline: Rate
  /** Pairs that count; one more warms up. */
  readonly pairs?: number
}

const DEFAULT_PAIRS = 5

export async function compare(comparison: Comparison): Promise<Row> {
  const { row, unit, measured, baseline, pairs = DEFAULT_PAIRS } = comparison
  await measured()
  await baseline()
  const values: number[] = []
  const baselines: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    values.push(await measured())
    baselines.push(await baseline())
  }
  const ratios = values.map((value, index) => value / (baselines[index] ?? NaN))
  return {
    row,
    unit,
    value: median(values),
    baseline: median(baselines),
    ratio: median(ratios),
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? NaN)) / 2
}

/** Runs `work` again and again for about `forMs`; times per second. */
export function ratePerSecond(work: () => void, forMs: number): number {
  const startedAt = performance.now()
  let times = 0
  let elapsedMs = 0
  while (elapsedMs < forMs) {
    work()
    times++
    elapsedMs = performance.now() - startedAt
  }
  return (times * 1_000) / elapsedMs
}

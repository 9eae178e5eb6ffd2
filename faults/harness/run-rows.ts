import type { Options } from '../options.ts'
import type { KeptResults } from './kept-results.ts'
import { seedOf } from './random.ts'
import type { Row } from './row.ts'
import { runTrial, type TrialResult } from './run-trial.ts'
import { summarise, type RowResult } from './table.ts'
import type { TrialOptions } from './trial.ts'

export interface RunParts extends Pick<TrialOptions, 'broker' | 'folder' | 'canary' | 'say'> {
  readonly options: Options
  readonly baseSeed: number
  /** Of earlier runs: these trials are not made again. */
  readonly kept: KeptResults
}

/** Runs all trials: side by side those that share the broker, then one after the other the rest. */
export async function runRows(rows: readonly Row[], parts: RunParts): Promise<RowResult[]> {
  const results = new Map(rows.map((row) => [row, [...parts.kept.of(row.name)]]))
  const planned = rows.flatMap((row) => planTrials(row, parts))
  const shared = planned.filter(({ row }) => row.isExclusive !== true)
  const exclusive = planned.filter(({ row }) => row.isExclusive === true)
  const runNext = async (queue: Planned[]): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const { row, seed } = next
      const found = results.get(row) ?? []
      if (row.isControl === true && found.some(({ lost }) => lost > 0)) continue
      const isQuick = parts.options.isQuick
      const result = await runTrial(row, { ...parts, row: row.name, seed, isQuick })
      found.push(result)
      parts.kept.keep(result)
      parts.say(describe(result))
    }
  }
  await Promise.all(Array.from({ length: parts.options.lanes }, () => runNext(shared)))
  await runNext(exclusive)
  return rows.map((row) => summarise(row, results.get(row) ?? []))
}

interface Planned {
  readonly row: Row
  readonly seed: number
}

function planTrials(row: Row, { options, baseSeed, kept }: RunParts): Planned[] {
  if (options.seed !== undefined) return [{ row, seed: options.seed }]
  const count = options.isQuick ? row.trials.quick : row.trials.full
  const seeds = Array.from({ length: count }, (_, index) => seedOf(baseSeed, row.name, index))
  return seeds.slice(kept.of(row.name).length).map((seed) => ({ row, seed }))
}

function describe(result: TrialResult): string {
  const { row, seed, sent, lost, duplicated, unexpected, problems, tookMs } = result
  const counts = `${sent} sent, ${lost} lost, ${duplicated} duplicated, ${unexpected} unexpected`
  const took = (tookMs / 1_000).toFixed(1)
  const head = `${row} --seed ${seed}: ${counts}, ${took} s`
  return problems.length === 0 ? head : [head, ...problems].join('\n  ')
}

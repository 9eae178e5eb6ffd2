import type { Row } from './row.ts'
import type { TrialResult } from './run-trial.ts'
import type { Count, Timing } from './trial.ts'

/** What the trials of a row came to. */
export interface RowResult {
  readonly name: string
  readonly says: string
  readonly trials: number
  readonly faults: number
  readonly messages: number
  readonly lost: number
  readonly duplicated: number
  /** Undefined: counted, not bounded. */
  readonly allowedDuplicates: number | undefined
  readonly unexpected: number
  readonly recovered: number
  readonly recoveryMs: { readonly p50: number; readonly p99: number } | undefined
  /** What the p99 must be below. */
  readonly recoversWithinMs: number | undefined
  /** The longest of each kind. */
  readonly timings: readonly Timing[]
  /** The sum of each kind. */
  readonly counts: readonly Count[]
  readonly seeds: readonly number[]
  readonly problems: readonly Problem[]
  readonly isOk: boolean
}

export function summarise(row: Row, trials: readonly TrialResult[]): RowResult {
  const sum = (count: (trial: TrialResult) => number): number =>
    trials.reduce((total, trial) => total + count(trial), 0)
  const times = trials.flatMap(({ recoveriesMs }) => recoveriesMs).sort((a, b) => a - b)
  const recoveryMs =
    times.length === 0 ? undefined : { p50: percentile(times, 50), p99: percentile(times, 99) }
  const lost = sum((trial) => trial.lost)
  const problems: Problem[] = trials.flatMap(({ seed, problems: found }) =>
    found.map((says) => ({ seed, says })),
  )
  const limitMs = row.recoversWithinMs
  if (limitMs !== undefined && (!recoveryMs || recoveryMs.p99 > limitMs)) {
    const found = recoveryMs ? `recovers in ${recoveryMs.p99} ms` : 'its recovery was not measured'
    problems.push({
      seed: findSlowest(trials),
      says: `${found}; the limit is ${limitMs} ms`,
    })
  }
  if (row.isControl === true && lost === 0) {
    problems.push({ seed: undefined, says: 'the control lost nothing: the harness is blind' })
  }
  return {
    name: row.name,
    says: row.says,
    trials: trials.length,
    faults: sum((trial) => trial.faults),
    messages: sum((trial) => trial.sent),
    lost,
    duplicated: sum((trial) => trial.duplicated),
    allowedDuplicates:
      row.hasUnboundedDuplicates === true ? undefined : sum((trial) => trial.allowedDuplicates),
    unexpected: sum((trial) => trial.unexpected),
    recovered: sum((trial) => trial.recovered),
    recoveryMs,
    recoversWithinMs: row.recoversWithinMs,
    timings: findLongest(trials.flatMap(({ timings }) => timings)),
    counts: sumUp(trials.flatMap(({ counts }) => counts)),
    seeds: trials.map(({ seed }) => seed),
    problems,
    isOk: problems.length === 0,
  }
}

interface Problem {
  /** Of the trial to replay; undefined when it is of no single trial. */
  readonly seed: number | undefined
  readonly says: string
}

const HEADINGS = [
  ...['fault', 'trials', 'faults', 'messages', 'lost', 'duplicated', 'unexpected', 'recovered'],
  ...['p50 s', 'p99 s', 'also bounded', ''],
]

function findLongest(timings: readonly Timing[]): readonly Timing[] {
  const longest = new Map<string, Timing>()
  for (const timing of timings) {
    if (timing.tookMs > (longest.get(timing.what)?.tookMs ?? 0)) longest.set(timing.what, timing)
  }
  return [...longest.values()]
}

function sumUp(counts: readonly Count[]): readonly Count[] {
  const sums = new Map<string, Count>()
  for (const counted of counts) {
    const before = sums.get(counted.what)?.count ?? 0
    sums.set(counted.what, { ...counted, count: before + counted.count })
  }
  return [...sums.values()]
}

function findSlowest(trials: readonly TrialResult[]): number | undefined {
  const slowness = (trial: TrialResult): number => Math.max(0, ...trial.recoveriesMs)
  return [...trials].sort((a, b) => slowness(b) - slowness(a))[0]?.seed
}

/** Prints the table, and how to replay what failed. */
export function printResults(rows: readonly RowResult[], isJson: boolean): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`)
    return
  }
  process.stdout.write(`${formatTable(rows)}\n`)
  for (const { name, problems } of rows) {
    for (const { seed, says } of problems) {
      process.stdout.write(`\n${name}: ${says}\n`)
      if (seed === undefined) continue
      process.stdout.write(`  replay: npm run faults -- --only ${name} --seed ${seed}\n`)
    }
  }
}

/** The table, as text that is also Markdown. */
function formatTable(rows: readonly RowResult[]): string {
  const cells = [HEADINGS, ...rows.map(toCells)]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  const lines = cells.map((line) => {
    const padded = line.map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  })
  const rule = widths.map((width, column) => {
    return column === 0 ? '-'.repeat(width) : `${'-'.repeat(Math.max(width - 1, 1))}:`
  })
  return [lines[0], `| ${rule.join(' | ')} |`, ...lines.slice(1)].join('\n')
}

function toCells(row: RowResult): string[] {
  const { allowedDuplicates, recoveryMs, recoversWithinMs } = row
  const bound = allowedDuplicates === undefined ? '' : ` ≤ ${allowedDuplicates}`
  return [
    row.name,
    `${row.trials}`,
    `${row.faults}`,
    `${row.messages}`,
    `${row.lost}`,
    `${row.duplicated}${bound}`,
    `${row.unexpected}`,
    `${row.recovered}`,
    recoveryMs ? formatSeconds(recoveryMs.p50) : '–',
    recoveryMs ? formatSeconds(recoveryMs.p99, recoversWithinMs) : '–',
    [
      ...row.timings.map(({ what, tookMs, limitMs }) => {
        return `${what} ${formatSeconds(tookMs, limitMs)} s`
      }),
      ...row.counts.map(({ what, count, limit }) => {
        return `${what} ${count}${limit === undefined ? '' : ` ≤ ${limit}`}`
      }),
    ].join(', '),
    row.isOk ? 'ok' : 'FAILED',
  ]
}

function formatSeconds(ms: number, limitMs?: number): string {
  const limit = limitMs === undefined ? '' : ` ≤ ${limitMs / 1_000}`
  return `${(ms / 1_000).toFixed(2)}${limit}`
}

/** By nearest rank: with few samples, the worst of them. */
function percentile(sorted: readonly number[], percent: number): number {
  const rank = Math.ceil((percent / 100) * sorted.length)
  return sorted[Math.max(rank, 1) - 1] ?? 0
}

import { parseArgs } from 'node:util'
import { benchCodec } from './codec.ts'
import { benchFootprint } from './footprint.ts'
import { benchHop } from './hop.ts'
import type { Row } from './measure.ts'
import { benchRecovery } from './recovery.ts'
import { benchSocket } from './socket.ts'

const BENCHES: Readonly<Record<string, () => AsyncGenerator<Row>>> = {
  codec: benchCodec,
  socket: benchSocket,
  hop: benchHop,
  footprint: benchFootprint,
  recovery: benchRecovery,
}

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join('|')} …] [--json]

Measures each row against a raw baseline in the same run; without a name, all of them.
The baselines: codec = JSON.parse + JSON.stringify; socket, hop = a bare echo over the same kind of
socket; footprint = a Node process that does nothing; recovery = a runtime without the fault.`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const unknown = positionals.filter((name) => !(name in BENCHES))
  if (values.help || unknown.length > 0) {
    process.stdout.write(
      `${unknown.map((name) => `there is no bench ${name}\n`).join('')}${USAGE}\n`,
    )
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  if (!values.json) printHeader()
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHES)
  for (const name of names) {
    for await (const row of BENCHES[name]?.() ?? [])
      if (values.json) process.stdout.write(`${JSON.stringify(row)}\n`)
      else printRow(row)
  }
}

function printHeader(): void {
  const { version, arch } = process
  process.stdout.write(
    `Node ${version}, ${arch}; ratio = measured / baseline, median of the pairs\n\n`,
  )
  process.stdout.write(line(['row', 'measured', 'baseline', 'ratio', 'unit']))
}

function printRow(row: Row): void {
  process.stdout.write(
    line([row.row, show(row.value), show(row.baseline), row.ratio.toFixed(2), row.unit]),
  )
}

function show(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1)
}

const WIDTHS = [30, 10, 10, 7] as const

function line(cells: readonly string[]): string {
  const [row = '', ...rest] = cells
  const padded = rest.map((cell, index) => cell.padStart(WIDTHS[index + 1] ?? 0))
  return `${row.padEnd(WIDTHS[0])}${padded.join(' ')}\n`
}

await main()

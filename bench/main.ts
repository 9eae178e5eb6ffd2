import { parseArgs } from 'node:util'
import { benchBuild } from './build.ts'
import { benchCodec } from './codec.ts'
import { benchFootprint } from './footprint.ts'
import { benchGateway } from './gateway.ts'
import { benchGuard } from './guard.ts'
import { benchHop } from './hop.ts'
import type { BenchOptions, Row } from './measure.ts'
import { benchHopOnRabbitmq, benchLatencyOnRabbitmq, benchPipelineOnRabbitmq } from './rabbitmq.ts'
import { benchMemoryOnRabbitmq } from './rabbitmq-memory.ts'
import { benchOperator } from './operator.ts'
import { benchPython } from './python.ts'
import { benchRecovery } from './recovery.ts'
import { benchSocket } from './socket.ts'

const BENCHES: Readonly<Record<string, (options: BenchOptions) => AsyncGenerator<Row>>> = {
  codec: benchCodec,
  guard: benchGuard,
  socket: benchSocket,
  hop: benchHop,
  footprint: benchFootprint,
  recovery: benchRecovery,
  build: benchBuild,
  gateway: benchGateway,
  operator: benchOperator,
}

/** With `--rabbitmq`: on a real broker, which is started if there is none. */
const RABBITMQ_BENCHES: typeof BENCHES = {
  hop: benchHopOnRabbitmq,
  pipeline: benchPipelineOnRabbitmq,
  latency: benchLatencyOnRabbitmq,
  memory: benchMemoryOnRabbitmq,
}

/** With `--python`: the rows of the Python runtime, whatever bench is named. */
const PYTHON_BENCHES: typeof BENCHES = { socket: benchPython }

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join('|')} …] [--json]
npm run bench -- [${Object.keys(RABBITMQ_BENCHES).join('|')} …] --rabbitmq [--only TEXT] [--quick] [--json]
npm run bench -- socket --python [--only TEXT] [--json]

Measures each row against a raw baseline in the same run; without a name, all of them.
--only leaves out the rows on RabbitMQ and of the build that have no such text in their name; --quick
takes one pair without warming up, which shows that a row works, and not what it is worth.
The baselines: codec = JSON.parse + JSON.stringify; guard = JSON.parse; socket, hop = a bare echo over
the same kind of socket, in Python for the Python runtime; footprint = a Node process that does nothing; recovery = a runtime without the
fault; build = tsc --noEmit of the same project, or the build of which a row is a part; gateway = a server that
inserts one row a call, the same steps without a gateway, or a limit; operator = a limit; on RabbitMQ =
the bare client, consume → publish (confirm, mandatory) → acknowledge, on the same broker and the same
kind of queue; memory = what the sidecar may have: 64 MiB and six times what is in flight.`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      rabbitmq: { type: 'boolean' },
      python: { type: 'boolean' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  const benches = values.python ? PYTHON_BENCHES : values.rabbitmq ? RABBITMQ_BENCHES : BENCHES
  const unknown = positionals.filter((name) => !(name in benches))
  if (values.help || unknown.length > 0) {
    process.stdout.write(
      `${unknown.map((name) => `there is no bench ${name}\n`).join('')}${USAGE}\n`,
    )
    process.exitCode = unknown.length > 0 ? 2 : 0
    return
  }
  if (!values.json) printHeader()
  const names = positionals.length > 0 ? positionals : Object.keys(benches)
  const isWanted = (row: string): boolean => row.includes(values.only ?? '')
  for (const name of names) {
    for await (const row of benches[name]?.({ isWanted, isQuick: values.quick }) ?? [])
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

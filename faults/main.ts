import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrivateServer, startBroker } from '@asya/transport/rabbitmq/broker'
import { BrokerFaults } from './harness/broker-faults.ts'
import { checkLogs } from './harness/check-logs.ts'
import { KeptResults } from './harness/kept-results.ts'
import { runRows } from './harness/run-rows.ts'
import { printResults, type RowResult } from './harness/table.ts'
import { readOptions, USAGE, UsageError, type Options } from './options.ts'
import { ROWS } from './rows/index.ts'

/** The trials of a quick run are the same each time. */
const QUICK_SEED = 1

/** options → rows → trials → table */
async function main(options: Options): Promise<boolean> {
  if (options.isHelp) {
    process.stdout.write(`${USAGE}\n`)
    return true
  }
  const rows = ROWS.filter(({ name }) => isWanted(name, options))
  if (rows.length === 0) {
    throw new UsageError(`no such row. Rows: ${ROWS.map(({ name }) => name).join(', ')}`)
  }
  const kept = new KeptResults(options.resultsFile)
  const server = await startServer()
  const folder = mkdtempSync(join(tmpdir(), 'asya-faults-'))
  let isOk = false
  try {
    const canary = `canary-${randomBytes(8).toString('hex')}`
    const baseSeed = options.isQuick ? QUICK_SEED : Date.now()
    const broker = new BrokerFaults(server)
    const parts = { options, baseSeed, kept, say, broker, folder, canary }
    const results = await runRows(rows, parts)
    const secrets = [canary, new URL(broker.url).password]
    const all = kept.made === 0 ? results : [...results, checkLogs(folder, secrets)]
    printResults(all, options.isJson)
    isOk = all.every((row: RowResult) => row.isOk)
    return isOk
  } finally {
    await server.close()
    if (isOk) rmSync(folder, { recursive: true, force: true })
    else say(`\nthe logs of all processes are in ${folder}`)
  }
}

/** Only one that is ours may be killed. */
async function startServer(): Promise<PrivateServer> {
  const broker = await startBroker({ say })
  if (broker instanceof PrivateServer) return broker
  await broker.close()
  throw new UsageError(
    'Faults need a RabbitMQ that may be killed: install rabbitmq-server, and unset ASYA_RABBITMQ_URL',
  )
}

function isWanted(name: string, { only }: Options): boolean {
  return only.length === 0 || only.some((part) => name.includes(part))
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

// `exit` ends the processes of the trials too (processes/node-process.ts), and with us the broker.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  process.exit((await main(readOptions(process.argv.slice(2)))) ? 0 : 1)
} catch (error) {
  say(
    error instanceof Error && !(error instanceof UsageError) ? String(error.stack) : String(error),
  )
  process.exit(2)
}

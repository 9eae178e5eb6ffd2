import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrivateServer, startBroker } from '@asya/transport/rabbitmq/broker'
import { BrokerFaults } from './harness/broker-faults.ts'
import { runRows } from './harness/run-rows.ts'
import { formatTable, type RowResult } from './harness/table.ts'
import { readOptions, USAGE, type Options } from './options.ts'
import { ROWS } from './rows/index.ts'

const QUICK_SEED = 1

/** options → rows → trials → table */
async function main(options: Options): Promise<boolean> {
  const rows = ROWS.filter(({ name }) => isWanted(name, options))
  if (rows.length === 0) throw new Error(`no such row. Rows: ${ROWS.map((row) => row.name).join(', ')}`)
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`)
  }
  const broker = await startBroker({ say })
  const folder = mkdtempSync(join(tmpdir(), 'asya-faults-'))
  try {
    if (!(broker instanceof PrivateServer)) {
      throw new Error('faults need a RabbitMQ that may be killed: install rabbitmq-server, and unset ASYA_RABBITMQ_URL')
    }
    const canary = `canary-${randomBytes(8).toString('hex')}`
    const baseSeed = options.isQuick ? QUICK_SEED : Date.now()
    const parts = { options, baseSeed, say, broker: new BrokerFaults(broker), folder, canary }
    const results = await runRows(rows, parts)
    print(results, options)
    return results.every(({ isOk }) => isOk)
  } finally {
    await broker.close()
    if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true })
    else console.error(folder)
  }
}

function isWanted(name: string, { only }: Options): boolean {
  return only.length === 0 || only.some((part) => name.includes(part))
}

function print(results: readonly RowResult[], { isJson }: Options): void {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`)
    return
  }
  process.stdout.write(`${formatTable(results)}\n`)
  for (const { name, problems } of results) {
    for (const { seed, says } of problems) {
      process.stdout.write(`\n${name}: ${says}\n  replay: npm run faults -- --only ${name} --seed ${seed}\n`)
    }
  }
}

// Ends the processes of the trials too, and the broker (processes/node-process.ts).
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  process.exit((await main(readOptions(process.argv.slice(2)))) ? 0 : 1)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n\n${USAGE}\n`)
  process.exit(2)
}

#!/usr/bin/env node
import { ConfigurationError } from '@asya/service/environment'
import { growHeapSlowly } from '@asya/service/grow-heap-slowly'
import { createLogger } from '@asya/service/logger'
import { closeOnSignal } from '@asya/service/shutdown'
import { RabbitmqTransport } from '@asya/transport/rabbitmq'
import { describeNewToken } from './auth/hash-token.ts'
import { readConfig } from './config.ts'
import { DatabaseSetupError, DatabaseUnavailableError } from './errors.ts'
import { Gateway } from './gateway.ts'
import { migrate } from './migrate.ts'
import { ToolFileError } from './tools/tool-file-error.ts'

/** callers → gateway → queues; sidecars → gateway → callers */
async function serve(): Promise<void> {
  growHeapSlowly()
  const config = readConfig()
  const logger = createLogger({ level: config.logLevel })
  const transport = new RabbitmqTransport({
    ...config.rabbitmq,
    notify: ({ event, message }) => logger.info({ transport: 'rabbitmq', reason: message }, event),
  })
  const gateway = new Gateway(config.gateway, { transport, logger })
  closeOnSignal(async (signal) => {
    logger.info({ signal }, 'closing')
    await gateway.close(config.graceMs)
    await transport.close()
  }, config.graceMs + EXIT_MS)
  await gateway.start()
  if (config.isOpenToOthers) logger.warn(OPEN_TO_OTHERS)
  logger.info({ port: gateway.port, tools: gateway.tools.list().length }, 'started')
}

/** Beyond the grace time: for the last messages. */
const EXIT_MS = 5_000

const OPEN_TO_OTHERS =
  'ASYA_AUTH is "none": whoever reaches this address may call every tool and see every job'

const USAGE = `asya-gateway              serve; the tables are brought up to date first
asya-gateway migrate      bring the tables up to date, and end
asya-gateway hash-token [NAME]
                          make a token for a principal, and the lines that let it in

It is configured by environment variables, of which ASYA_DATABASE_URL must be set: docs/gateway.md
`

async function main([command, ...rest]: readonly string[]): Promise<void> {
  switch (command) {
    case undefined:
      await serve()
      return
    case 'help':
    case '--help':
      print(USAGE)
      return
    case 'migrate':
      print(describeMigrations(await migrate(readConfig().gateway.databaseUrl)))
      return
    case 'hash-token':
      print(describeNewToken(rest[0]))
      return
    default:
      throw new ConfigurationError([
        `there is no command ${JSON.stringify(command)}: expected none, migrate, hash-token or --help`,
      ])
  }
}

function describeMigrations(names: readonly string[]): string {
  return names.length === 0 ? 'the tables are up to date\n' : `applied: ${names.join(', ')}\n`
}

function print(text: string): void {
  process.stdout.write(text)
}

const EXPECTED = [
  ConfigurationError,
  DatabaseSetupError,
  DatabaseUnavailableError,
  ToolFileError,
] as const

main(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof Error && EXPECTED.some((kind) => error instanceof kind)
  process.stderr.write(`asya-gateway: ${isExpected ? error.message : String(error)}\n`)
  process.exit(1)
})

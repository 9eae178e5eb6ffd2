#!/usr/bin/env node
import { ConfigurationError } from '@asya/service/environment'
import { createLogger } from '@asya/service/logger'
import { closeOnSignal } from '@asya/service/shutdown'
import { RabbitmqTransport } from '@asya/transport/rabbitmq'
import { readConfig } from './config.ts'
import { DatabaseSetupError, DatabaseUnavailableError } from './errors.ts'
import { Gateway } from './gateway.ts'
import { ToolFileError } from './tools/tool-files.ts'

/** callers → gateway → queues; sidecars → gateway → callers */
async function main(): Promise<void> {
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
  logger.info({ port: gateway.port, tools: gateway.tools.list().length }, 'started')
}

/** Beyond the grace time: for the last messages. */
const EXIT_MS = 5_000

const EXPECTED = [
  ConfigurationError,
  DatabaseSetupError,
  DatabaseUnavailableError,
  ToolFileError,
] as const

main().catch((error: unknown) => {
  const isExpected = error instanceof Error && EXPECTED.some((kind) => error instanceof kind)
  process.stderr.write(`asya-gateway: ${isExpected ? error.message : String(error)}\n`)
  process.exit(1)
})

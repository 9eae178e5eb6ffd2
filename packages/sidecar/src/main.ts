#!/usr/bin/env node
import { ConfigurationError } from '@asya/service/environment'
import { createLogger } from '@asya/service/logger'
import { startOpsServer } from '@asya/service/ops-server'
import { closeOnSignal } from '@asya/service/shutdown'
import { TransportError } from '@asya/transport'
import { collectLessOften } from './collect-less-often.ts'
import { readConfig } from './config.ts'
import { createReporter } from './gateway/reporter.ts'
import { createMetrics } from './metrics.ts'
import { openTransport } from './open-transport.ts'
import { opsRoutes } from './ops.ts'
import { Sidecar } from './sidecar.ts'

/** queue → sidecar → socket → runtime → sidecar → next queue */
async function main(): Promise<void> {
  collectLessOften()
  const config = readConfig()
  const { queue } = config.sidecar.station
  const logger = createLogger({
    level: config.logLevel,
    fields: { actor: config.sidecar.actorName },
  })
  const metrics = createMetrics({ ...config.metrics, queue })
  const reporter = createReporter(config.gatewayUrl, logger, { token: config.gatewayToken })
  const transport = openTransport(config.transport, logger)
  const sidecar = new Sidecar(config.sidecar, { transport, reporter, metrics, logger })
  const registry = config.metrics.isEnabled ? metrics.registry : undefined
  const routes = opsRoutes(sidecar, { registry, graceMs: config.graceMs })

  const ops = await startOpsServer(config.metrics.address, routes)
  const close = async (reason: object): Promise<void> => {
    logger.info(reason, 'closing')
    await sidecar.close(config.graceMs)
    await reporter.close()
    await transport.close()
    await ops.close()
  }
  closeOnSignal((signal) => close({ signal }), config.graceMs + EXIT_MS)

  const isStarted = await sidecar.start()
  if (isStarted) logger.info({ queue, ops_port: ops.port }, 'started')

  await sidecar.whenEnded
  await close({ reason: 'the runtime has ended, as it was asked to' })
  process.exit(0)
}

/** Beyond the grace time: for the last settles and reports. */
const EXIT_MS = 5_000

main().catch((error: unknown) => {
  const isExpected = error instanceof ConfigurationError || error instanceof TransportError
  const message = isExpected ? error.message : String(error)
  process.stderr.write(`asya-sidecar: ${message}\n`)
  process.exit(1)
})

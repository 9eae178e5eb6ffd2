import { createLogger } from '@asya/service/logger'
import { startOpsServer } from '@asya/service/ops-server'
import { closeOnSignal } from '@asya/service/shutdown'
import { createMetrics, createReporter, Sidecar } from '@asya/sidecar'
import { readConfig } from '../../packages/sidecar/src/config.ts'
import { openTransport } from '../../packages/sidecar/src/open-transport.ts'
import { opsRoutes } from '../../packages/sidecar/src/ops.ts'
import { CRASH_STEPS, CrashPoints, readPlan, type CrashPlan } from './crash-points.ts'
import { openCrashingSocket } from './crashing-socket.ts'
import { CrashingTransport } from './crashing-transport.ts'

/** The parts of the sidecar's own `main.ts`, with places between them where the process ends. */
async function main(plan: CrashPlan | undefined): Promise<void> {
  const points = new CrashPoints(plan)
  const { sidecar: options, transport: transportConfig, ...config } = readConfig()
  const { queue } = options.station
  const logger = createLogger({ level: config.logLevel, fields: { actor: options.actorName } })
  const metrics = createMetrics({ ...config.metrics, queue })
  const reporter = createReporter(config.gatewayUrl, logger)
  const transport = new CrashingTransport(openTransport(transportConfig, logger), points)
  const socketPath = await openCrashingSocket(options.socketPath, points)
  const sidecar = new Sidecar({ ...options, socketPath }, { transport, reporter, metrics, logger })
  const routes = opsRoutes(sidecar, { registry: metrics.registry, graceMs: config.graceMs })
  const ops = await startOpsServer(config.metrics.address, routes)
  await sidecar.start()
  logger.info({ queue, ops_port: ops.port, crashes_at: plan?.step }, 'started')
  closeOnSignal(async () => {
    await sidecar.close(config.graceMs)
    await reporter.close()
    await transport.close()
    await ops.close()
  }, config.graceMs + EXIT_MS)
}

const EXIT_MS = 5_000

await main(readPlan(CRASH_STEPS))

#!/usr/bin/env node
import { ConfigurationError } from '@asya/service/environment'
import { growHeapSlowly, keepNewSpaceSmall } from '@asya/service/grow-heap-slowly'
import { createLogger } from '@asya/service/logger'
import { startOpsServer } from '@asya/service/ops-server'
import { closeOnSignal } from '@asya/service/shutdown'
import { readConfig } from './config.ts'
import { KubeError } from './kube/errors.ts'
import { Operator } from './operator.ts'

const USAGE = `asya-operator    turn AsyncActors into workloads, until it is told to end

It is configured by environment variables: docs/install.md
The cluster is the one that it runs in, or the one of KUBECONFIG.
`

/** AsyncActors → caches → queue → reconcile → API server → caches */
async function main([command]: readonly string[]): Promise<void> {
  if (command !== undefined) {
    print(command)
    return
  }
  growHeapSlowly()
  keepNewSpaceSmall()
  const config = readConfig()
  const logger = createLogger({ level: config.logLevel })
  const operator = new Operator(config, { logger, exit: () => process.exit(1) })
  const ops = await startOpsServer(config.metricsAddress, operator.routes())
  closeOnSignal(async (signal) => {
    logger.info({ signal }, 'closing')
    await operator.close()
    await ops.close()
  }, EXIT_MS)
  await operator.start()
  logger.info({ ops_port: ops.port }, 'started')
}

/** For what is being written, and for the lease to be given back. */
const EXIT_MS = 15_000

function print(command: string): void {
  const isAsked = command === 'help' || command === '--help'
  if (!isAsked) process.stderr.write(`asya-operator: no such command: ${command}\n`)
  process.stdout.write(USAGE)
  process.exitCode = isAsked ? 0 : 2
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof ConfigurationError || error instanceof KubeError
  process.stderr.write(`asya-operator: ${isExpected ? error.message : String(error)}\n`)
  process.exit(1)
})

#!/usr/bin/env node
import { ConfigurationError } from '@asya/service/environment'
import { closeOnSignal } from '@asya/service/shutdown'
import { readConfig, type RuntimeConfig } from './config.ts'
import { createLog, type Log } from './log.ts'
import { startRuntime } from './runtime.ts'

/** socket → connection → supervisor → isolate → handler, and back */
async function main(config: RuntimeConfig, log: Log): Promise<void> {
  const started = await startRuntime(config, log)
  if (!started.ok) return fail(log, started.reason)
  const { runtime } = started
  closeOnSignal((signal) => {
    log.info({ signal }, 'closing')
    return runtime.close(config.graceMs)
  }, config.graceMs + EXIT_MS)

  const start = { socket: config.socket.path, handler: config.handler.text }
  // (The first use of `performance` loads its module, 0.3 MiB, which may wait for the first request.)
  log.info({ ...start, start_ms: Math.round(process.uptime() * 1_000) }, 'serving')
  process.send?.({ type: 'ready' })

  const end = await runtime.whenOver
  switch (end.type) {
    case 'asked':
      log.info({}, 'asked to shut down: closing')
      await runtime.close(config.graceMs)
      return process.exit(0)
    case 'given-up':
      await runtime.close(0)
      return fail(log, end.reason)
  }
}

/** Beyond the grace time: for the last bytes. */
const EXIT_MS = 2_000

/** The one line that says why this process cannot go on. */
function fail(log: Log, reason: string): never {
  log.error({}, reason)
  process.exit(1)
}

const earlyLog = createLog({ level: 'error', fields: {} })
try {
  const config = readConfig()
  const log = createLog({ level: config.logLevel, fields: { actor: config.actorName } })
  main(config, log).catch((error: unknown) => fail(log, String(error)))
} catch (error) {
  fail(earlyLog, error instanceof ConfigurationError ? error.message : String(error))
}

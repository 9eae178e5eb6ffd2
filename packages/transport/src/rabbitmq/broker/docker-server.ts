import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGuard } from '@asya/service/process-guard'
import type { Broker } from './broker.ts'
import { BrokerError } from './errors.ts'
import { findProgram } from './find-server.ts'
import { isAnswering } from './is-answering.ts'
import { runProgram } from './run-program.ts'

const IMAGE = 'rabbitmq:4-alpine'
const PORT = '5672/tcp'
const QUICK_MS = 10_000
const PULL_TIMEOUT_MS = 600_000
const START_TIMEOUT_MS = 90_000
const POLL_MS = 300

/** The path of `docker`, where its engine runs. */
export async function findDocker(): Promise<string | undefined> {
  const docker = findProgram('docker')
  if (docker === undefined) return undefined
  const engine = await runProgram(docker, ['version', '--format', '{{.Server.Version}}'], {
    timeoutMs: QUICK_MS,
  })
  return engine.isOk ? docker : undefined
}

/** Starts a broker in a container, which goes when it is closed or this process ends. */
export async function startInDocker(docker: string, signal?: AbortSignal): Promise<Broker> {
  const name = `asya-rabbitmq-${randomBytes(4).toString('hex')}`
  const password = randomBytes(16).toString('hex')
  const guard = startGuard('"$1" rm --force --volumes "$2" >/dev/null 2>&1', [docker, name])
  const close = (): Promise<void> => guard.fire()
  try {
    await runDocker(docker, [
      ...['run', '--detach', '--name', name, '--publish', '127.0.0.1::5672'],
      ...['--env', 'RABBITMQ_DEFAULT_USER=asya', '--env', `RABBITMQ_DEFAULT_PASS=${password}`],
      IMAGE,
    ])
    const address = await runDocker(docker, ['port', name, PORT])
    const url = `amqp://asya:${password}@${address.split('\n')[0] ?? ''}`
    await untilAnswering(url, signal)
    const ctl = { program: docker, args: ['exec', name, 'rabbitmqctl'], settings: {} }
    return { how: 'docker', handle: { url, ctl }, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function runDocker(docker: string, args: readonly string[]): Promise<string> {
  const { isOk, output } = await runProgram(docker, args, { timeoutMs: PULL_TIMEOUT_MS })
  if (!isOk) throw new BrokerError(`docker ${args[0] ?? ''} ${IMAGE} failed: ${output}`)
  return output
}

async function untilAnswering(url: string, signal: AbortSignal | undefined): Promise<void> {
  for (const startedAt = performance.now(); !(await isAnswering(url));) {
    signal?.throwIfAborted()
    if (performance.now() - startedAt > START_TIMEOUT_MS) {
      throw new BrokerError(`${IMAGE} did not answer within ${START_TIMEOUT_MS / 1_000} s`)
    }
    await sleep(POLL_MS)
  }
}

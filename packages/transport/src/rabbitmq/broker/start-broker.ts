import type { Broker } from './broker.ts'
import { readGivenUrl } from './config.ts'
import { findDocker, startInDocker } from './docker-server.ts'
import { BrokerError } from './errors.ts'
import { findInstallation } from './find-server.ts'
import { findPackageManager, installServer } from './install-server.ts'
import { PrivateServer } from './private-server.ts'

export interface StartBrokerOptions {
  /** Told what takes its time, a line each. */
  readonly say: (line: string) => void
  /** Gives up the start. */
  readonly signal?: AbortSignal
}

const WHAT_TO_DO =
  'Install rabbitmq-server, or start Docker, or set ASYA_RABBITMQ_URL to a broker of yours ' +
  '(amqp://user:password@host:5672).'

/**
 * A broker for tests, measurements and `--rabbitmq`: the one of `ASYA_RABBITMQ_URL`; else an
 * installed server, started privately; else one in Docker; else one that is installed now, where
 * that is allowed. Throws BrokerError, which says what to do.
 */
export async function startBroker(options: StartBrokerOptions): Promise<Broker> {
  const { say, signal } = options
  const url = readGivenUrl()
  if (url !== undefined) {
    return { how: 'given', handle: { url, ctl: undefined }, close: () => Promise.resolve() }
  }
  const installation = findInstallation()
  if (installation) {
    say('starting RabbitMQ …')
    return PrivateServer.start(installation, signal)
  }
  const docker = await findDocker()
  if (docker !== undefined) {
    say('starting RabbitMQ in Docker …')
    return startInDocker(docker, signal)
  }
  return startInstalled(options)
}

async function startInstalled({ say, signal }: StartBrokerOptions): Promise<Broker> {
  const manager = findPackageManager()
  if (!manager) throw new BrokerError(`There is no RabbitMQ here. ${WHAT_TO_DO}`)
  say(`installing RabbitMQ with ${manager.program} (once, about a minute) …`)
  const { isOk, output } = await installServer(manager, signal)
  const installation = findInstallation()
  if (!isOk || !installation) {
    const lastLines = output.split('\n').slice(-5).join('\n')
    throw new BrokerError(
      `${manager.program} could not install RabbitMQ: ${lastLines}\n${WHAT_TO_DO}`,
    )
  }
  say('starting RabbitMQ …')
  return PrivateServer.start(installation, signal)
}

import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePorts } from '@asya/service/free-ports'

/** Where a private server lives: a folder and three ports that are nobody else's. */
export interface ServerPlace {
  /** Holds all its files; removed with it. */
  readonly folder: string
  readonly url: string
  readonly epmdPort: number
  /** What its programs are told by their environment. */
  readonly settings: Readonly<Record<string, string>>
}

export async function makeServerPlace(): Promise<ServerPlace> {
  const [port = 0, distPort = 0, epmdPort = 0] = await findFreePorts(3)
  const folder = mkdtempSync(join(tmpdir(), 'asya-rabbitmq-'))
  const path = (name: string): string => join(folder, name)
  const password = randomBytes(16).toString('hex')
  for (const name of ['data', 'logs', 'generated', 'schema']) mkdirSync(path(name))
  writeFileSync(path('rabbitmq.conf'), describeConfiguration(port, password), { mode: 0o600 })
  writeFileSync(path('plugins'), '[].\n')
  writeFileSync(path('advanced.config'), ADVANCED)
  writeFileSync(path('environment'), '')
  return {
    folder,
    url: `amqp://asya:${password}@127.0.0.1:${port}`,
    epmdPort,
    settings: {
      // Where Erlang keeps the secret that the control program shares with the server.
      HOME: folder,
      // A program of Erlang that is ended writes all its memory into the folder where it was started.
      ERL_CRASH_DUMP_SECONDS: '0',
      ERL_EPMD_PORT: `${epmdPort}`,
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `asya-${port}@localhost`,
      RABBITMQ_DIST_PORT: `${distPort}`,
      RABBITMQ_CONFIG_FILE: path('rabbitmq'),
      RABBITMQ_CONF_ENV_FILE: path('environment'),
      RABBITMQ_ADVANCED_CONFIG_FILE: path('advanced.config'),
      RABBITMQ_ENABLED_PLUGINS_FILE: path('plugins'),
      RABBITMQ_GENERATED_CONFIG_DIR: path('generated'),
      RABBITMQ_SCHEMA_DIR: path('schema'),
      RABBITMQ_MNESIA_BASE: path('data'),
      RABBITMQ_LOG_BASE: path('logs'),
      // Makes the script become the server, so that the pid is the server's.
      RABBITMQ_ALLOW_INPUT: 'true',
      RABBITMQ_SERVER_START_ARGS: '-noinput',
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${SPIN} -kernel inet_dist_use_interface {127,0,0,1}`,
      RABBITMQ_CTL_ERL_ARGS: SPIN,
    },
  }
}

/**
 * How long Erlang's threads spin before they sleep. As long as they do by themselves they would take
 * the processors from whoever works beside them; not at all, to be woken for each file that is read
 * makes a start twice as long (5.1 s for 2.1).
 */
const SPIN = '+sbwt very_short +sbwtdcpu none +sbwtdio very_short'

function describeConfiguration(port: number, password: string): string {
  return [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'default_user = asya',
    `default_pass = ${password}`,
    'log.file.level = warning',
    'log.console = false',
    '',
  ].join('\n')
}

/**
 * A dead letter whose queue is missing, such as a retry that falls due, is tried again after this, in
 * milliseconds. RabbitMQ's own three minutes are long for a laptop.
 */
const ADVANCED = '[{rabbit, [{dead_letter_worker_publisher_confirm_timeout, 3000}]}].\n'

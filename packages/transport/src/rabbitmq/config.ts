import { DEFAULT_NAMING, isStepName, parseDurationMs, type RabbitmqVariable } from '@asya/protocol'
import {
  boolean,
  choice,
  integer,
  parsed,
  text,
  withDefault,
  type Values,
  type Variable,
} from '@asya/service/environment'
import { parseRabbitmqUrl, type Endpoint, type TlsFiles } from './endpoint.ts'
import type { RabbitmqOptions } from './options.ts'
import { Secret } from './secret.ts'

/** What a process is told about its broker: one URL, or the parts of it, as an operator has them. */

const path = () => withDefault(text('a path'), undefined)

const duration = () => parsed(parseDurationMs, 'a duration such as 90s or 45m')

/** Of a message, 64 KiB are kept free for its error: as much again is the least that is of use. */
const MIN_MESSAGE_BYTES = 128 * 1024

export const RABBITMQ_VARIABLES = {
  ASYA_RABBITMQ_URL: {
    ...withDefault(
      parsed(parseRabbitmqUrl, 'amqp://user:password@host:port/vhost, or amqps://…'),
      undefined,
    ),
    isSecret: true,
  },
  ASYA_RABBITMQ_HOST: withDefault(text('a host'), undefined),
  ASYA_RABBITMQ_PORT: withDefault(integer(1, 65_535), undefined),
  ASYA_RABBITMQ_VHOST: withDefault(text('a virtual host'), '/'),
  ASYA_RABBITMQ_USERNAME: withDefault(text('a name'), 'guest'),
  ASYA_RABBITMQ_PASSWORD: { ...withDefault(text('a password'), 'guest'), isSecret: true },
  ASYA_RABBITMQ_PASSWORD_FILE: path(),
  ASYA_RABBITMQ_TLS: withDefault(boolean(), false),
  ASYA_RABBITMQ_CA_FILE: path(),
  ASYA_RABBITMQ_CERT_FILE: path(),
  ASYA_RABBITMQ_KEY_FILE: path(),
  ASYA_RABBITMQ_EXCHANGE: withDefault(
    parsed(
      (value) => (isStepName(value) ? value : undefined),
      'the name of an exchange (letters, digits, ".", "_", "-")',
    ),
    DEFAULT_NAMING.exchange,
  ),
  ASYA_RABBITMQ_QUEUE_TYPE: withDefault(choice('quorum', 'classic'), DEFAULT_NAMING.queueType),
  ASYA_RABBITMQ_MAX_MESSAGE_SIZE: withDefault(
    integer(MIN_MESSAGE_BYTES, 512 * 1024 ** 2),
    undefined,
  ),
  ASYA_RABBITMQ_HEARTBEAT: withDefault(duration(), undefined),
  ASYA_RABBITMQ_CONSUMER_TIMEOUT: withDefault(duration(), undefined),
} as const satisfies Readonly<Record<string, Variable<unknown>>> &
  Readonly<Record<RabbitmqVariable, Variable<unknown>>>

type RabbitmqValues = Values<typeof RABBITMQ_VARIABLES>

/** What the variables say against each other. */
export function findContradictions(values: RabbitmqValues): readonly string[] {
  const problems: string[] = []
  if (values.ASYA_RABBITMQ_URL && values.ASYA_RABBITMQ_HOST !== undefined) {
    problems.push('ASYA_RABBITMQ_URL and ASYA_RABBITMQ_HOST are both set: expected one of them')
  }
  const { ASYA_RABBITMQ_CERT_FILE: certificate, ASYA_RABBITMQ_KEY_FILE: key } = values
  if ((certificate === undefined) !== (key === undefined)) {
    problems.push('ASYA_RABBITMQ_CERT_FILE and ASYA_RABBITMQ_KEY_FILE: expected both or none')
  }
  return problems
}

interface Surroundings {
  readonly errorEnd: string
  /** How long a delivery may be held. */
  readonly holdMs: number
}

export function toRabbitmqOptions(
  values: RabbitmqValues,
  { errorEnd, holdMs }: Surroundings,
): RabbitmqOptions {
  const maxBodyBytes = values.ASYA_RABBITMQ_MAX_MESSAGE_SIZE
  const heartbeatMs = values.ASYA_RABBITMQ_HEARTBEAT
  const consumerTimeoutMs = values.ASYA_RABBITMQ_CONSUMER_TIMEOUT
  return {
    endpoint: toEndpoint(values),
    naming: {
      exchange: values.ASYA_RABBITMQ_EXCHANGE,
      errorEnd,
      queueType: values.ASYA_RABBITMQ_QUEUE_TYPE,
    },
    holdMs,
    patienceMs: START_PATIENCE_MS,
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
    ...(heartbeatMs === undefined ? {} : { heartbeatS: Math.ceil(heartbeatMs / 1_000) }),
    ...(consumerTimeoutMs === undefined ? {} : { consumerTimeoutMs }),
  }
}

/** A broker may come up after its clients; a process that ended would be started ever more rarely. */
const START_PATIENCE_MS = 300_000

function toEndpoint(values: RabbitmqValues): Endpoint {
  const { ASYA_RABBITMQ_PASSWORD_FILE: passwordFile, ASYA_RABBITMQ_URL: url } = values
  const endpoint = url ?? toEndpointOfParts(values)
  const password = passwordFile === undefined ? endpoint.password : Secret.inFile(passwordFile)
  const tls = endpoint.tls && toTlsFiles(values)
  return { ...endpoint, password, tls }
}

function toEndpointOfParts(values: RabbitmqValues): Endpoint {
  const isTls = values.ASYA_RABBITMQ_TLS
  return {
    host: values.ASYA_RABBITMQ_HOST ?? 'localhost',
    port: values.ASYA_RABBITMQ_PORT ?? (isTls ? 5_671 : 5_672),
    vhost: values.ASYA_RABBITMQ_VHOST,
    username: values.ASYA_RABBITMQ_USERNAME,
    password: Secret.ofText(values.ASYA_RABBITMQ_PASSWORD),
    tls: isTls ? {} : undefined,
  }
}

function toTlsFiles(values: RabbitmqValues): TlsFiles {
  const caPath = values.ASYA_RABBITMQ_CA_FILE
  const certificatePath = values.ASYA_RABBITMQ_CERT_FILE
  const keyPath = values.ASYA_RABBITMQ_KEY_FILE
  return {
    ...(caPath === undefined ? {} : { caPath }),
    ...(certificatePath === undefined ? {} : { certificatePath }),
    ...(keyPath === undefined ? {} : { keyPath }),
  }
}

import { readFileSync } from 'node:fs'
import { isImage, isNamespace, isObjectName, isDataKey } from '@asya/protocol'
import {
  boolean,
  choice,
  ConfigurationError,
  httpUrl,
  integer,
  listenAddress,
  parsed,
  readEnvironment,
  text,
  withDefault,
  type ListenAddress,
  type Variable,
} from '@asya/service/environment'
import { LOG_LEVELS, type LogLevel } from '@asya/service/logger'
import type { InstalledPlatform } from './control/platform-facts.ts'

/** How the operator was installed. */
export interface OperatorConfig {
  readonly platform: InstalledPlatform
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[]
  /** Undefined: there is one operator, and it need not ask whether it leads. */
  readonly lease:
    { readonly namespace: string; readonly name: string; readonly identity: string } | undefined
  readonly concurrency: number
  readonly metricsAddress: ListenAddress
  readonly logLevel: LogLevel
}

interface SecretKey {
  readonly name: string
  readonly key: string
}

const secretKey = (): Variable<SecretKey | undefined> =>
  withDefault(
    parsed((value) => {
      const [name, key, ...rest] = value.split('/')
      return isObjectName(name) && isDataKey(key) && rest.length === 0 ? { name, key } : undefined
    }, 'the name of a Secret and a key of it, such as rabbitmq/password'),
    undefined,
  )

const namespaces = (): Variable<readonly string[]> =>
  withDefault(
    parsed((value) => {
      const names = value.split(',').map((name) => name.trim())
      return names.every(isNamespace) ? names : undefined
    }, 'namespaces with commas between'),
    [],
  )

const image = (): Variable<string> =>
  parsed((value) => (isImage(value) ? value : undefined), 'an image, with its tag')

const objectName = (): Variable<string> =>
  parsed((value) => (isObjectName(value) ? value : undefined), 'the name of an object')

const port = () => withDefault(integer(1, 65_535), undefined)

const VARIABLES = {
  ASYA_SIDECAR_IMAGE: image(),
  ASYA_SIDECAR_CPU: withDefault(text('a quantity'), '50m'),
  ASYA_SIDECAR_MEMORY: withDefault(text('a quantity'), '96Mi'),
  ASYA_SIDECAR_MEMORY_LIMIT: withDefault(text('a quantity'), '256Mi'),
  ASYA_PYTHON_RUNTIME: text('the path of asya.py'),
  ASYA_RABBITMQ_HOST: text('a host that actors reach'),
  ASYA_RABBITMQ_PORT: port(),
  ASYA_RABBITMQ_VHOST: withDefault(text('a virtual host'), undefined),
  ASYA_RABBITMQ_EXCHANGE: withDefault(text('the name of an exchange'), undefined),
  ASYA_RABBITMQ_TLS: withDefault(boolean(), false),
  ASYA_RABBITMQ_USERNAME: withDefault(text('a name'), undefined),
  ASYA_RABBITMQ_PASSWORD_SECRET: secretKey(),
  ASYA_RABBITMQ_MANAGEMENT_PORT: port(),
  ASYA_RABBITMQ_MANAGEMENT_SCHEME: withDefault(choice('http', 'https'), undefined),
  ASYA_GATEWAY_URL: withDefault(httpUrl(), undefined),
  ASYA_GATEWAY_TOKEN_SECRET: secretKey(),
  ASYA_NETWORK_POLICIES: withDefault(boolean(), false),
  ASYA_WATCH_NAMESPACES: namespaces(),
  ASYA_LEADER_ELECTION: withDefault(boolean(), true),
  ASYA_LEASE_NAME: withDefault(objectName(), 'asya-operator'),
  ASYA_OPERATOR_NAMESPACE: withDefault(
    parsed((value) => (isNamespace(value) ? value : undefined), 'a namespace'),
    undefined,
  ),
  ASYA_POD_NAME: withDefault(objectName(), undefined),
  ASYA_RECONCILE_CONCURRENCY: withDefault(integer(1, 100), 4),
  ASYA_METRICS_ADDR: withDefault(listenAddress(), { host: undefined, port: 8080 }),
  ASYA_LOG_LEVEL: withDefault(choice(...LOG_LEVELS), 'info' as const),
} as const

type OperatorValues = ReturnType<typeof readEnvironment<typeof VARIABLES>>

/** Reads the environment. Throws ConfigurationError with every problem. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): OperatorConfig {
  const values = readEnvironment(VARIABLES, environment)
  return {
    platform: toPlatform(values),
    namespaces: values.ASYA_WATCH_NAMESPACES,
    lease: toLease(values),
    concurrency: values.ASYA_RECONCILE_CONCURRENCY,
    metricsAddress: values.ASYA_METRICS_ADDR,
    logLevel: values.ASYA_LOG_LEVEL,
  }
}

function toPlatform(values: OperatorValues): InstalledPlatform {
  const { ASYA_SIDECAR_CPU: cpu, ASYA_SIDECAR_MEMORY: memory } = values
  const url = values.ASYA_GATEWAY_URL
  return {
    rabbitmq: toRabbitmq(values),
    sidecar: {
      image: values.ASYA_SIDECAR_IMAGE,
      resources: {
        requests: { cpu, memory },
        limits: { memory: values.ASYA_SIDECAR_MEMORY_LIMIT },
      },
    },
    gateway:
      url === undefined ? undefined : { url, tokenSecretRef: values.ASYA_GATEWAY_TOKEN_SECRET },
    pythonRuntime: readPythonRuntime(values.ASYA_PYTHON_RUNTIME),
    hasNetworkPolicies: values.ASYA_NETWORK_POLICIES,
  }
}

function toRabbitmq(values: OperatorValues): InstalledPlatform['rabbitmq'] {
  const { ASYA_RABBITMQ_MANAGEMENT_PORT: port, ASYA_RABBITMQ_MANAGEMENT_SCHEME: scheme } = values
  return {
    host: values.ASYA_RABBITMQ_HOST,
    port: values.ASYA_RABBITMQ_PORT,
    vhost: values.ASYA_RABBITMQ_VHOST,
    exchange: values.ASYA_RABBITMQ_EXCHANGE,
    tls: values.ASYA_RABBITMQ_TLS,
    username: values.ASYA_RABBITMQ_USERNAME,
    passwordSecretRef: values.ASYA_RABBITMQ_PASSWORD_SECRET,
    management: { port, scheme },
  }
}

function readPythonRuntime(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError([`ASYA_PYTHON_RUNTIME is "${path}": ${String(error)}`])
  }
}

function toLease(values: OperatorValues): OperatorConfig['lease'] {
  if (!values.ASYA_LEADER_ELECTION) return undefined
  const { ASYA_OPERATOR_NAMESPACE: namespace, ASYA_POD_NAME: identity } = values
  if (namespace === undefined || identity === undefined) {
    throw new ConfigurationError([
      'ASYA_OPERATOR_NAMESPACE and ASYA_POD_NAME are needed to elect a leader: set both, or ASYA_LEADER_ELECTION to false',
    ])
  }
  return { namespace, name: values.ASYA_LEASE_NAME, identity }
}

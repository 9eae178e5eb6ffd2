import {
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_RETRY_POLICY,
  END_RETRY_POLICY,
  ERROR_END,
  HAPPY_END,
  isStepName,
  parseDurationMs,
  type SidecarVariable,
  type Station,
} from '@asya/protocol'
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
import {
  findContradictions,
  RABBITMQ_VARIABLES,
  toRabbitmqOptions,
} from '@asya/transport/rabbitmq/config'
import { parseCustomMetrics, type CustomMetricSpec } from './custom-metrics.ts'
import type { GatewayToken } from './gateway/gateway-token.ts'
import type { TransportConfig } from './open-transport.ts'
import type { SidecarOptions } from './sidecar.ts'

/** The sidecar's configuration; names and defaults are the original's. */
export interface SidecarConfig {
  readonly sidecar: SidecarOptions
  readonly transport: TransportConfig
  readonly gatewayUrl: string | undefined
  readonly gatewayToken: GatewayToken | undefined
  readonly metrics: {
    readonly isEnabled: boolean
    readonly address: ListenAddress
    readonly namespace: string
    readonly custom: readonly CustomMetricSpec[]
  }
  readonly logLevel: LogLevel
  /** How long SIGTERM leaves for what is in flight. */
  readonly graceMs: number
}

const duration = (): Variable<number> =>
  parsed(parseDurationMs, 'a duration such as 300ms, 90s, 5m or 1h30m')

/** Shorter, the first message would not be there yet. */
const MIN_IDLE_MS = 1_000

const idleTime = (): Variable<number> =>
  parsed((value) => {
    const idleMs = parseDurationMs(value)
    return idleMs !== undefined && idleMs >= MIN_IDLE_MS ? idleMs : undefined
  }, 'a duration of at least 1s')

const stepName = (): Variable<string> =>
  parsed(
    (value) => (isStepName(value) ? value : undefined),
    'the name of a queue (letters, digits, ".", "_", "-")',
  )

const codes = (): Variable<readonly string[]> =>
  parsed(
    (value) => (/^[a-z_]+(,[a-z_]+)*$/.test(value) ? value.split(',') : undefined),
    'failure codes with commas between, such as timeout_error,oom_error',
  )

/** What a header can carry (RFC 6750, section 2.1). */
const token = (): Variable<string> =>
  parsed(
    (value) => (/^[A-Za-z0-9\-._~+/]+=*$/.test(value) ? value : undefined),
    'a token (letters, digits, "-", ".", "_", "~", "+", "/", "=")',
  )

const factor = (): Variable<number> =>
  parsed((value) => {
    const number = Number(value)
    return number >= 1 && number <= 100 ? number : undefined
  }, 'a number from 1 to 100')

const MAX_CONCURRENCY = 10_000
const GIB = 1024 ** 3

const VARIABLES = {
  ASYA_QUEUE_NAME: stepName(),
  ASYA_ACTOR_NAME: withDefault(text('a name'), undefined),
  ASYA_SOCKET_PATH: withDefault(text('a path'), '/tmp/sockets/app.sock'),
  ASYA_RUNTIME_TIMEOUT: withDefault(duration(), 300_000),
  ASYA_STEP_HAPPY_END: withDefault(stepName(), HAPPY_END),
  ASYA_STEP_ERROR_END: withDefault(stepName(), ERROR_END),
  ASYA_IS_TERMINAL: withDefault(boolean(), false),
  ASYA_CONCURRENCY: {
    ...withDefault(integer(1, MAX_CONCURRENCY), 1),
    aliases: ['ASYA_RABBITMQ_PREFETCH'],
  },
  ASYA_MAX_MESSAGE_SIZE: withDefault(integer(1, GIB), DEFAULT_MAX_FRAME_BYTES),
  ASYA_RETRY_MAX_ATTEMPTS: withDefault(integer(1, 1_000), undefined),
  ASYA_RETRY_INITIAL_DELAY: withDefault(duration(), DEFAULT_RETRY_POLICY.initialDelayMs),
  ASYA_RETRY_MAX_DELAY: withDefault(duration(), DEFAULT_RETRY_POLICY.maxDelayMs),
  ASYA_RETRY_BACKOFF: withDefault(factor(), DEFAULT_RETRY_POLICY.backoff),
  ASYA_RETRY_CODES: withDefault(codes(), DEFAULT_RETRY_POLICY.retryCodes),
  ASYA_RETRY_FATAL_CODES: withDefault(codes(), DEFAULT_RETRY_POLICY.fatalCodes),
  ASYA_GATEWAY_URL: withDefault(httpUrl(), undefined),
  ASYA_GATEWAY_TOKEN: { ...withDefault(token(), undefined), isSecret: true },
  ASYA_GATEWAY_TOKEN_FILE: withDefault(text('a path'), undefined),
  ASYA_REPORT_PAYLOADS: withDefault(boolean(), false),
  ASYA_METRICS_ENABLED: withDefault(boolean(), true),
  ASYA_METRICS_ADDR: withDefault(listenAddress(), { host: undefined, port: 8080 }),
  ASYA_METRICS_NAMESPACE: withDefault(
    parsed((value) => (/^[a-zA-Z_]\w*$/.test(value) ? value : undefined), 'a metric prefix'),
    'asya_actor',
  ),
  ASYA_CUSTOM_METRICS: withDefault(
    parsed(parseCustomMetrics, 'a JSON list of {"kind","name","help"?,"labels"?,"buckets"?}'),
    [],
  ),
  ASYA_LOG_LEVEL: withDefault(choice(...LOG_LEVELS), 'info' as const),
  ASYA_SHUTDOWN_GRACE: withDefault(duration(), 30_000),
  ASYA_EXIT_WHEN_IDLE: withDefault(idleTime(), undefined),
  ASYA_TRANSPORT: withDefault(choice('rabbitmq', 'memory'), 'rabbitmq' as const),
  ...RABBITMQ_VARIABLES,
} as const satisfies Readonly<Record<string, Variable<unknown>>> &
  Readonly<Record<SidecarVariable, Variable<unknown>>>

type SidecarValues = ReturnType<typeof readEnvironment<typeof VARIABLES>>

/** Reads the environment. Throws ConfigurationError with every problem. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): SidecarConfig {
  const values = readEnvironment(VARIABLES, environment)
  const queue = values.ASYA_QUEUE_NAME
  const station = toStation(values)
  const problems = [...findContradictions(values)]
  if (station.happyEnd === station.errorEnd) {
    problems.push(
      `ASYA_STEP_HAPPY_END and ASYA_STEP_ERROR_END are both "${station.happyEnd}": expected two queues`,
    )
  }
  if (values.ASYA_GATEWAY_TOKEN !== undefined && values.ASYA_GATEWAY_TOKEN_FILE !== undefined) {
    problems.push(
      'ASYA_GATEWAY_TOKEN and ASYA_GATEWAY_TOKEN_FILE are both set: expected one of them',
    )
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    sidecar: {
      station,
      actorName: values.ASYA_ACTOR_NAME ?? queue,
      socketPath: values.ASYA_SOCKET_PATH,
      maxMessageBytes: values.ASYA_MAX_MESSAGE_SIZE,
      concurrency: values.ASYA_CONCURRENCY,
      timeoutMs: values.ASYA_RUNTIME_TIMEOUT,
      reportsPayloads: values.ASYA_REPORT_PAYLOADS,
      exitWhenIdleMs: values.ASYA_EXIT_WHEN_IDLE,
    },
    transport: toTransport(values, station.errorEnd),
    gatewayUrl: values.ASYA_GATEWAY_URL,
    gatewayToken: toGatewayToken(values),
    metrics: {
      isEnabled: values.ASYA_METRICS_ENABLED,
      address: values.ASYA_METRICS_ADDR,
      namespace: values.ASYA_METRICS_NAMESPACE,
      custom: values.ASYA_CUSTOM_METRICS,
    },
    logLevel: values.ASYA_LOG_LEVEL,
    graceMs: values.ASYA_SHUTDOWN_GRACE,
  }
}

function toGatewayToken(values: SidecarValues): GatewayToken | undefined {
  const { ASYA_GATEWAY_TOKEN: text, ASYA_GATEWAY_TOKEN_FILE: path } = values
  if (path !== undefined) return { path }
  return text === undefined ? undefined : { text }
}

function toTransport(values: SidecarValues, errorEnd: string): TransportConfig {
  if (values.ASYA_TRANSPORT === 'memory') return { type: 'memory' }
  const holdMs = values.ASYA_RUNTIME_TIMEOUT + AROUND_HANDLER_MS
  return { type: 'rabbitmq', options: toRabbitmqOptions(values, { errorEnd, holdMs }) }
}

/** A delivery is held for its handler, and for what comes before and after it. */
const AROUND_HANDLER_MS = 120_000

function toStation(values: SidecarValues): Station {
  const queue = values.ASYA_QUEUE_NAME
  const happyEnd = values.ASYA_STEP_HAPPY_END
  const errorEnd = values.ASYA_STEP_ERROR_END
  const isEnd = values.ASYA_IS_TERMINAL || queue === happyEnd || queue === errorEnd
  const defaults = isEnd ? END_RETRY_POLICY : DEFAULT_RETRY_POLICY
  const retry = {
    maxAttempts: values.ASYA_RETRY_MAX_ATTEMPTS ?? defaults.maxAttempts,
    initialDelayMs: values.ASYA_RETRY_INITIAL_DELAY,
    maxDelayMs: values.ASYA_RETRY_MAX_DELAY,
    backoff: values.ASYA_RETRY_BACKOFF,
    retryCodes: values.ASYA_RETRY_CODES,
    fatalCodes: values.ASYA_RETRY_FATAL_CODES,
  }
  return { queue, isEnd, happyEnd, errorEnd, retry }
}

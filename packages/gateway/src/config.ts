import { ERROR_END, parseDurationMs } from '@asya/protocol'
import {
  boolean,
  choice,
  ConfigurationError,
  integer,
  parsed,
  readEnvironment,
  text,
  withDefault,
  type Variable,
} from '@asya/service/environment'
import { LOG_LEVELS, type LogLevel } from '@asya/service/logger'
import type { RabbitmqOptions } from '@asya/transport/rabbitmq'
import {
  findContradictions,
  RABBITMQ_VARIABLES,
  toRabbitmqOptions,
} from '@asya/transport/rabbitmq/config'
import { isLoopback } from './auth/address.ts'
import { findSecurityProblems, SECURITY_VARIABLES, toSecurityOptions } from './auth/config.ts'
import type { GatewayOptions } from './gateway.ts'
import { SERVER_LIMITS } from './http/gateway-server.ts'

export interface GatewayConfig {
  readonly gateway: GatewayOptions
  readonly rabbitmq: RabbitmqOptions
  readonly logLevel: LogLevel
  /** Others than this machine reach it, and need not say who they are. */
  readonly isOpenToOthers: boolean
  /** How long SIGTERM leaves for what is in flight. */
  readonly graceMs: number
}

const duration = (): Variable<number> =>
  parsed(parseDurationMs, 'a duration such as 300ms, 90s, 5m or 1h30m')

const path = (): Variable<string | undefined> => withDefault(text('a path'), undefined)

const GIB = 1024 ** 3
const MIB = 1024 ** 2
const DAY_MS = 86_400_000

const VARIABLES = {
  ASYA_DATABASE_URL: {
    ...parsed(
      (value) => (/^postgres(ql)?:\/\//.test(value) ? value : undefined),
      'postgres://user:password@host:port/database',
    ),
    isSecret: true,
  },
  ASYA_DATABASE_CONNECTIONS: withDefault(integer(2, 1_000), 10),
  ASYA_GATEWAY_HOST: withDefault(text('an address of this machine'), '127.0.0.1'),
  ASYA_GATEWAY_PORT: withDefault(integer(0, 65_535), 8080),
  ASYA_SIDECAR_PORT: withDefault(integer(0, 65_535), undefined),
  ASYA_CATALOG_PATH: path(),
  ASYA_CONFIG_PATH: path(),
  ASYA_JOB_TIMEOUT: withDefault(duration(), 3_600_000),
  ASYA_JOB_RETENTION: withDefault(duration(), 7 * DAY_MS),
  ASYA_JOB_STALLED_AFTER: withDefault(duration(), 60_000),
  ASYA_MAX_BODY_SIZE: withDefault(integer(1, GIB), 16 * MIB),
  ASYA_MAX_BODY_MEMORY: withDefault(integer(1, 64 * GIB), SERVER_LIMITS.maxBodyMemoryBytes),
  ASYA_MAX_STREAMS: withDefault(integer(1, 1_000_000), 10_000),
  ASYA_MCP_SYNC_WAIT: withDefault(duration(), 25_000),
  ASYA_MCP_STREAM_WAIT: withDefault(duration(), 50_000),
  ASYA_MAX_STREAMS_PER_CLIENT: withDefault(integer(1, 1_000_000), undefined),
  ASYA_MAX_CONNECTIONS: withDefault(integer(1, 1_000_000), SERVER_LIMITS.maxConnections),
  ASYA_REQUEST_TIMEOUT: withDefault(duration(), SERVER_LIMITS.requestTimeoutMs),
  ASYA_DASHBOARD_PAYLOADS: withDefault(boolean(), false),
  ASYA_LOG_LEVEL: withDefault(choice(...LOG_LEVELS), 'info' as const),
  ASYA_SHUTDOWN_GRACE: withDefault(duration(), 30_000),
  ...SECURITY_VARIABLES,
  ...RABBITMQ_VARIABLES,
} as const

/** A gateway takes nothing from queues. */
const HOLD_MS = 60_000

/** Reads the environment. Throws ConfigurationError with every problem. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): GatewayConfig {
  const values = readEnvironment(VARIABLES, environment)
  const host = values.ASYA_GATEWAY_HOST
  const problems = [...findContradictions(values), ...findSecurityProblems(values, host)]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return {
    gateway: {
      databaseUrl: values.ASYA_DATABASE_URL,
      databaseConnections: values.ASYA_DATABASE_CONNECTIONS,
      host,
      port: values.ASYA_GATEWAY_PORT,
      sidecarPort: values.ASYA_SIDECAR_PORT,
      security: toSecurityOptions(values, host),
      tools: {
        catalogPath: values.ASYA_CATALOG_PATH,
        configPath: values.ASYA_CONFIG_PATH,
        defaults: { timeoutMs: values.ASYA_JOB_TIMEOUT },
      },
      jobs: {
        retentionMs: values.ASYA_JOB_RETENTION,
        silentMs: values.ASYA_JOB_STALLED_AFTER,
      },
      dashboard: { showsPayloads: values.ASYA_DASHBOARD_PAYLOADS },
      limits: {
        maxBodyBytes: values.ASYA_MAX_BODY_SIZE,
        maxBodyMemoryBytes: values.ASYA_MAX_BODY_MEMORY,
        maxConnections: values.ASYA_MAX_CONNECTIONS,
        requestTimeoutMs: values.ASYA_REQUEST_TIMEOUT,
        maxStreams: values.ASYA_MAX_STREAMS,
        maxStreamsPerClient: values.ASYA_MAX_STREAMS_PER_CLIENT,
      },
      mcp: {
        syncWaitMs: values.ASYA_MCP_SYNC_WAIT,
        streamWaitMs: values.ASYA_MCP_STREAM_WAIT,
      },
    },
    rabbitmq: toRabbitmqOptions(values, { errorEnd: ERROR_END, holdMs: HOLD_MS }),
    logLevel: values.ASYA_LOG_LEVEL,
    isOpenToOthers: !isLoopback(host) && values.ASYA_AUTH?.includes('none') === true,
    graceMs: values.ASYA_SHUTDOWN_GRACE,
  }
}

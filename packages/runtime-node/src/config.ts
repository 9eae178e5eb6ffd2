import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import {
  DEFAULT_MAX_FRAME_BYTES,
  nameFromExport,
  parseDurationMs,
  type RuntimeVariable,
} from '@asya/protocol'
import {
  choice,
  integer,
  parsed,
  readEnvironment,
  text,
  withDefault,
  type Variable,
} from '@asya/service/environment'
import type { HandlerSpec, LogLevel } from './isolate/isolate.ts'
import type { Isolation } from './isolate/load-isolation.ts'

/** The runtime's configuration; names and defaults are the original's where it has them. */
export interface RuntimeConfig {
  readonly handler: HandlerSpec
  /** Absolute path of the module that checks payloads. */
  readonly guardPath: string | undefined
  readonly actorName: string | undefined
  readonly isolation: Isolation
  readonly concurrency: number
  readonly socket: { readonly path: string; readonly mode: number }
  readonly maxFrameBytes: number
  readonly defaultTimeoutMs: number | undefined
  readonly loadTimeoutMs: number
  readonly heapLimitMiB: number | undefined
  readonly logLevel: LogLevel
  /** How long SIGTERM leaves for what is in flight. */
  readonly graceMs: number
}

const MAX_CONCURRENCY = 10_000
const GIB = 1024 ** 3
/** Linux: `sun_path` has 108 bytes, the last of which is NUL. */
const MAX_PATH_BYTES = 107

const duration = (): Variable<number> =>
  parsed(parseDurationMs, 'a duration such as 300ms, 90s, 5m or 1h30m')

const handler = (): Variable<HandlerSpec> =>
  parsed(parseHandler, 'path/to/module.js, or path/to/module.js#export')

const socketPath = (): Variable<string> =>
  parsed(
    (value) => (Buffer.byteLength(value) <= MAX_PATH_BYTES ? value : undefined),
    `a path of at most ${String(MAX_PATH_BYTES)} bytes`,
  )

const mode = (): Variable<number> =>
  parsed(
    (value) => (/^(0o|0)?[0-7]{3}$/.test(value) ? parseInt(value.slice(-3), 8) : undefined),
    'permissions in octal, such as 0o660, 0660 or 660',
  )

const VARIABLES = {
  ASYA_HANDLER: handler(),
  ASYA_GUARD: withDefault(text('path/to/guard.mjs'), undefined),
  ASYA_ACTOR_NAME: withDefault(text('a name'), undefined),
  ASYA_ISOLATION: withDefault(choice('thread', 'process', 'none'), 'thread' as const),
  ASYA_CONCURRENCY: {
    ...withDefault(integer(1, MAX_CONCURRENCY), 1),
    aliases: ['ASYA_RABBITMQ_PREFETCH'],
  },
  ASYA_SOCKET_PATH: withDefault(socketPath(), '/tmp/sockets/app.sock'),
  ASYA_SOCKET_CHMOD: withDefault(mode(), 0o660),
  ASYA_MAX_MESSAGE_SIZE: withDefault(integer(1, GIB), DEFAULT_MAX_FRAME_BYTES),
  ASYA_RUNTIME_TIMEOUT: withDefault(duration(), undefined),
  ASYA_LOAD_TIMEOUT: withDefault(duration(), 300_000),
  ASYA_HEAP_LIMIT: withDefault(integer(16, 1_048_576), undefined),
  ASYA_LOG_LEVEL: withDefault(choice('debug', 'info', 'warn', 'error', 'silent'), 'info' as const),
  ASYA_SHUTDOWN_GRACE: withDefault(duration(), 30_000),
} as const satisfies Readonly<Record<string, Variable<unknown>>> &
  Readonly<Record<RuntimeVariable, Variable<unknown>>>

/** Reads the environment. Throws ConfigurationError with every problem. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RuntimeConfig {
  const values = readEnvironment(VARIABLES, environment)
  const { exportName } = values.ASYA_HANDLER
  return {
    handler: values.ASYA_HANDLER,
    guardPath: values.ASYA_GUARD === undefined ? undefined : resolve(values.ASYA_GUARD),
    actorName:
      values.ASYA_ACTOR_NAME ?? (exportName === undefined ? undefined : nameFromExport(exportName)),
    isolation: values.ASYA_ISOLATION,
    concurrency: values.ASYA_CONCURRENCY,
    socket: { path: resolve(values.ASYA_SOCKET_PATH), mode: values.ASYA_SOCKET_CHMOD },
    maxFrameBytes: values.ASYA_MAX_MESSAGE_SIZE,
    defaultTimeoutMs: values.ASYA_RUNTIME_TIMEOUT,
    loadTimeoutMs: values.ASYA_LOAD_TIMEOUT,
    heapLimitMiB: values.ASYA_HEAP_LIMIT ?? suggestHeapLimitMiB(),
    logLevel: values.ASYA_LOG_LEVEL,
    graceMs: values.ASYA_SHUTDOWN_GRACE,
  }
}

/** `path#export`; the path is relative to the working directory. */
function parseHandler(value: string): HandlerSpec | undefined {
  const hash = value.lastIndexOf('#')
  const path = hash === -1 ? value : value.slice(0, hash)
  const exportName = hash === -1 ? undefined : value.slice(hash + 1)
  if (path === '' || exportName === '') return undefined
  return { text: value, path: resolve(path), exportName }
}

/** Three quarters of the container's memory: the rest is for Buffers, code and the server. */
const HEAP_SHARE = 0.75

function suggestHeapLimitMiB(): number | undefined {
  const limitBytes = process.constrainedMemory()
  // Without a limit this is 0, or more than there is.
  if (limitBytes === 0 || limitBytes > totalmem()) return undefined
  return Math.max(16, Math.floor((limitBytes * HEAP_SHARE) / 1024 ** 2))
}

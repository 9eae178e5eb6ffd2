import { writeDuration } from './duration.ts'
import type { PartialRetryPolicy } from './retry.ts'

/**
 * What the operator tells the two halves of a pod, as variables of their environment. Each half proves
 * that its own table of variables has these names, and that it reads back what is written here.
 */

/** What both halves must agree on. */
export interface RuntimeSetup {
  readonly actorName: string
  readonly socketPath: string
  /** Messages at a time. */
  readonly concurrency: number
  readonly maxMessageBytes: number
  /** Of one attempt. */
  readonly timeoutMs: number
  /** How long SIGTERM leaves for what is in flight. */
  readonly graceMs: number
}

export interface SidecarSetup extends RuntimeSetup {
  readonly queue: string
  /** Where `/health`, `/ready`, `/drain` and `/metrics` are served. */
  readonly opsPort: number
  /** Without a message for so long the pod ends; undefined: never. */
  readonly exitWhenIdleMs: number | undefined
  /** What is left out is the sidecar's to say. */
  readonly retry: PartialRetryPolicy
  readonly rabbitmq: RabbitmqSetup
  readonly gateway: GatewaySetup | undefined
}

/** How the broker is reached; what is left out is the sidecar's to say. */
export interface RabbitmqSetup {
  readonly host: string
  readonly port: number | undefined
  readonly vhost: string | undefined
  readonly exchange: string | undefined
  readonly isTls: boolean
  readonly username: string | undefined
  readonly passwordPath: string | undefined
}

interface GatewaySetup {
  readonly url: string
  readonly tokenPath: string | undefined
}

export type RuntimeVariable =
  | 'ASYA_ACTOR_NAME'
  | 'ASYA_SOCKET_PATH'
  | 'ASYA_CONCURRENCY'
  | 'ASYA_MAX_MESSAGE_SIZE'
  | 'ASYA_RUNTIME_TIMEOUT'
  | 'ASYA_SHUTDOWN_GRACE'

export type RabbitmqVariable =
  | 'ASYA_RABBITMQ_HOST'
  | 'ASYA_RABBITMQ_PORT'
  | 'ASYA_RABBITMQ_VHOST'
  | 'ASYA_RABBITMQ_EXCHANGE'
  | 'ASYA_RABBITMQ_TLS'
  | 'ASYA_RABBITMQ_USERNAME'
  | 'ASYA_RABBITMQ_PASSWORD_FILE'

export type SidecarVariable =
  | RuntimeVariable
  | RabbitmqVariable
  | 'ASYA_QUEUE_NAME'
  | 'ASYA_METRICS_ADDR'
  | 'ASYA_EXIT_WHEN_IDLE'
  | 'ASYA_RETRY_MAX_ATTEMPTS'
  | 'ASYA_RETRY_INITIAL_DELAY'
  | 'ASYA_RETRY_MAX_DELAY'
  | 'ASYA_RETRY_BACKOFF'
  | 'ASYA_RETRY_CODES'
  | 'ASYA_RETRY_FATAL_CODES'
  | 'ASYA_GATEWAY_URL'
  | 'ASYA_GATEWAY_TOKEN_FILE'

/** Values by name, in an order for people. */
export type Environment<Name extends string> = Readonly<Partial<Record<Name, string>>>

/** For a runtime, whatever its language. */
export function toRuntimeEnvironment(setup: RuntimeSetup): Environment<RuntimeVariable> {
  return {
    ASYA_ACTOR_NAME: setup.actorName,
    ASYA_SOCKET_PATH: setup.socketPath,
    ASYA_CONCURRENCY: String(setup.concurrency),
    ASYA_MAX_MESSAGE_SIZE: String(setup.maxMessageBytes),
    ASYA_RUNTIME_TIMEOUT: writeDuration(setup.timeoutMs),
    ASYA_SHUTDOWN_GRACE: writeDuration(setup.graceMs),
  }
}

export function toSidecarEnvironment(setup: SidecarSetup): Environment<SidecarVariable> {
  const { queue, opsPort, exitWhenIdleMs, retry, rabbitmq, gateway } = setup
  return {
    ASYA_QUEUE_NAME: queue,
    ...toRuntimeEnvironment(setup),
    ASYA_METRICS_ADDR: `:${opsPort}`,
    ...(exitWhenIdleMs !== undefined && { ASYA_EXIT_WHEN_IDLE: writeDuration(exitWhenIdleMs) }),
    ...toRabbitmqEnvironment(rabbitmq),
    ...(gateway && toGatewayEnvironment(gateway)),
    ...toRetryEnvironment(retry),
  }
}

function toRabbitmqEnvironment(setup: RabbitmqSetup): Environment<RabbitmqVariable> {
  const { host, port, vhost, exchange, isTls, username, passwordPath } = setup
  return {
    ASYA_RABBITMQ_HOST: host,
    ...(port !== undefined && { ASYA_RABBITMQ_PORT: String(port) }),
    ...(vhost !== undefined && { ASYA_RABBITMQ_VHOST: vhost }),
    ...(exchange !== undefined && { ASYA_RABBITMQ_EXCHANGE: exchange }),
    ...(isTls && { ASYA_RABBITMQ_TLS: 'true' }),
    ...(username !== undefined && { ASYA_RABBITMQ_USERNAME: username }),
    ...(passwordPath !== undefined && { ASYA_RABBITMQ_PASSWORD_FILE: passwordPath }),
  }
}

function toGatewayEnvironment({ url, tokenPath }: GatewaySetup): Environment<SidecarVariable> {
  return {
    ASYA_GATEWAY_URL: url,
    ...(tokenPath !== undefined && { ASYA_GATEWAY_TOKEN_FILE: tokenPath }),
  }
}

function toRetryEnvironment(retry: PartialRetryPolicy): Environment<SidecarVariable> {
  const { maxAttempts, initialDelayMs, maxDelayMs, backoff, retryCodes, fatalCodes } = retry
  return {
    ...(maxAttempts !== undefined && { ASYA_RETRY_MAX_ATTEMPTS: String(maxAttempts) }),
    ...(initialDelayMs !== undefined && {
      ASYA_RETRY_INITIAL_DELAY: writeDuration(initialDelayMs),
    }),
    ...(maxDelayMs !== undefined && { ASYA_RETRY_MAX_DELAY: writeDuration(maxDelayMs) }),
    ...(backoff !== undefined && { ASYA_RETRY_BACKOFF: String(backoff) }),
    ...(hasCodes(retryCodes) && { ASYA_RETRY_CODES: retryCodes.join(',') }),
    ...(hasCodes(fatalCodes) && { ASYA_RETRY_FATAL_CODES: fatalCodes.join(',') }),
  }
}

/** No variable says that there are none: unset, there are none. */
function hasCodes(codes: readonly string[] | undefined): codes is readonly string[] {
  return codes !== undefined && codes.length > 0
}

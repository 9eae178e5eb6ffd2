import { DEFAULT_NAMING, type BrokerNaming } from '@asya/protocol'
import type { Endpoint } from './endpoint.ts'

export interface RabbitmqOptions {
  readonly endpoint: Endpoint
  readonly naming?: Partial<BrokerNaming>
  /** 16 MiB unless told: what RabbitMQ 4 takes by default. A broker that takes less must be told of. */
  readonly maxBodyBytes?: number
  /** How long anything is waited for that the broker answers; 30 s unless told. */
  readonly answerTimeoutMs?: number
  /** How long the first connection is waited for by whoever consumes; as an answer unless told. */
  readonly patienceMs?: number
  /** How long one attempt to connect may take; 10 s unless told. */
  readonly connectTimeoutMs?: number
  /** Seconds of silence are told apart from a dead peer by this; after two to three of them. */
  readonly heartbeatS?: number
  /** The longest that a delivery may stay unsettled, such as an actor's timeout with all around it. */
  readonly holdMs?: number
  /** The broker's `consumer_timeout`, which it does not tell; its default unless told. */
  readonly consumerTimeoutMs?: number
  /** Told what becomes of the connections; never holds a secret. */
  readonly notify?: (notice: Notice) => void
}

export interface Notice {
  readonly event: 'connected' | 'lost' | 'unreachable' | 'blocked' | 'unblocked' | 'interrupted'
  readonly message: string
}

/** Options with their defaults. */
export interface Settings {
  readonly endpoint: Endpoint
  readonly naming: BrokerNaming
  readonly maxBodyBytes: number
  readonly answerTimeoutMs: number
  readonly patienceMs: number
  readonly connectTimeoutMs: number
  readonly heartbeatS: number
  readonly holdMs: number
  readonly consumerTimeoutMs: number
  readonly notify: (notice: Notice) => void
}

export function toSettings(options: RabbitmqOptions): Settings {
  const { naming, ...given } = options
  return {
    maxBodyBytes: 16 * 1024 * 1024,
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
    patienceMs: given.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    connectTimeoutMs: 10_000,
    heartbeatS: 10,
    holdMs: 0,
    consumerTimeoutMs: 30 * 60_000,
    notify: () => undefined,
    ...given,
    naming: { ...DEFAULT_NAMING, ...naming },
  }
}

const ANSWER_TIMEOUT_MS = 30_000

import { ERROR_END } from './names.ts'
import type { RetryTierMs } from './retry.ts'

/**
 * How queues are declared on RabbitMQ. An actor's queue is declared by its owner alone, and always
 * from here: a broker refuses a second declaration that differs from the first.
 */

/** `classic` is for brokers that have no quorum queues; it bounds no duplicates and no redeliveries. */
export type QueueType = 'quorum' | 'classic'

export interface BrokerNaming {
  /** The topic exchange that everything is published to. */
  readonly exchange: string
  /** Where the broker puts what it gives up on. */
  readonly errorEnd: string
  readonly queueType: QueueType
}

export interface QueueDeclaration {
  readonly name: string
  readonly arguments: Readonly<Record<string, string | number>>
  /** The exchange that feeds it; a `fanout` takes every routing key. */
  readonly source: { readonly exchange: string; readonly type: 'topic' | 'fanout' }
  readonly bindingKey: string
}

export const DEFAULT_NAMING: BrokerNaming = {
  exchange: 'asya',
  errorEnd: ERROR_END,
  queueType: 'quorum',
}

/**
 * Deliveries after which the broker itself gives a message up: the belt, for one that kills sidecars.
 * Far above what our own attempts allow, because brokers before 4.3 count every release too, and a
 * message that only meets an absent runtime must never be given up.
 */
const DELIVERY_LIMIT = 1_000

/** There is nowhere else to go from error-end, and at its limit a broker would drop the message. */
const NO_DELIVERY_LIMIT = 2_000_000_000

/** The queue of an actor, bound by its name. */
export function declareActorQueue(name: string, naming: BrokerNaming): QueueDeclaration {
  const source = { exchange: naming.exchange, type: 'topic' } as const
  return { name, arguments: describeActorQueue(name, naming), source, bindingKey: name }
}

function describeActorQueue(
  name: string,
  { exchange, errorEnd, queueType }: BrokerNaming,
): QueueDeclaration['arguments'] {
  if (queueType === 'classic') return { 'x-queue-type': 'classic' }
  if (name === errorEnd) {
    return { 'x-queue-type': 'quorum', 'x-delivery-limit': NO_DELIVERY_LIMIT }
  }
  return {
    'x-queue-type': 'quorum',
    'x-delivery-limit': DELIVERY_LIMIT,
    'x-dead-letter-exchange': exchange,
    'x-dead-letter-routing-key': errorEnd,
    ...AT_LEAST_ONCE,
  }
}

/**
 * The queue of a retry tier, shared by all actors: it gives each message back to the exchange after
 * the tier's time, under the routing key that it came with. So that the key can be the actor's, it is
 * fed by an exchange of its own.
 */
export function declareRetryQueue(tierMs: RetryTierMs, naming: BrokerNaming): QueueDeclaration {
  const name = `${naming.exchange}.retry.${tierMs}`
  return {
    name,
    arguments: {
      'x-queue-type': naming.queueType,
      'x-message-ttl': tierMs,
      'x-dead-letter-exchange': naming.exchange,
      ...(naming.queueType === 'quorum' ? AT_LEAST_ONCE : {}),
    },
    source: { exchange: name, type: 'fanout' },
    bindingKey: '',
  }
}

/** A dead letter is kept until its next queue has confirmed it; the broker wants both together. */
const AT_LEAST_ONCE = {
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
} as const

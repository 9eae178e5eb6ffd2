import { declareActorQueue, DEFAULT_NAMING } from '@asya/protocol'
import type { Json } from '../../model/model.ts'
import type { BrokerSettings } from '../../model/settings.ts'
import type { Channel, Reference, Server } from './document.ts'

/** The broker as documents show it: where it is, never how to get in. */

const SERVER = 'rabbitmq'
const DEFAULT_PORT = 5672
const DEFAULT_TLS_PORT = 5671
const DEFAULT_VHOST = '/'

export const serverReferences: readonly Reference[] = [{ $ref: `#/servers/${SERVER}` }]

export function describeServers(broker: BrokerSettings = {}): Readonly<Record<string, Server>> {
  const { host, port, vhost = DEFAULT_VHOST, tls = false } = broker
  const server: Server = {
    host: `${host ?? '{host}'}:${port ?? (tls ? DEFAULT_TLS_PORT : DEFAULT_PORT)}`,
    pathname: vhost === DEFAULT_VHOST ? '/' : `/${encodeURIComponent(vhost)}`,
    protocol: tls ? 'amqps' : 'amqp',
    protocolVersion: '0-9-1',
    description: 'One topic exchange; a durable queue for each actor, bound by its name.',
    ...(host === undefined && { variables: { host: UNKNOWN_HOST } }),
  }
  return { [SERVER]: server }
}

const UNKNOWN_HOST = {
  default: 'localhost',
  description: '`broker.host` in asya.config.ts says it.',
}

/** The queue of an actor. Only the actor's own sidecar declares it: others may publish to it. */
export function bindQueue(name: string, broker: BrokerSettings = {}): Channel['bindings'] {
  const naming = { ...DEFAULT_NAMING, ...(broker.exchange && { exchange: broker.exchange }) }
  const declaration = declareActorQueue(name, naming)
  const vhost = broker.vhost ?? DEFAULT_VHOST
  return {
    amqp: {
      is: 'queue',
      queue: { name, durable: true, exclusive: false, autoDelete: false, vhost },
      bindingVersion: '0.3.0',
      'x-exchange': { name: declaration.source.exchange, type: 'topic', durable: true },
      'x-routing-key': declaration.bindingKey,
      'x-arguments': declaration.arguments as Json,
    },
  }
}

/** The exchange, under a routing key that is known only when a message is sent. */
export function bindExchange(broker: BrokerSettings = {}): Channel['bindings'] {
  const name = broker.exchange ?? DEFAULT_NAMING.exchange
  const vhost = broker.vhost ?? DEFAULT_VHOST
  const exchange = { name, type: 'topic', durable: true, autoDelete: false, vhost } as const
  return { amqp: { is: 'routingKey', exchange, bindingVersion: '0.3.0' } }
}

import type { Json, JsonSchema } from '../../model/model.ts'

/**
 * The parts of AsyncAPI 3 that our documents have. Members named `x-…` are ours; what they mean is
 * said where they are made.
 */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0' | '3.1.0'
  readonly id: string
  readonly info: Info
  readonly defaultContentType: 'application/json'
  readonly servers: Readonly<Record<string, Server>>
  readonly channels: Readonly<Record<string, Channel>>
  readonly operations: Readonly<Record<string, Operation>>
  readonly components: Components
}

export interface Reference {
  readonly $ref: string
}

/** A name such as `actor:read-page`, by which registries sort. */
interface Tag {
  readonly name: string
}

type Extensions = Readonly<Record<`x-${string}`, Json | undefined>>

export interface Info extends Extensions {
  readonly title: string
  readonly version: string
  readonly description?: string
  readonly tags: readonly Tag[]
}

export interface Server {
  readonly host: string
  readonly pathname: string
  readonly protocol: 'amqp' | 'amqps'
  readonly protocolVersion: '0-9-1'
  readonly description: string
  readonly variables?: Readonly<Record<string, { readonly default: string; description: string }>>
}

export interface Channel extends Extensions {
  /** A queue; null: known only when it runs, for the message's route names it. */
  readonly address: string | null
  readonly title: string
  readonly description?: string
  readonly servers: readonly Reference[]
  readonly messages: Readonly<Record<string, Reference>>
  readonly bindings: { readonly amqp: AmqpChannelBinding }
}

/** Binding 0.3.0 allows a queue or an exchange, not both: what ties them together is in `x-…`. */
type AmqpChannelBinding = Extensions & { readonly bindingVersion: '0.3.0' } & (
    | { readonly is: 'queue'; readonly queue: AmqpQueue }
    | { readonly is: 'routingKey'; readonly exchange: AmqpExchange }
  )

interface AmqpQueue {
  readonly name: string
  readonly durable: true
  readonly exclusive: false
  readonly autoDelete: false
  readonly vhost: string
}

interface AmqpExchange {
  readonly name: string
  readonly type: 'topic'
  readonly durable: true
  readonly autoDelete: false
  readonly vhost: string
}

export interface Operation extends Extensions {
  readonly action: 'receive' | 'send'
  readonly title: string
  readonly description?: string
  readonly channel: Reference
  readonly messages: readonly Reference[]
  readonly traits: readonly Reference[]
  readonly tags: readonly Tag[]
}

export interface Components {
  readonly operationTraits: Readonly<Record<string, Json>>
  readonly messageTraits: Readonly<Record<string, Json>>
  readonly messages: Readonly<Record<string, Message>>
  /** In order of their names. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

export interface Message extends Extensions {
  readonly name: string
  readonly title: string
  readonly summary?: string
  readonly traits: readonly Reference[]
  readonly payload: Reference
  readonly examples?: readonly { readonly name: string; readonly payload: Json }[]
}

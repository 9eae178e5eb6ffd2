import {
  SCHEMA_REF_PREFIX,
  type JsonSchema,
  type Model,
  type PayloadType,
} from '../../model/model.ts'
import type { Components, Message, Operation, Reference } from './document.ts'
import { listExamples } from './make-example.ts'
import { nameSchema, type NameRegister } from './name-inline.ts'
import { listReachable } from './reachable.ts'
import { findFreeName } from './type-name.ts'

/** A message that a document speaks of. */
export interface MessageUse {
  /** `ReadPageInput`; unique in the document. */
  readonly name: string
  readonly title: string
  readonly payload: PayloadType
  /** The route that its examples have. */
  readonly route: { readonly steps: readonly string[]; readonly current: number }
}

/** Everything that the messages and operations of a document need, and nothing else. */
export function makeComponents(
  model: Model,
  uses: readonly MessageUse[],
  operations: Readonly<Record<string, Operation>>,
): Components {
  const naming = new Naming(model)
  const schemas = new Map<string, JsonSchema>()
  const add = (name: string, schema: JsonSchema): Reference => {
    schemas.set(name, nameSchema(schema, name, naming))
    return refer(name)
  }
  const route = add(naming.claim('MessageRoute'), ROUTE)
  const headers = add(naming.claim('MessageHeaders'), HEADERS)
  const messages = uses.map((use): [string, Message] => {
    const payload = naming.namePayload(use)
    const envelope = makeEnvelope({ route, headers, payload })
    const reference = add(naming.claim(`${use.name}Message`), envelope)
    return [use.name, makeMessage(use, reference, model)]
  })
  const payloads = uses.map(({ payload }) => payload.schema)
  for (const name of listReachable(payloads, model.schemas)) add(name, model.schemas[name] ?? {})
  return {
    operationTraits: selectTraits(operations),
    messageTraits: MESSAGE_TRAITS,
    messages: Object.fromEntries(messages),
    schemas: sortByName(schemas),
  }
}

/** The names of one document: those of authors are never changed for ours. */
class Naming implements NameRegister {
  readonly #model: Model
  readonly #given = new Set<string>()

  constructor(model: Model) {
    this.#model = model
  }

  // Of the whole model: that another type comes into a document changes no name in it.
  readonly isTaken = (name: string): boolean =>
    Object.hasOwn(this.#model.schemas, name) || this.#given.has(name)

  readonly take = (name: string): void => {
    this.#given.add(name)
  }

  claim(wanted: string): string {
    const name = findFreeName(wanted, this.isTaken)
    this.take(name)
    return name
  }

  /** A type without a name gets the message's. */
  namePayload({ name, payload }: MessageUse): JsonSchema {
    const { schema } = payload
    if (schema.$ref !== undefined) return schema
    return nameSchema(schema, this.claim(`${name}Payload`), this)
  }
}

const refer = (name: string): Reference => ({ $ref: `${SCHEMA_REF_PREFIX}${name}` })

function sortByName(schemas: ReadonlyMap<string, JsonSchema>): Components['schemas'] {
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function makeMessage(use: MessageUse, payload: Reference, model: Model): Message {
  const { name, title, route } = use
  const examples = listExamples(use.payload.schema, model.schemas).map((example, index, all) => ({
    name: all.length === 1 ? 'example' : `example-${index + 1}`,
    payload: { route, payload: example },
  }))
  return {
    name,
    title,
    traits: [{ $ref: '#/components/messageTraits/envelope' }],
    payload,
    ...(examples.length > 0 && { examples }),
  }
}

/**
 * What a program outside of Asya needs of `asyncapi/schemas/message.schema.json`: what it may write,
 * and the ids by which it follows a message. What sidecars write for each other (attempt, branch,
 * error) stands there alone; as every unknown member it travels along.
 */
function makeEnvelope(parts: Readonly<Record<'route' | 'headers' | 'payload', JsonSchema>>) {
  const { route, headers, payload } = parts
  const id = { type: 'string', minLength: 1, maxLength: 255 } as const
  return {
    description: 'What travels through the queue, as UTF-8 JSON. Unknown members are kept.',
    type: 'object',
    required: ['route', 'payload'],
    properties: {
      id: {
        ...id,
        description: 'Names the message; the first sidecar makes one when there is none.',
      },
      job_id: {
        ...id,
        description: 'The job that the message belongs to, if somebody follows it.',
      },
      parent_id: { ...id, description: 'Id of the message that fanned out into this one.' },
      route,
      headers,
      payload,
    },
  } as const satisfies JsonSchema
}

/** As in `asyncapi/schemas/route.schema.json`. */
const ROUTE: JsonSchema = {
  description: 'Where the message goes. It travels in the message: nobody orchestrates.',
  type: 'object',
  required: ['steps', 'current'],
  properties: {
    steps: {
      description: 'The queues that the message visits, in order.',
      type: 'array',
      maxItems: 10_000,
      items: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$' },
    },
    current: {
      description:
        'Index of the step that holds the message; the number of steps when all are done.',
      type: 'integer',
      minimum: 0,
      maximum: 999_999_999,
    },
  },
}

const HEADERS: JsonSchema = {
  description: 'Context that travels along, such as `traceparent`.',
  type: 'object',
}

const AMQP_BINDING = '0.3.0'

const OPERATION_TRAITS = {
  consume: { bindings: { amqp: { ack: true, bindingVersion: AMQP_BINDING } } },
  publish: { bindings: { amqp: { deliveryMode: 2, bindingVersion: AMQP_BINDING } } },
} as const

function selectTraits(operations: Readonly<Record<string, Operation>>) {
  const used = new Set(
    Object.values(operations).flatMap(({ traits }) => traits.map(({ $ref }) => $ref)),
  )
  const traits = Object.entries(OPERATION_TRAITS)
  return Object.fromEntries(
    traits.filter(([name]) => used.has(`#/components/operationTraits/${name}`)),
  )
}

const MESSAGE_TRAITS = {
  envelope: {
    contentType: 'application/json',
    correlationId: {
      description: 'The job that the message belongs to, if any.',
      location: '$message.payload#/job_id',
    },
    bindings: { amqp: { contentEncoding: 'utf-8', bindingVersion: AMQP_BINDING } },
  },
} as const

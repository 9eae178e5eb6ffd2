import {
  follow,
  isNodeObject,
  parsePointer,
  type AsyncApiDocument,
  type Node,
  type NodeObject,
  type Pointer,
} from './asyncapi-document.ts'

/** What a message carries for the handler, or why it cannot be known. */
export type MessagePayload =
  | { readonly ok: true; readonly schema: Node; readonly messageName: string }
  | { readonly ok: false; readonly reason: string }

/**
 * Takes the payload out of our envelope, `{ route, payload }`. A message without one is somebody
 * else's: what our actors send would not be understood there.
 */
export function readPayload(document: AsyncApiDocument, pointer: Pointer): MessagePayload {
  const message = follow(document, pointer)
  const messageName = nameMessage(message.value, message.pointer)
  const at = document.locate([...message.pointer, 'payload'])
  const fail = (reason: string): MessagePayload => ({
    ok: false,
    reason: `${at}: the message ${messageName} ${reason}`,
  })
  if (message.value['payload'] === undefined)
    return fail('has no payload, so nothing is known of it')
  const { value, pointer: place } = follow(document, [...message.pointer, 'payload'])
  const { schemaFormat, schema } = value
  if (
    typeof schemaFormat === 'string' &&
    !/schema\+json|schema\+yaml|vnd\.aai\.asyncapi/.test(schemaFormat)
  )
    return fail(`is described as ${schemaFormat}: only JSON Schema can be read`)
  const isWrapped = typeof schemaFormat === 'string' && isNodeObject(schema)
  const envelope = isWrapped ? follow(document, [...place, 'schema']).value : value
  const { properties } = envelope
  if (
    !isNodeObject(properties) ||
    !('payload' in properties) ||
    !isRoute(document, properties['route'])
  )
    return fail(
      "is not in Asya's envelope, { route: { steps, current }, payload }: the program that reads it " +
        'is no actor, so no pipeline can route to it. Put an actor before it that translates',
    )
  return { ok: true, schema: properties['payload'] ?? true, messageName }
}

function isRoute(document: AsyncApiDocument, route: Node | undefined): boolean {
  if (!isNodeObject(route)) return false
  const { $ref } = route
  const target = typeof $ref === 'string' ? follow(document, parsePointer($ref)).value : route
  const { properties } = target
  return isNodeObject(properties) && 'steps' in properties && 'current' in properties
}

function nameMessage(message: NodeObject, pointer: Pointer): string {
  const { name } = message
  return typeof name === 'string' ? name : String(pointer.at(-1))
}

import { findExampleMistakes } from './find-example-mistakes.ts'
import { isObject, listObjects, type Found } from './walk-document.ts'

/**
 * What is wrong with an AsyncAPI 3 document of ours, and would not be noticed by `@asyncapi/parser`:
 * it accepts each of these. (What it refuses, it says itself.) Also our own rules for documents that
 * consumers can read: `is` in every binding, names for all schemas, no unused parts.
 *
 * @param document as YAML or JSON gives it, references and all
 * @returns a line for each mistake, with its place; empty when there is none
 */
export function findMistakes(document: object): readonly string[] {
  const objects = listObjects(document)
  const byPath = new Map(objects.map((found) => [found.path, found]))
  const mistakes = [
    ...RULES.flatMap((rule) => objects.flatMap((found) => rule(found, byPath))),
    ...findUnused(document, objects),
    ...findRepeatedAddresses(document),
  ]
  // Nothing can be judged by schemas whose references lead nowhere.
  return mistakes.length > 0 ? mistakes : findExampleMistakes(document, objects)
}

/** What is wrong with one object of a document. */
type Rule = (found: Found, all: ReadonlyMap<string, Found>) => readonly string[]

const KEY = /^[A-Za-z0-9._-]+$/
const EXTENSION = /^x-[\w.-]+$/
const KEYED = /^#\/(channels|operations|servers|components\/[A-Za-z]+)$/

const checkKeys: Rule = ({ path, value }) => {
  const keys = Object.keys(value)
  const wrong = KEYED.test(path) ? keys.filter((key) => !KEY.test(key)) : []
  const isSchema = path.includes('/components/schemas/')
  const extensions = isSchema
    ? []
    : keys.filter((key) => key.startsWith('x-') && !EXTENSION.test(key))
  return [...wrong, ...extensions].map(
    (key) => `${path}: the key ${JSON.stringify(key)} has other characters than A-Z a-z 0-9 . _ -`,
  )
}

/** AMQP: a routing key and a queue's name have at most 255 bytes. */
const MAX_ADDRESS_BYTES = 255

const checkChannel: Rule = ({ path, value }) => {
  if (!/^#\/channels\/[^/]+$/.test(path)) return []
  const { address, parameters } = value
  if (typeof address !== 'string') return []
  const inAddress = [...address.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name).sort()
  const declared = Object.keys(isObject(parameters) ? parameters : {}).sort()
  const mistakes: string[] = []
  if (Buffer.byteLength(address) > MAX_ADDRESS_BYTES)
    mistakes.push(`${path}: the address has more than ${MAX_ADDRESS_BYTES} bytes`)
  if (inAddress.join() !== declared.join())
    mistakes.push(
      `${path}: the address has the parameters [${inAddress.join(', ')}], declared are [${declared.join(', ')}]`,
    )
  return mistakes
}

const checkBinding: Rule = ({ path, value }) =>
  /^#\/channels\/[^/]+\/bindings\/amqp$/.test(path) && value['is'] === undefined
    ? [`${path}: \`is\` is missing; readers take routingKey, whatever else stands there`]
    : []

const checkOperation: Rule = ({ path, value }, all) => {
  if (!/^#\/operations\/[^/]+$/.test(path)) return []
  return [
    ...findForeignMessages(path, value),
    ...(isObject(value['reply']) ? checkReply(`${path}/reply`, value['reply'], all) : []),
  ]
}

/** The messages of an operation or a reply are those of its channel. */
function findForeignMessages(path: string, value: Found['value']): string[] {
  const channel = referenceOf(value['channel'])
  const messages = Array.isArray(value['messages']) ? value['messages'].map(referenceOf) : []
  if (channel === undefined) return []
  return messages
    .filter((message) => !message?.startsWith(`${channel}/messages/`))
    .map((message) => `${path}: the message ${message} is none of ${channel}`)
}

const LOCATION = /^\$message\.(header|payload)#(\/.*)?$/

function checkReply(
  path: string,
  reply: Found['value'],
  all: ReadonlyMap<string, Found>,
): string[] {
  const mistakes = findForeignMessages(path, reply)
  const { address } = reply
  if (!isObject(address)) return mistakes
  const { location } = address
  if (typeof location !== 'string' || !LOCATION.test(location))
    mistakes.push(`${path}: the location ${String(location)} is none; $message.payload#/… is one`)
  const channel = all.get(referenceOf(reply['channel']) ?? '')
  if (typeof channel?.value['address'] === 'string')
    mistakes.push(`${path}: it names where to answer, so the address of its channel must be null`)
  return mistakes
}

const checkReference: Rule = ({ path, value }, all) => {
  const reference = referenceOf(value)
  if (!reference?.startsWith('#')) return []
  return all.has(reference) ? [] : [`${path}: there is no ${reference}`]
}

/** Of 2019-09 and 2020-12, and of OpenAPI: a reader of draft-07 overlooks them. */
const FOREIGN_KEYWORDS = [
  'prefixItems',
  'unevaluatedProperties',
  'unevaluatedItems',
  'dependentRequired',
  'dependentSchemas',
  'minContains',
  'maxContains',
  '$defs',
  '$dynamicRef',
  '$anchor',
  'nullable',
] as const

const checkSchema: Rule = ({ path, value, isSchema }) => {
  if (!isSchema) return []
  const foreign = FOREIGN_KEYWORDS.filter((keyword) => Object.hasOwn(value, keyword))
  const mistakes = foreign.map((keyword) => `${path}: ${keyword} means nothing in draft-07`)
  if (/^#\/components\/schemas\/[^/]+$/.test(path) && (!value['$id'] || !value['title']))
    mistakes.push(`${path}: without $id and title its readers make up a name`)
  return mistakes
}

const checkPayload: Rule = ({ path, value }) =>
  value['schemaFormat'] !== undefined
    ? [`${path}: with schemaFormat readers lose half of the schema; leave it out for draft-07`]
    : []

const RULES: readonly Rule[] = [
  checkKeys,
  checkChannel,
  checkBinding,
  checkOperation,
  checkReference,
  checkSchema,
  checkPayload,
]

function findUnused(document: object, objects: readonly Found[]): readonly string[] {
  const used = new Set(objects.map(({ value }) => referenceOf(value)))
  const components = 'components' in document && isObject(document.components)
  const listed = components ? Object.entries(document.components as object) : []
  return listed.flatMap(([kind, parts]) =>
    Object.keys(isObject(parts) ? parts : {})
      .map((name) => `#/components/${kind}/${name}`)
      .filter((path) => !used.has(path))
      .map((path) => `${path}: nothing refers to it`),
  )
}

function findRepeatedAddresses(document: object): readonly string[] {
  const channels = 'channels' in document && isObject(document.channels) ? document.channels : {}
  const seen = new Map<unknown, string>()
  const mistakes: string[] = []
  for (const [name, channel] of Object.entries(channels)) {
    const address = isObject(channel) ? channel['address'] : undefined
    const other = seen.get(address)
    if (typeof address !== 'string') continue
    if (other !== undefined)
      mistakes.push(`#/channels/${name}: it has the address of the channel ${other}, ${address}`)
    seen.set(address, name)
  }
  return mistakes
}

function referenceOf(value: unknown): string | undefined {
  return isObject(value) && typeof value['$ref'] === 'string' ? value['$ref'] : undefined
}

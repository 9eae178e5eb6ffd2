import { parse, YAMLError } from 'yaml'
import { isRecord, readPointerPart, SchemaSource, type AllOf } from './schema-source.ts'

/** What an AsyncAPI document says to those who send to an application and receive from it. */
export interface Contract {
  /** `application`: of somebody else. */
  readonly kind: 'actor' | 'pipeline' | 'application'
  readonly name: string
  readonly source: SchemaSource
  /** In order of their keys. */
  readonly operations: readonly Operation[]
  /** Of a pipeline: names of its actors, in order. */
  readonly steps?: readonly string[] | undefined
  /** How many results follow from one message; undefined: it is not said. */
  readonly cardinality?: string | undefined
}

export interface Operation {
  readonly action: 'receive' | 'send'
  readonly channel: string
  /** Null: known only when it runs. */
  readonly address: string | null
  readonly messages: ReadonlyMap<string, Message>
}

export interface Message {
  readonly contentType: string | undefined
  readonly payload: Content
  readonly headers: Content
}

/** `other`: in another language than JSON Schema (Avro, Protobuf), of which only changes are seen. */
export type Content =
  | { readonly type: 'json-schema'; readonly all: AllOf }
  | { readonly type: 'other'; readonly format: string; readonly text: string }

export type ContractReading =
  | { readonly ok: true; readonly contract: Contract }
  /** Goes on after the name of the document. */
  | { readonly ok: false; readonly reason: string }

/** Reads an AsyncAPI 3 document, YAML or JSON: one of ours, or of somebody else. */
export function readContractText(text: string): ContractReading {
  try {
    return readContract(parse(text))
  } catch (error) {
    if (!(error instanceof YAMLError)) throw error
    return {
      ok: false,
      reason: `is neither YAML nor JSON: ${(error.message.split('\n', 1)[0] ?? '').replace(/:$/, '')}`,
    }
  }
}

/** Reads a parsed AsyncAPI 3 document. */
export function readContract(document: unknown): ContractReading {
  const refusal = findRefusal(document)
  if (refusal !== undefined || !isRecord(document))
    return { ok: false, reason: refusal ?? 'is no object' }
  const source = new SchemaSource(document)
  const lost = findLostReference(document, source)
  if (lost !== undefined) return { ok: false, reason: lost }
  const reader = new ContractReader(document, source)
  const contract = reader.read()
  const mistake = findMistake(contract)
  return mistake === undefined ? { ok: true, contract } : { ok: false, reason: mistake }
}

function findRefusal(document: unknown): string | undefined {
  if (!isRecord(document)) return 'is no AsyncAPI document: it holds no object'
  const { asyncapi } = document
  if (asyncapi === undefined) return 'is no AsyncAPI document: it has no member "asyncapi"'
  if (typeof asyncapi === 'string' && asyncapi.startsWith('3.')) return undefined
  return `is AsyncAPI ${JSON.stringify(asyncapi)}, and only 3.x is compared: convert it first`
}

function findLostReference(part: unknown, source: SchemaSource): string | undefined {
  if (Array.isArray(part)) {
    return part.map((one) => findLostReference(one, source)).find((one) => one !== undefined)
  }
  if (!isRecord(part)) return undefined
  const { $ref } = part
  if (typeof $ref === 'string' && leadsBack(part, source, []))
    return `has a reference that leads back to itself: ${$ref}`
  if (typeof $ref === 'string' && source.resolve($ref) === undefined)
    return $ref.startsWith('#')
      ? `refers to ${$ref}, which is not in it`
      : `refers to another file, ${$ref}: bundle it into one document first`
  return findLostReference(Object.values(part), source)
}

/** Through references and alternatives alone, without a member or an item between. */
function leadsBack(part: unknown, source: SchemaSource, above: readonly unknown[]): boolean {
  if (!isRecord(part)) return false
  if (above.includes(part)) return true
  const { $ref, not } = part
  const target = typeof $ref === 'string' ? source.resolve($ref) : undefined
  const options = [part['allOf'], part['anyOf'], part['oneOf']].flat()
  return [target, not, ...options].some((next) => leadsBack(next, source, [...above, part]))
}

/** A schema that cannot be used, such as one with a pattern that is none. */
function findMistake({ operations, source }: Contract): string | undefined {
  for (const { messages } of operations)
    for (const [name, { payload, headers }] of messages)
      for (const content of [payload, headers]) {
        if (content.type !== 'json-schema') continue
        const mistake = source.findMistake(content.all)
        if (mistake !== undefined)
          return `has a schema that cannot be used, of message ${name}: ${mistake}`
      }
  return undefined
}

class ContractReader {
  readonly #document: Readonly<Record<string, unknown>>
  readonly #source: SchemaSource

  constructor(document: Readonly<Record<string, unknown>>, source: SchemaSource) {
    this.#document = document
    this.#source = source
  }

  read(): Contract {
    const info = toRecord(this.#document['info'])
    const title = typeof info['title'] === 'string' ? info['title'] : 'untitled'
    const [actor, pipeline] = [info['x-actor'], info['x-pipeline']]
    const base = { name: title, source: this.#source, operations: this.#readOperations() }
    if (isRecord(actor))
      return { ...base, kind: 'actor', cardinality: toText(actor['cardinality']) }
    if (!isRecord(pipeline)) return { ...base, kind: 'application' }
    const steps = Array.isArray(pipeline['steps']) ? pipeline['steps'].map(String) : []
    return { ...base, kind: 'pipeline', steps, cardinality: toText(pipeline['results']) }
  }

  #readOperations(): Operation[] {
    const written = Object.entries(toRecord(this.#document['operations']))
    return written
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, value]) => this.#readOperation(this.#follow(value)))
  }

  #readOperation(operation: Readonly<Record<string, unknown>>): Operation {
    const channel = this.#follow(operation['channel'])
    const all = toRecord(channel['messages'])
    const named = operation['messages']
    const keys = Array.isArray(named) ? named.map(toLastPart) : Object.keys(all)
    const { address } = channel
    return {
      action: operation['action'] === 'send' ? 'send' : 'receive',
      channel: toLastPart(operation['channel']),
      address: typeof address === 'string' ? address : null,
      messages: new Map(keys.map((key) => [key, this.#readMessage(this.#follow(all[key]))])),
    }
  }

  #readMessage(message: Readonly<Record<string, unknown>>): Message {
    const traits = Array.isArray(message['traits']) ? message['traits'] : []
    const whole = Object.assign({}, ...traits.map((one) => this.#follow(one)), message) as Record<
      string,
      unknown
    >
    return {
      contentType: toText(whole['contentType']) ?? toText(this.#document['defaultContentType']),
      payload: readContent(whole['payload']),
      headers: readContent(whole['headers']),
    }
  }

  #follow(value: unknown): Readonly<Record<string, unknown>> {
    let at = value
    for (let hops = 0; hops < MAX_HOPS && isRecord(at) && typeof at['$ref'] === 'string'; hops++)
      at = this.#source.resolve(at['$ref'])
    return toRecord(at)
  }
}

const MAX_HOPS = 20

/** What AsyncAPI takes for its own schemas, a superset of draft-07. */
const JSON_SCHEMA_FORMAT = /^application\/(vnd\.aai\.asyncapi|schema)\b/

function readContent(value: unknown): Content {
  if (!isRecord(value))
    return { type: 'json-schema', all: typeof value === 'boolean' ? [value] : [] }
  const { schemaFormat: format, schema } = value
  if (typeof format !== 'string') return { type: 'json-schema', all: [value] }
  if (JSON_SCHEMA_FORMAT.test(format)) return readContent(schema)
  return { type: 'other', format, text: JSON.stringify(schema) }
}

/** The key at the end of a reference: `#/channels/a/messages/Page` → `Page`. */
function toLastPart(reference: unknown): string {
  const text = isRecord(reference) ? toText(reference['$ref']) : undefined
  return readPointerPart(text?.split('/').at(-1) ?? '')
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

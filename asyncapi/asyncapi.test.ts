import { fileURLToPath } from 'node:url'
import { ERROR_END, HAPPY_END, RETRY_TIERS_MS } from '@asya/protocol'
import { fromFile, Parser } from '@asyncapi/parser'
import { Ajv } from 'ajv'
import { beforeAll, describe, expect, it } from 'vitest'
import { schemas } from './corpus.ts'

/**
 * The document of the system's channels: valid by the parser, and by what the parser does not look
 * at (examples against payloads, parameters, patterns of keys, components that nobody uses).
 */

const path = fileURLToPath(new URL('asyncapi.yaml', import.meta.url))

interface Channel {
  readonly address: string
  readonly parameters?: Record<string, { readonly enum?: readonly string[] }>
  readonly messages: Record<string, unknown>
}

interface Operation {
  readonly channel: Reference
  readonly messages: readonly Reference[]
}

interface Reference {
  readonly $ref: string
}

interface Message {
  readonly payload: Reference
  readonly examples: readonly { readonly name: string; readonly payload: unknown }[]
}

/** The document as it is written, references and all. */
interface Document {
  readonly channels: Record<string, Channel>
  readonly operations: Record<string, Operation>
  readonly components: Record<string, Record<string, unknown>> & {
    readonly messages: Record<string, Message>
  }
}

let document: Document
let diagnostics: readonly { readonly code: string | number; readonly message: string }[]

beforeAll(async () => {
  const parsed = await fromFile(new Parser(), path).parse()
  diagnostics = parsed.diagnostics
  document = (parsed.extras as unknown as { document: { data: Document } }).document.data
})

/** Every reference in the document. */
function listReferences(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(listReferences)]
}

/** Every key of every object in the document. */
function listKeys(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = Array.isArray(value) ? [] : Object.keys(value)
  return [...own, ...Object.values(value).flatMap(listKeys)]
}

describe('The AsyncAPI document', () => {
  it('is valid by the parser, without a warning', () => {
    const found = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')
    expect(found).toEqual([])
    expect(Object.keys(document.channels)).not.toEqual([])
  })

  it('has examples that are valid by the payload of their message', () => {
    const strictness = { strict: true, strictRequired: false, allowUnionTypes: true }
    const ajv = new Ajv({ ...strictness, schemas: [...schemas.values()] })
    for (const [name, message] of Object.entries(document.components.messages)) {
      const validate = ajv.getSchema(
        message.payload.$ref.replace('./schemas/', 'https://asya.io/schemas/v1/'),
      )
      expect(message.examples, name).not.toEqual([])
      for (const example of message.examples) {
        const isValid = validate?.(example.payload)
        expect(isValid, `${name}, ${example.name}: ${ajv.errorsText(validate?.errors)}`).toBe(true)
      }
    }
  })

  it('declares exactly the parameters that the addresses have', () => {
    for (const [name, channel] of Object.entries(document.channels)) {
      const inAddress = [...channel.address.matchAll(/\{([^}]+)\}/g)].map(
        ([, parameter]) => parameter,
      )
      expect(Object.keys(channel.parameters ?? {}), name).toEqual(inAddress)
    }
  })

  it('has no address twice, and none too long for a routing key', () => {
    const addresses = Object.values(document.channels).map((channel) => channel.address)
    expect(new Set(addresses).size).toBe(addresses.length)
    expect(addresses.filter((address) => address.length > 255)).toEqual([])
  })

  it('has keys of the patterns that the specification names', () => {
    const { channels, operations, components } = document
    const named = [channels, operations, ...Object.values(components)].flatMap(Object.keys)
    expect(named.filter((key) => !/^[a-zA-Z0-9.\-_]+$/.test(key))).toEqual([])
    const extensions = listKeys(document).filter((key) => key.startsWith('x-'))
    expect(extensions.filter((key) => !/^x-[\w.-]+$/.test(key))).toEqual([])
  })

  it('uses every component, and refers to nothing that is missing', () => {
    const references = new Set(listReferences(document))
    for (const [kind, components] of Object.entries(document.components)) {
      for (const name of Object.keys(components))
        expect(references).toContain(`#/components/${kind}/${name}`)
    }
    const files = [...references].filter((reference) => !reference.startsWith('#'))
    for (const file of files)
      expect([...schemas.keys()].map((name) => `./schemas/${name}.schema.json`)).toContain(file)
  })

  it('has operations whose messages are messages of their channel', () => {
    for (const [name, operation] of Object.entries(document.operations)) {
      const channel = operation.channel.$ref
      const listed = Object.keys(
        document.channels[channel.replace('#/channels/', '')]?.messages ?? {},
      )
      const expected = listed.map((message) => `${channel}/messages/${message}`)
      for (const { $ref } of operation.messages) expect(expected, name).toContain($ref)
    }
  })

  it('uses every channel', () => {
    const used = new Set(Object.values(document.operations).map(({ channel }) => channel.$ref))
    expect([...used].sort()).toEqual(
      Object.keys(document.channels)
        .map((name) => `#/channels/${name}`)
        .sort(),
    )
  })

  it('names the end actors and the delayed queues as the code does', () => {
    const { channels } = document
    expect(channels[HAPPY_END]?.address).toBe(HAPPY_END)
    expect(channels[ERROR_END]?.address).toBe(ERROR_END)
    const tiers = channels['retry']?.parameters?.['ttlMs']?.enum
    expect(tiers).toEqual(RETRY_TIERS_MS.map(String))
  })
})

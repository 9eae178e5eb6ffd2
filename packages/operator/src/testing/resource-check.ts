import { Environment } from '@marcbachmann/cel-js'
import { Ajv, type ErrorObject } from 'ajv'

/**
 * What an API server says of a resource by its CRD, without one: the schema by ajv, the rules by an
 * evaluator of CEL, and unknown fields as with `fieldValidation=Strict`. It does not know what rules
 * may cost. A real API server is held against the same table.
 */
export class ResourceCheck {
  readonly #schema: Schema
  readonly #validate

  constructor(schema: Schema) {
    this.#schema = schema
    const ajv = new Ajv({
      allErrors: true,
      useDefaults: true,
      verbose: true,
      strict: false,
      validateFormats: false,
    })
    this.#validate = ajv.compile(withNumberOrText(schema))
  }

  /** Every reason to refuse it; a change is one from `old`. Fills in defaults. */
  find(resource: object, old?: object): readonly string[] {
    if (!this.#validate(resource)) return (this.#validate.errors ?? []).map(describeError)
    if (old !== undefined) this.#validate(old)
    return findBroken(this.#schema, { value: resource, old, path: '' })
  }
}

/** As much of a CRD's schema as is looked at here. */
export interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-list-type'?: 'map' | 'set'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-validations'?: readonly Rule[]
}

interface Rule {
  readonly rule: string
  readonly message: string
  readonly messageExpression?: string
}

/** For ajv, which does not know this word of Kubernetes. */
function withNumberOrText(schema: Schema): object {
  const text = JSON.stringify(schema)
  return JSON.parse(
    text.replaceAll('"x-kubernetes-int-or-string":true', '"type":["integer","string"]'),
  ) as object
}

/** In the words of the API server. */
function describeError({ instancePath, keyword, params, data, message }: ErrorObject): string {
  const path = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.')
  const { missingProperty, comparison, limit, type } = params as Readonly<Record<string, unknown>>
  switch (keyword) {
    case 'required':
      return `${path}.${String(missingProperty)}: Required value`
    case 'enum':
      return `${path}: Unsupported value: ${JSON.stringify(data)}`
    case 'pattern':
      return `${path} in body should match`
    case 'type':
      return `${path} in body must be of type ${String(type)}: ${JSON.stringify(typeof data)}`
    case 'minimum':
    case 'maximum': {
      const word = comparison === '>=' ? 'greater' : 'less'
      return `${path} in body should be ${word} than or equal to ${String(limit)}`
    }
    default:
      return `${path}: ${message ?? keyword}`
  }
}

interface At {
  readonly value: unknown
  readonly old: unknown
  readonly path: string
}

/** The rules and lists that do not hold, here and below. */
function findBroken(schema: Schema, at: At): readonly string[] {
  const { value, old, path } = at
  if (value === undefined) return []
  const broken = (schema['x-kubernetes-validations'] ?? [])
    .filter(({ rule }) => old !== undefined || !rule.includes('oldSelf'))
    .filter(({ rule }) => evaluate(rule, at) !== true)
    .map((rule) => `${path}: ${String(explain(rule, at))}`)
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    const below = items.flatMap((item, index) =>
      findBroken(schema.items ?? {}, { value: item, old: undefined, path: `${path}[${index}]` }),
    )
    return [...broken, ...findDoubles(schema, items, path), ...below]
  }
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    findBroken(member, {
      value: readMember(value, name),
      old: readMember(old, name),
      path: join(path, name),
    }),
  )
  return [...broken, ...findUnknown(schema, value, path), ...below]
}

function findUnknown(schema: Schema, value: unknown, path: string): readonly string[] {
  const { properties } = schema
  if (properties === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true) return []
  return Object.keys(Object(value) as object)
    .filter((name) => !Object.hasOwn(properties, name))
    .map((name) => `unknown field "${join(path, name)}"`)
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function readMember(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? new Map(Object.entries(value)).get(name)
    : undefined
}

function findDoubles(schema: Schema, items: readonly unknown[], path: string): readonly string[] {
  if (schema['x-kubernetes-list-type'] === undefined) return []
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const key = JSON.stringify(keys.length > 0 ? keys.map((name) => readMember(item, name)) : item)
    if (seen.has(key)) return [`${path}[${index}]: Duplicate value`]
    seen.add(key)
    return []
  })
}

const cel = new Environment({ unlistedVariablesAreDyn: true })

const parsed = new Map<string, ReturnType<typeof cel.parse>>()

function evaluate(expression: string, { value, old }: At): unknown {
  const program = parsed.get(expression) ?? cel.parse(expression)
  parsed.set(expression, program)
  return program({ self: toCel(value), oldSelf: toCel(old) })
}

function explain({ message, messageExpression }: Rule, at: At): unknown {
  return messageExpression === undefined ? message : evaluate(messageExpression, at)
}

/** Whole numbers are `int` to the API server, by the schema; to JSON they are doubles. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (Array.isArray(value)) return value.map(toCel)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toCel(each)]))
}

/**
 * What a form needs to know of a JSON Schema. What it does not understand becomes a field for JSON: a
 * form offers everything that the schema allows, for the gateway checks it all the same.
 */
export type Shape = {
  readonly title: string | undefined
  readonly description: string | undefined
  readonly initial: unknown
} & (
  | {
      readonly kind: 'text'
      /** Of the schema, such as `date-time`. */
      readonly format: string | undefined
      readonly minLength: number
      readonly maxLength: number | undefined
      readonly pattern: string | undefined
    }
  | {
      readonly kind: 'number'
      readonly isInteger: boolean
      readonly min: number | undefined
      readonly max: number | undefined
    }
  | { readonly kind: 'boolean' }
  /** One of these values. */
  | { readonly kind: 'choice'; readonly values: readonly unknown[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] }
  | {
      readonly kind: 'array'
      readonly item: () => Shape
      readonly minItems: number
      readonly maxItems: number | undefined
    }
  /** One of several forms. */
  | { readonly kind: 'variant'; readonly options: readonly Option[] }
  | { readonly kind: 'json' }
)

interface Member {
  readonly name: string
  readonly isRequired: boolean
  /** Read when it is needed: a schema may refer to itself. */
  readonly shape: () => Shape
}

interface Option {
  readonly label: string
  readonly shape: () => Shape
}

type Schema = Readonly<Record<string, unknown>>

/** @param root where references lead to: the whole schema */
export function readShape(schema: unknown, root: unknown = schema): Shape {
  const resolved = resolve(schema, root)
  const about = {
    title: textOf(resolved['title']),
    description: textOf(resolved['description']),
    initial: resolved['default'],
  }
  return { ...about, ...readKind(resolved, root) } as Shape
}

type Kind = { readonly kind: Shape['kind'] } & Readonly<Record<string, unknown>>

function readKind(schema: Schema, root: unknown): Kind {
  if ('const' in schema) return { kind: 'choice', values: [schema['const']] }
  if (Array.isArray(schema['enum'])) return { kind: 'choice', values: schema['enum'] }
  const options = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(options) && options.length > 0 && !('properties' in schema))
    return readVariants(options, root)
  const type = typeOf(schema)
  if (Array.isArray(type)) {
    return readVariants(
      type.map((one: unknown) => ({ ...schema, type: one })),
      root,
    )
  }
  switch (type) {
    case 'string':
      return {
        kind: 'text',
        format: textOf(schema['format']),
        minLength: numberOf(schema['minLength']) ?? 0,
        maxLength: numberOf(schema['maxLength']),
        pattern: textOf(schema['pattern']),
      }
    case 'integer':
    case 'number':
      return {
        kind: 'number',
        isInteger: type === 'integer',
        min: numberOf(schema['minimum']),
        max: numberOf(schema['maximum']),
      }
    case 'boolean':
      return { kind: 'boolean' }
    case 'null':
      return { kind: 'choice', values: [null] }
    case 'object':
      return readObject(schema, root)
    case 'array':
      return readArray(schema, root)
    default:
      return { kind: 'json' }
  }
}

function readObject(schema: Schema, root: unknown): Kind {
  const properties = toSchema(schema['properties'])
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const isOpen = schema['additionalProperties'] !== false
  // A dictionary has names of its own.
  if (isOpen && Object.keys(properties).length === 0) return { kind: 'json' }
  const members = Object.entries(properties).map(([name, member]): Member => ({
    name,
    isRequired: required.includes(name),
    shape: () => readShape(member, root),
  }))
  return { kind: 'object', members }
}

function readArray(schema: Schema, root: unknown): Kind {
  // Each place of a tuple has its own form.
  if (Array.isArray(schema['items']) || 'prefixItems' in schema) return { kind: 'json' }
  const items = schema['items'] ?? {}
  return {
    kind: 'array',
    item: () => readShape(items, root),
    minItems: numberOf(schema['minItems']) ?? 0,
    maxItems: numberOf(schema['maxItems']),
  }
}

function readVariants(schemas: readonly unknown[], root: unknown): Kind {
  const options = schemas.map((schema, index): Option => ({
    label: labelOf(resolve(schema, root), index),
    shape: () => readShape(schema, root),
  }))
  const [only] = options
  // `anyOf` of constants is how TypeScript's unions of literals are often written.
  const resolved = schemas.map((schema) => resolve(schema, root))
  if (resolved.every((schema) => 'const' in schema))
    return { kind: 'choice', values: resolved.map((schema) => schema['const']) }
  return options.length === 1 && only ? only.shape() : { kind: 'variant', options }
}

function labelOf(schema: Schema, index: number): string {
  const title = textOf(schema['title'])
  if (title !== undefined) return title
  if ('const' in schema) return JSON.stringify(schema['const'])
  const type = typeOf(schema)
  // What tells the members of a union of objects apart.
  const tags = Object.entries(toSchema(schema['properties'])).flatMap(([name, member]) => {
    const value = toSchema(member)['const']
    return value === undefined ? [] : [`${name} ${JSON.stringify(value)}`]
  })
  if (tags.length > 0) return tags.join(', ')
  return typeof type === 'string' ? type : `option ${index + 1}`
}

function typeOf(schema: Schema): unknown {
  if (schema['type'] !== undefined) return schema['type']
  if ('properties' in schema) return 'object'
  return 'items' in schema ? 'array' : undefined
}

const MAX_HOPS = 20

/** Follows references within the schema, and puts the parts of `allOf` together. */
function resolve(schema: unknown, root: unknown): Schema {
  let at = toSchema(schema)
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const { $ref, ...beside } = at
    if (typeof $ref !== 'string') break
    at = { ...findPointer($ref, root), ...beside }
  }
  const { allOf, ...beside } = at
  if (!Array.isArray(allOf) || typeof at['$ref'] === 'string') return at
  const parts = [...allOf.map((part) => resolve(part, root)), beside]
  return {
    ...Object.assign({}, ...parts),
    ...mergeMembers(parts),
  } as Schema
}

function mergeMembers(parts: readonly Schema[]): Schema {
  const having = parts.filter((part) => 'properties' in part)
  if (having.length === 0) return {}
  const required = parts.flatMap((part): unknown[] =>
    Array.isArray(part['required']) ? part['required'] : [],
  )
  const properties: unknown = Object.assign(
    {},
    ...having.map((part) => toSchema(part['properties'])),
  )
  return { properties, required }
}

/** `#/definitions/Page`; an empty schema, which allows everything, where nothing is. */
function findPointer(pointer: string, root: unknown): Schema {
  if (!pointer.startsWith('#')) return {}
  let at: unknown = root
  for (const part of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    const holder = toSchema(at)
    at = Object.hasOwn(holder, name) ? holder[name] : undefined
  }
  return toSchema(at)
}

function toSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Schema)
    : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

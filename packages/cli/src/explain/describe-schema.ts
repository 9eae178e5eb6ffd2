import { SCHEMA_REF_PREFIX, readSchemaName, type JsonSchema } from '@asya/compiler'

/** A row of an explanation: a member, how a value must look, and why. */
export interface SchemaRow {
  /** Empty for the type itself: `items[].at`. */
  readonly path: string
  readonly isRequired: boolean
  /** `string of 1 to 80 characters` */
  readonly allows: string
  /** What in the author's source made it so: `@minLength`, `| null`. */
  readonly because: readonly string[]
  readonly description?: string | undefined
}

/** The rows of a schema: the type itself, then its members, without those of named types. */
export function describeSchema(schema: JsonSchema): SchemaRow[] {
  return describeMembers(schema, { path: '', isRequired: true })
}

/** The named types that a schema refers to, each once, in the order in which they are met. */
export function listNamed(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
): string[] {
  const met = new Set<string>()
  const visit = (one: JsonSchema): void => {
    const name = nameOf(one)
    if (name !== undefined && !met.has(name)) {
      met.add(name)
      const named = schemas[name]
      if (named) visit(named)
    }
    for (const part of partsOf(one)) visit(part)
  }
  visit(schema)
  return [...met]
}

/** `Page`, of a reference to it. */
function nameOf({ $ref }: JsonSchema): string | undefined {
  return $ref?.startsWith(SCHEMA_REF_PREFIX) ? readSchemaName($ref) : undefined
}

function partsOf(schema: JsonSchema): JsonSchema[] {
  const { additionalProperties, additionalItems } = schema
  return [
    ...Object.values(schema.properties ?? {}),
    ...Object.values(schema.patternProperties ?? {}),
    ...listItems(schema),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    ...(typeof additionalItems === 'object' ? [additionalItems] : []),
    ...alternativesOf(schema),
    ...(schema.allOf ?? []),
  ]
}

function alternativesOf({ oneOf, anyOf }: JsonSchema): readonly JsonSchema[] {
  return oneOf ?? anyOf ?? []
}

function listItems({ items }: JsonSchema): readonly JsonSchema[] {
  if (items === undefined) return []
  return isTuple(items) ? items : [items]
}

/** Array.isArray does not tell a readonly list from an object. */
function isTuple(items: JsonSchema | readonly JsonSchema[]): items is readonly JsonSchema[] {
  return Array.isArray(items)
}

interface Place {
  readonly path: string
  readonly isRequired: boolean
}

function describeMembers(schema: JsonSchema, place: Place): SchemaRow[] {
  const row = {
    ...place,
    allows: describeAllowed(schema),
    because: listReasons(schema),
    description: schema.description,
  }
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    describeMembers(member, {
      path: place.path === '' ? name : `${place.path}.${name}`,
      isRequired: schema.required?.includes(name) ?? false,
    }),
  )
  const items = listItems(schema).flatMap((item) =>
    hasMembers(item) ? describeMembers(item, { path: `${place.path}[]`, isRequired: true }) : [],
  )
  const alternatives = alternativesOf(schema).filter(hasMembers)
  const options = alternatives.flatMap((option, index) =>
    describeMembers(option, { path: `${place.path}<${index + 1}>`, isRequired: true }),
  )
  return [row, ...members, ...items, ...options]
}

function hasMembers(schema: JsonSchema): boolean {
  return partsOf(schema).length > 0
}

/** What a value must be, in words. */
function describeAllowed(schema: JsonSchema): string {
  const name = nameOf(schema)
  if (name !== undefined) return name
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const alternatives = alternativesOf(schema)
  if (alternatives.length > 0)
    return alternatives
      .map((option, index) => (hasMembers(option) ? `<${index + 1}>` : describeAllowed(option)))
      .join(' | ')
  if (schema.allOf) return schema.allOf.map(describeAllowed).join(' & ')
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? [])
  const base = types.map((type) => describeType(type, schema)).join(' | ')
  const limits = listLimits(schema)
  return [base === '' ? 'anything' : base, ...limits].join(', ')
}

function describeType(type: string, schema: JsonSchema): string {
  const { additionalProperties } = schema
  if (type === 'object' && typeof additionalProperties === 'object')
    return `object of ${describeAllowed(additionalProperties)}`
  if (type !== 'array') return type
  if (schema.items === undefined) return 'array'
  const items = listItems(schema).map((item) =>
    hasMembers(item) ? 'objects' : describeAllowed(item),
  )
  return isTuple(schema.items) ? `[${items.join(', ')}]` : `array of ${items.join('')}`
}

/** Each keyword that narrows a value down. */
const LIMITS = [
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
] as const

function listLimits(schema: JsonSchema): string[] {
  return LIMITS.flatMap((keyword) => {
    const value = schema[keyword]
    // The length of a tuple is told by its members.
    const isTold = keyword.endsWith('Items') && schema.items !== undefined && isTuple(schema.items)
    return value === undefined || isTold ? [] : [`${keyword} ${String(value)}`]
  })
}

/** What the author wrote that a schema says beside its type. */
function listReasons(schema: JsonSchema): string[] {
  const reasons: string[] = []
  if (schema.discriminator !== undefined)
    reasons.push(`the alternatives are told apart by "${schema.discriminator}"`)
  if (schema.default !== undefined) reasons.push(`@default ${JSON.stringify(schema.default)}`)
  for (const example of schema.examples ?? []) reasons.push(`@example ${JSON.stringify(example)}`)
  if (schema.deprecated === true) reasons.push('@deprecated')
  if (schema.additionalProperties === false) reasons.push('no members besides these')
  return reasons
}

import { readSchemaName } from '../../model/model.ts'
import type { JsonSchema, JsonTypeName } from '../../model/model.ts'
import { joinName } from './schema-names.ts'

type Scalar = string | number | boolean | null

/** One value is a const, several are an enum. */
export function literalSchema(values: readonly Scalar[]): JsonSchema {
  const sorted = [...values].sort(compareScalars)
  const [first, second] = sorted
  const type = typeKeyword(sorted.map((value) => typeOf(value)))
  if (first !== undefined && second === undefined) return { ...type, const: first }
  return { ...type, enum: sorted }
}

/** The same, or null. */
export function addNull(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined && Object.keys(schema).length === 1) {
    return { anyOf: [...schema.anyOf, { type: 'null' }] }
  }
  if (isPlainScalar(schema)) return { ...schema, ...typeKeyword([...typesOf(schema), 'null']) }
  if (schema.enum !== undefined) {
    const types = typeKeyword([...typesOf(schema), 'null'])
    return { ...schema, ...types, enum: [...schema.enum, null] }
  }
  return { anyOf: [schema, { type: 'null' }] }
}

/** Only a type, of something that is no record and no list. */
function isPlainScalar(schema: JsonSchema): boolean {
  const isScalar = typesOf(schema).every((type) => type !== 'object' && type !== 'array')
  return schema.type !== undefined && isScalar && Object.keys(schema).length === 1
}

/** One value and nothing else: a branded literal, for example. */
function isConstant(schema: JsonSchema): schema is JsonSchema & { readonly const: Scalar } {
  return (
    schema.const !== undefined && Object.keys(schema).every((key) => /^(?:type|const)$/.test(key))
  )
}

/**
 * Any of the alternatives, in an order that depends on nothing but themselves. Records that are told
 * apart by one member are a `oneOf`, as readers of AsyncAPI documents expect.
 */
export function joinAlternatives(
  alternatives: readonly JsonSchema[],
  sortKey: (schema: JsonSchema) => string,
  resolve: (reference: JsonSchema) => JsonSchema | undefined,
): JsonSchema {
  const scalars = alternatives
    .filter((each) => isPlainScalar(each))
    .flatMap((each) => typesOf(each))
  const constants = alternatives.flatMap((each) => (isConstant(each) ? [each.const] : []))
  const rest = alternatives.filter((each) => !isPlainScalar(each) && !isConstant(each))
  const literals = constants.length === 0 ? [] : [literalSchema(constants)]
  const others = new Map([...literals, ...rest].map((each) => [sortKey(each), each]))
  const sorted = [...others].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schema]) => schema)
  const hasNull = scalars.includes('null')
  const plain = scalars.filter((type) => type !== 'null')
  if (plain.length === 0 && sorted.length > 0) {
    const [only, second] = sorted
    const schema = only !== undefined && second === undefined ? only : joinRecords(sorted, resolve)
    return hasNull ? addNull(schema) : schema
  }
  const scalar = typeKeyword(scalars)
  return sorted.length === 0 ? scalar : { anyOf: [...sorted, scalar] }
}

function joinRecords(
  alternatives: readonly JsonSchema[],
  resolve: (reference: JsonSchema) => JsonSchema | undefined,
): JsonSchema {
  const records = alternatives.map((each) => resolve(each))
  const discriminator = findDiscriminator(records)
  return discriminator === undefined
    ? { anyOf: alternatives }
    : { oneOf: alternatives, discriminator }
}

/** The first member by which all of them are told apart: required, and a text of its own in each. */
function findDiscriminator(records: readonly (JsonSchema | undefined)[]): string | undefined {
  const [first] = records
  return Object.keys(first?.properties ?? {}).find((name) => {
    const values = records.map((record) =>
      record?.required?.includes(name) === true ? record.properties?.[name]?.const : undefined,
    )
    return (
      values.every((value) => typeof value === 'string') && new Set(values).size === records.length
    )
  })
}

export function typesOf(schema: JsonSchema): readonly JsonTypeName[] {
  const { type } = schema
  if (type === undefined) return []
  return typeof type === 'string' ? [type] : type
}

/** One type, or the list of them in the order of the alphabet, with null at the end. */
function typeKeyword(types: readonly JsonTypeName[]): JsonSchema {
  const known = [...new Set(types)].sort((a, b) => {
    if (a === 'null' || b === 'null') return a === 'null' ? 1 : -1
    return a < b ? -1 : 1
  })
  const [first, second] = known
  if (first === undefined) return {}
  return { type: second === undefined ? first : known }
}

function typeOf(value: Scalar): JsonTypeName {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  return typeof value === 'number' ? 'number' : 'boolean'
}

function compareScalars(a: Scalar, b: Scalar): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [first, second] = [`${typeof a}${String(a)}`, `${typeof b}${String(b)}`]
  return first < second ? -1 : 1
}

/**
 * Generators of code make a type of each text by which records are told apart, and call it after its
 * title.
 */
export function titleDiscriminators(
  schemas: Readonly<Record<string, JsonSchema>>,
): Readonly<Record<string, JsonSchema>> {
  const titled: Record<string, JsonSchema> = { ...schemas }
  for (const { oneOf = [], discriminator } of Object.values(schemas)) {
    if (discriminator === undefined) continue
    for (const { $ref = '' } of oneOf) {
      const name = readSchemaName($ref)
      const record = titled[name]
      const member = record?.properties?.[discriminator]
      if (record === undefined || member === undefined) continue
      const properties = {
        ...record.properties,
        [discriminator]: { title: joinName(name, discriminator), ...member },
      }
      titled[name] = { ...record, properties }
    }
  }
  return titled
}

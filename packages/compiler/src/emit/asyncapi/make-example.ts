import { readSchemaName, type Json, type JsonSchema } from '../../model/model.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

/**
 * Examples of a payload: those that the author gave for it as a whole, else one that is put together
 * from those of its members. None when a member that must be there has none: nothing is made up.
 */
export function listExamples(schema: JsonSchema, schemas: Schemas): readonly Json[] {
  const { examples } = resolve(schema, schemas)
  if (examples && examples.length > 0) return examples
  const made = makeExample(schema, { schemas, above: [] })
  return made === undefined ? [] : [made]
}

interface Place {
  readonly schemas: Schemas
  /** The schemas around it: a recursive type ends where it meets itself. */
  readonly above: readonly JsonSchema[]
}

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { $ref } = schema
  if ($ref === undefined) return schema
  const target = schemas[readSchemaName($ref)]
  return target ? resolve(target, schemas) : {}
}

function makeExample(written: JsonSchema, { schemas, above }: Place): Json | undefined {
  const schema = resolve(written, schemas)
  if (above.includes(schema) || schema.allOf || schema.not) return undefined
  const [said] = schema.examples ?? []
  if (said !== undefined) return said
  if (schema.default !== undefined) return schema.default
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const place = { schemas, above: [...above, schema] }
  const alternatives = schema.oneOf ?? schema.anyOf
  if (alternatives) return makeFirst(alternatives, place)
  if (schema.properties) return makeObject(schema, schema.properties, place)
  return schema.type === 'array' ? makeArray(schema, place) : undefined
}

function makeFirst(alternatives: readonly JsonSchema[], place: Place): Json | undefined {
  for (const alternative of alternatives) {
    const made = makeExample(alternative, place)
    if (made !== undefined) return made
  }
  return undefined
}

function makeObject(
  { required = [], minProperties = 0 }: JsonSchema,
  properties: Schemas,
  place: Place,
): Json | undefined {
  const made = new Map<string, Json>()
  for (const [name, member] of Object.entries(properties)) {
    const value = makeExample(member, place)
    if (value !== undefined) made.set(name, value)
    else if (required.includes(name)) return undefined
  }
  const isWhole = made.size > 0 && made.size >= minProperties && required.every((n) => made.has(n))
  return isWhole ? Object.fromEntries(made) : undefined
}

function makeArray({ items, minItems = 0 }: JsonSchema, place: Place): Json | undefined {
  if (items === undefined || 'length' in items || minItems > 1) return undefined
  const item = makeExample(items, place)
  return item === undefined ? undefined : [item]
}

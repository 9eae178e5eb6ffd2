import { SCHEMA_REF_PREFIX, readSchemaName, type JsonSchema } from '../model/model.ts'
import { listReachable } from './asyncapi/reachable.ts'

/** A schema that needs no other document: what it refers to is in its `definitions`. */
export type SelfContainedSchema = JsonSchema & {
  readonly definitions?: Readonly<Record<string, JsonSchema>>
}

type Schemas = Readonly<Record<string, JsonSchema>>

/**
 * Makes a draft-07 schema of its own of one that refers to named types. A type that stands at the top
 * is written there, not referred to: many readers look at the top alone.
 */
export function toSelfContained(schema: JsonSchema, schemas: Schemas): SelfContainedSchema {
  const { name, top } = findTop(schema, schemas)
  const title = name === undefined ? {} : { title: name }
  const needed = listReachable([top], schemas)
  const definitions = needed.map((other): [string, JsonSchema] => [
    other,
    toPlain(schemas[other] ?? {}),
  ])
  return {
    ...title,
    ...toPlain(top),
    ...(definitions.length > 0 && { definitions: Object.fromEntries(definitions) }),
  }
}

function findTop(schema: JsonSchema, schemas: Schemas): { name?: string; top: JsonSchema } {
  if (schema.$ref === undefined) return { top: schema }
  const name = readSchemaName(schema.$ref)
  const { top } = findTop(schemas[name] ?? {}, schemas)
  return { name, top }
}

const DEFINITIONS = '#/definitions/'

/** References lead to `definitions`, and what only AsyncAPI knows is left out. */
function toPlain(schema: JsonSchema): JsonSchema {
  return rewriteSchema(schema, ({ $id: _id, discriminator: _discriminator, $ref, ...rest }) => ({
    ...($ref !== undefined && { $ref: $ref.replace(SCHEMA_REF_PREFIX, DEFINITIONS) }),
    ...rest,
  }))
}

/** Rewrites a schema and all that are inside of it, from the innermost on. */
export function rewriteSchema(
  schema: JsonSchema,
  rewrite: (schema: JsonSchema) => JsonSchema,
): JsonSchema {
  const inner = (part: JsonSchema): JsonSchema => rewriteSchema(part, rewrite)
  const parts: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema) as [string, unknown][]) {
    if (MAPS.has(keyword)) parts[keyword] = mapMembers(value as Schemas, inner)
    else if (!HOLDERS.has(keyword) || typeof value !== 'object') parts[keyword] = value
    else if (Array.isArray(value)) parts[keyword] = (value as JsonSchema[]).map(inner)
    else parts[keyword] = inner(value as JsonSchema)
  }
  return rewrite(parts)
}

const MAPS: ReadonlySet<string> = new Set(['properties', 'patternProperties'])
const HOLDERS: ReadonlySet<string> = new Set([
  'items',
  'additionalItems',
  'additionalProperties',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
])

function mapMembers(members: Schemas, inner: (part: JsonSchema) => JsonSchema): Schemas {
  return Object.fromEntries(Object.entries(members).map(([name, part]) => [name, inner(part)]))
}

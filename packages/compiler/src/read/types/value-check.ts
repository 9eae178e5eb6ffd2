import { Ajv } from 'ajv'
import type { Json, JsonSchema } from '../../model/model.ts'
import type { SchemaEntry } from './schema-names.ts'

type EntryOf = (reference: object) => SchemaEntry | undefined

/** Why a value does not fit a schema, as `/url must be string`; undefined when it does. */
export function explainUnfit(
  value: Json,
  schema: JsonSchema,
  entryOf: EntryOf,
): string | undefined {
  const ajv = new Ajv({
    strict: false,
    validateSchema: false,
    validateFormats: false,
    logger: false,
  })
  const validate = ajv.compile(standalone(schema, entryOf))
  if (validate(value)) return undefined
  const [error] = validate.errors ?? []
  return `${error?.instancePath ?? ''} ${error?.message ?? 'is something else'}`.trim()
}

/** The schema with everything that it refers to, under names that cannot clash. */
function standalone(schema: JsonSchema, entryOf: EntryOf): object {
  const entries = new Map<SchemaEntry, number>()
  const replace = (_: string, value: unknown): unknown => {
    const entry = typeof value === 'object' && value !== null ? entryOf(value) : undefined
    if (entry === undefined) return value
    const index = entries.get(entry) ?? entries.size
    entries.set(entry, index)
    return { $ref: `#/definitions/${index}` }
  }
  const copy = (each: JsonSchema): object => JSON.parse(JSON.stringify(each, replace)) as object
  const root = copy(schema)
  const definitions: object[] = []
  // The map grows while it is walked.
  for (const [{ schema: named }] of entries) definitions.push(copy(named ?? {}))
  return { ...root, definitions: Object.fromEntries(definitions.entries()) }
}

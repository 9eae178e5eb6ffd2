import { Validator } from '@cfworker/json-schema'
import { Ajv } from 'ajv'
import type { Json, JsonSchema } from '../../model/model.ts'
import type { SchemaEntry } from './schema-names.ts'

type EntryOf = (reference: object) => SchemaEntry | undefined

/**
 * Why a value does not fit a schema, as `/url must be string`; undefined when it does. The one who
 * judges is the one who judges the documents: what passes here passes there, formats included.
 */
export function explainUnfit(
  value: Json,
  schema: JsonSchema,
  entryOf: EntryOf,
): string | undefined {
  const whole = standalone(schema, entryOf)
  const { valid, errors } = new Validator(whole, '7').validate(value)
  if (valid) return undefined
  // The last one is the innermost.
  const { instanceLocation, error } = errors.at(-1) ?? {}
  return (
    explainShape(value, whole) ??
    `${instanceLocation?.slice(1) ?? ''} ${error ?? 'is something else'}`.trim()
  )
}

/** In plain words, which Ajv has; it does not look at formats here. */
function explainShape(value: Json, schema: object): string | undefined {
  const ajv = new Ajv({
    strict: false,
    validateSchema: false,
    validateFormats: false,
    logger: false,
  })
  const validate = ajv.compile(schema)
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

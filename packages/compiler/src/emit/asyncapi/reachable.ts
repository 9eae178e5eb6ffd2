import { SCHEMA_REF_PREFIX, readSchemaName, type JsonSchema } from '../../model/model.ts'

/** The named types that schemas need, and those that these need, in order of their names. */
export function listReachable(
  roots: readonly JsonSchema[],
  schemas: Readonly<Record<string, JsonSchema>>,
): readonly string[] {
  const found = new Set<string>()
  const waiting = roots.flatMap(listReferences)
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue
    found.add(name)
    const schema = schemas[name]
    if (!schema) throw new Error(`the model refers to the type ${name}, which it does not have`)
    waiting.push(...listReferences(schema))
  }
  return [...found].sort()
}

function listReferences(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('$ref' in value && typeof value.$ref === 'string' && value.$ref.startsWith(SCHEMA_REF_PREFIX))
    return [readSchemaName(value.$ref)]
  return Object.values(value).flatMap(listReferences)
}

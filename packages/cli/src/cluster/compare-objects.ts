import { isDeepStrictEqual } from 'node:util'
import type { FieldPath } from './field-path.ts'
import { isFields, omit, pick, type Fields } from '@asya/operator/fields'

/** A field that differs; undefined where it is not there. */
export interface FieldChange {
  readonly path: FieldPath
  readonly before: unknown
  readonly after: unknown
}

/** What the API server writes by itself. */
const OF_THE_SERVER: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'uid',
])

/** What is different for its author: neither the status nor what the API server writes by itself. */
export function compareObjects(before: object, after: object): readonly FieldChange[] {
  return compare(withoutServers(before), withoutServers(after), [])
}

function withoutServers(object: object): Fields {
  const metadata = omit(Object(pick(object, 'metadata')) as object, OF_THE_SERVER)
  return { ...omit(object, STATUS), metadata }
}

const STATUS: ReadonlySet<string> = new Set(['status'])

function compare(before: unknown, after: unknown, path: FieldPath): readonly FieldChange[] {
  if (isDeepStrictEqual(before, after)) return []
  const [old, now] = [toMembers(before), toMembers(after)]
  if (old === undefined || now === undefined) return [{ path, before, after }]
  const names = [...new Set([...old.keys(), ...now.keys()])].sort()
  return names.flatMap((name) => compare(old.get(name), now.get(name), [...path, name]))
}

/** Of an object its members, of a list of named things those by name; undefined for a value. */
function toMembers(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (isFields(value)) return new Map(Object.entries(value))
  if (!Array.isArray(value) || !value.every(isNamed)) return undefined
  return new Map(value.map((item) => [`[${item.name}]`, item]))
}

function isNamed(item: unknown): item is { readonly name: string } {
  return isFields(item) && typeof item['name'] === 'string'
}

import { isFields } from '../../kube/fields.ts'
import type { Schema } from '../resource-check.ts'

interface Pruned {
  readonly value: unknown
  /** Where they were: `spec.concurency`. */
  readonly unknown: readonly string[]
}

/** Takes away what a CRD's schema does not know. */
export function pruneUnknown(schema: Schema, value: unknown, path = ''): Pruned {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) =>
      pruneUnknown(schema.items ?? KEEP_ALL, item, `${path}[${index}]`),
    )
    return join(
      items,
      items.map((item) => item.value),
    )
  }
  if (!isFields(value)) return { value, unknown: [] }
  const kept: Record<string, unknown> = {}
  const unknown: string[] = []
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`
    const below = findMember(schema, name)
    const isOfEveryObject = path === '' && ['apiVersion', 'kind', 'metadata'].includes(name)
    if (below === undefined && !isOfEveryObject) unknown.push(at)
    else if (isOfEveryObject) kept[name] = member
    else {
      const pruned = pruneUnknown(below ?? KEEP_ALL, member, at)
      kept[name] = pruned.value
      unknown.push(...pruned.unknown)
    }
  }
  return { value: kept, unknown }
}

function join(parts: readonly Pruned[], value: unknown): Pruned {
  return { value, unknown: parts.flatMap((part) => part.unknown) }
}

const KEEP_ALL: Schema = { 'x-kubernetes-preserve-unknown-fields': true }

function findMember(schema: Schema, name: string): Schema | undefined {
  const { properties, additionalProperties } = schema
  const known = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
  if (known !== undefined) return known
  if (additionalProperties !== undefined) return additionalProperties
  return schema['x-kubernetes-preserve-unknown-fields'] === true ? KEEP_ALL : undefined
}

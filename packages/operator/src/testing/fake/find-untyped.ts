import { isFields } from '../../kube/fields.ts'
import type { Schema } from '../resource-check.ts'
import { describeName, listParts } from './field-set.ts'
import type { Kind } from './kinds.ts'
import { nameItem, type Shape } from './shape.ts'

/**
 * Why server-side apply cannot read what is applied: a list that is none, a key that comes twice and,
 * for a custom resource, an unknown field or a value of another type. Undefined if it can.
 */
export function findUntyped(object: object, { shape, custom }: Kind): string | undefined {
  return findBadList(object, shape, '') ?? (custom && findBadType(object, custom.schema, ''))
}

function findBadList(value: unknown, shape: Shape, path: string): string | undefined {
  if (value === null || value === undefined) return undefined
  if (shape.type === 'keyed' || shape.type === 'set') {
    if (!Array.isArray(value)) return `${path}: expected list, got ${JSON.stringify(value)}`
    const seen = new Set<string>()
    for (const item of value as readonly unknown[]) {
      const name = nameItem(shape, item)
      if (seen.has(name)) return `${path}: duplicate entries for key ${describeName(name)}`
      seen.add(name)
    }
  }
  for (const [name, member, inner] of listParts(value, shape)) {
    const found = findBadList(member, inner, path + describeName(name))
    if (found !== undefined) return found
  }
  return undefined
}

const EXPECTED: Readonly<Record<string, string>> = {
  integer: 'numeric (int or float)',
  number: 'numeric (int or float)',
  array: 'list',
  object: 'map',
}

function findBadType(value: unknown, schema: Schema, path: string): string | undefined {
  if (value === null || value === undefined) return undefined
  const { type } = schema
  const given = nameType(value)
  const isNumeric = type === 'integer' && given === 'number'
  if (type !== undefined && type !== given && !isNumeric)
    return `${path}: expected ${EXPECTED[type] ?? type}, got ${given}`
  const { properties, additionalProperties, items } = schema
  if (Array.isArray(value)) {
    return findFirst([...value.entries()], ([index, item]) =>
      findBadType(item, items ?? {}, `${path}[${index}]`),
    )
  }
  if (!isFields(value)) return undefined
  const isOpen = properties === undefined || schema['x-kubernetes-preserve-unknown-fields'] === true
  return findFirst(Object.entries(value), ([name, member]) => {
    const at = `${path}.${name}`
    const known = properties?.[name] ?? additionalProperties
    if (known !== undefined) return findBadType(member, known, at)
    return isOpen ? undefined : `${at}: field not declared in schema`
  })
}

function findFirst<T>(
  items: readonly T[],
  find: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}

function nameType(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value
}

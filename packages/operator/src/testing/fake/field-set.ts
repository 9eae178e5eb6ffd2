import { isDeepStrictEqual } from 'node:util'
import { isFields } from '../../kube/fields.ts'
import { nameItem, shapeOfMember, type Shape } from './shape.ts'

/**
 * Fields of an object, as a tree; the names of its branches are those of `FieldsV1`: `f:spec`,
 * `k:{"name":"a"}`, `v:"a"`. A field belongs to the set if it is a leaf, or has the leaf `.` .
 */
export interface FieldSet {
  readonly [name: string]: FieldSet
}

/** `FieldsV1`: an item of a list, or a map, that belongs to the set itself beside its members. */
const SELF = '.'

const EMPTY: FieldSet = {}

/** Every field that a value has. */
export function listFields(value: unknown, shape: Shape): FieldSet {
  if (shape.type === 'keyed' || shape.type === 'set') {
    if (!Array.isArray(value)) return EMPTY
    return Object.fromEntries(
      value.map((item) => [
        nameItem(shape, item),
        shape.type === 'keyed' ? { [SELF]: EMPTY, ...listFields(item, shape.items) } : EMPTY,
      ]),
    )
  }
  if (shape.type === 'atomic' || !isFields(value)) return EMPTY
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      `f:${name}`,
      listFields(member, shapeOfMember(shape, name)),
    ]),
  )
}

/** The fields that `after` has, and `before` has not, or has otherwise. */
export function listChanges(before: unknown, after: unknown, shape: Shape): FieldSet {
  if (isDeepStrictEqual(before, after)) return EMPTY
  const found: Record<string, FieldSet> = {}
  for (const [name, member, inner] of listParts(after, shape)) {
    const old = pick(before, shape, name)
    if (isDeepStrictEqual(old, member)) continue
    const isWhole = old === undefined || listParts(member, inner).length === 0
    const below = isWhole ? listFields(member, inner) : listChanges(old, member, inner)
    // An item that is new belongs to whoever put it there, beside its members.
    if (isWhole || Object.keys(below).length > 0) found[name] = below
  }
  return found
}

type Part = readonly [name: string, value: unknown, shape: Shape]

/** What a value is made of; empty if it is one to server-side apply. */
export function listParts(value: unknown, shape: Shape): readonly Part[] {
  if (shape.type === 'keyed' || shape.type === 'set') {
    if (!Array.isArray(value)) return []
    const inner: Shape = shape.type === 'keyed' ? shape.items : { type: 'atomic' }
    return value.map((item) => [nameItem(shape, item), item, inner])
  }
  if (shape.type === 'atomic' || !isFields(value)) return []
  return Object.entries(value).map(([name, member]) => [
    `f:${name}`,
    member,
    shapeOfMember(shape, name),
  ])
}

function pick(value: unknown, shape: Shape, name: string): unknown {
  return listParts(value, shape).find(([each]) => each === name)?.[1]
}

/** Those of `a` and those of `b`. */
export function unite(a: FieldSet, b: FieldSet): FieldSet {
  const united: Record<string, FieldSet> = { ...a }
  for (const [name, below] of Object.entries(b)) {
    const own = united[name]
    if (own === undefined) united[name] = below
    else {
      const isSelf = isLeaf(own) !== isLeaf(below)
      united[name] = { ...(isSelf && { [SELF]: EMPTY }), ...unite(own, below) }
    }
  }
  return united
}

/** Those of `a` that are not in `b`. */
export function subtract(a: FieldSet, b: FieldSet): FieldSet {
  return Object.fromEntries(
    Object.entries(a).flatMap(([name, own]): readonly (readonly [string, FieldSet])[] => {
      const other = b[name]
      if (other === undefined) return [[name, own]]
      if (isLeaf(own)) return hasSelf(other) ? [] : [[name, own]]
      const left = subtract(own, isLeaf(other) ? { [SELF]: EMPTY } : other)
      return isLeaf(left) ? [] : [[name, left]]
    }),
  )
}

/** Those of both. */
export function intersect(a: FieldSet, b: FieldSet): FieldSet {
  return subtract(a, subtract(a, b))
}

export function isEmptySet(set: FieldSet): boolean {
  return Object.keys(set).length === 0
}

function isLeaf(set: FieldSet): boolean {
  return Object.keys(set).length === 0
}

function hasSelf(set: FieldSet): boolean {
  return isLeaf(set) || Object.hasOwn(set, SELF)
}

/** Those of `set` that a value has still. */
export function keepExisting(set: FieldSet, value: unknown, shape: Shape): FieldSet {
  const parts = new Map(listParts(value, shape).map((part) => [part[0], part]))
  return Object.fromEntries(
    Object.entries(set).flatMap(([name, own]): readonly (readonly [string, FieldSet])[] => {
      if (name === SELF) return [[name, own]]
      const part = parts.get(name)
      if (part === undefined) return []
      if (isLeaf(own)) return [[name, own]]
      const left = keepExisting(own, part[1], part[2])
      return isLeaf(left) ? [] : [[name, left]]
    }),
  )
}

/** As people read it: `.spec.template.spec.containers[name="runtime"].image`. */
export function describeFields(set: FieldSet, path = ''): readonly string[] {
  return Object.entries(set).flatMap(([name, below]) => {
    if (name === SELF) return [path]
    const here = path + describeName(name)
    return isLeaf(below) ? [here] : describeFields(below, here)
  })
}

export function describeName(name: string): string {
  const rest = name.slice(2)
  if (name.startsWith('f:')) return `.${rest}`
  if (name.startsWith('v:')) return `[=${rest}]`
  const keys = Object.entries(JSON.parse(rest) as object)
  return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}

import { MAX_DEPTH } from '@asya/protocol'
import { explainUnserialisable } from './explain-unserialisable.ts'
import { hasPlainPrototype } from './plain-object.ts'

export type Serialised =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }

/**
 * Serialises a value that is plain JSON, and refuses any other instead of changing it silently, as
 * JSON.stringify does: a Date would arrive as a string, a Map as `{}`, NaN as null. Members that are
 * undefined are dropped.
 *
 * @param path where the value stands in the handler's result, such as `$[3]`
 */
export function serialise(value: unknown, path: string): Serialised {
  if (!isPlain(value)) return { ok: false, reason: explainUnserialisable(value, path) }
  return { ok: true, text: JSON.stringify(value) }
}

/** Whether a value is plain JSON of at most MAX_DEPTH levels. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? isPlainTree(value, 0) : isPlainLeaf(value)
}

function isPlainLeaf(value: unknown): boolean {
  const kind = typeof value
  return kind === 'string' || kind === 'boolean' || value === null || Number.isFinite(value)
}

/**
 * Knows no paths and keeps no list of ancestors, so that it costs little beside JSON.stringify; the
 * depth ends a walk around a cycle. Leaves are looked at in place, for a call each would cost more
 * than the look, and array items by index: for numbers that is three times as fast as an iterator.
 */
function isPlainTree(tree: object, depth: number): boolean {
  if (depth === MAX_DEPTH) return false
  if (Array.isArray(tree)) {
    const { length } = tree
    for (let index = 0; index < length; index++) {
      const item: unknown = tree[index]
      const kind = typeof item
      if (kind === 'string' || kind === 'boolean' || item === null) continue
      if (kind === 'number' && Number.isFinite(item)) continue
      if (typeof item !== 'object' || !isPlainTree(item, depth + 1)) return false
    }
    return true
  }
  if (!hasPlainPrototype(tree)) return false
  const record = tree as Readonly<Record<string, unknown>>
  for (const name in record) {
    const member = record[name]
    const kind = typeof member
    if (kind === 'string' || kind === 'boolean' || member === null) continue
    if (kind === 'number' && Number.isFinite(member)) continue
    if (kind === 'undefined') continue
    if (typeof member !== 'object' || !isPlainTree(member, depth + 1)) return false
  }
  return true
}

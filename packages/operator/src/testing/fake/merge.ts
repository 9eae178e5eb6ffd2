import { isFields } from '../../kube/fields.ts'
import { listParts, type FieldSet } from './field-set.ts'
import { nameItem, shapeOfMember, type Shape } from './shape.ts'

/** What is there with what is applied laid over it: what is not applied stays. */
export function merge(live: unknown, applied: unknown, shape: Shape): unknown {
  if (live === undefined || live === null) return applied
  if (shape.type === 'keyed' || shape.type === 'set') return mergeLists(live, applied, shape)
  if (shape.type === 'atomic' || !isFields(live) || !isFields(applied)) return applied
  const merged: Record<string, unknown> = { ...live }
  for (const [name, member] of Object.entries(applied))
    merged[name] = merge(live[name], member, shapeOfMember(shape, name))
  return merged
}

/** Items of both are in the order in which they are applied; the others stay before what followed them. */
function mergeLists(
  live: unknown,
  applied: unknown,
  shape: Shape & { type: 'keyed' | 'set' },
): unknown {
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied
  const inner: Shape = shape.type === 'keyed' ? shape.items : { type: 'atomic' }
  const old = live.map((item: unknown) => ({ name: nameItem(shape, item), item }))
  const names = new Set(applied.map((item) => nameItem(shape, item)))
  const merged: unknown[] = []
  let next = 0
  const takeOthers = (): void => {
    for (let each = old[next]; each !== undefined && !names.has(each.name); each = old[next]) {
      merged.push(each.item)
      next += 1
    }
  }
  for (const item of applied as readonly unknown[]) {
    const name = nameItem(shape, item)
    const before = old.find((each) => each.name === name)
    if (before !== undefined) takeOthers()
    merged.push(before === undefined ? item : merge(before.item, item, inner))
    if (before !== undefined && old[next]?.name === name) next += 1
  }
  for (; next < old.length; next += 1) {
    const each = old[next]
    if (each !== undefined && !names.has(each.name)) merged.push(each.item)
  }
  return merged
}

interface Pruning {
  /** What the manager had. */
  readonly before: FieldSet
  /** What it has now. */
  readonly after: FieldSet
  /** What all others have. */
  readonly others: FieldSet
}

/**
 * Takes away what a manager does not apply any more, unless somebody else has it. Undefined when
 * nothing is left.
 */
export function prune(value: unknown, sets: Pruning, shape: Shape): unknown {
  const { before, after, others } = sets
  const kept = new Map<string, unknown>()
  for (const [name, member, inner] of listParts(value, shape)) {
    const had = before[name]
    const has = after[name]
    const theirs = others[name]
    if (had === undefined) kept.set(name, member)
    else if (has === undefined && theirs === undefined) continue
    else {
      const below = { before: had, after: has ?? {}, others: theirs ?? {} }
      kept.set(name, prune(member, below, inner))
    }
  }
  return rebuild(value, kept, shape)
}

function rebuild(value: unknown, kept: ReadonlyMap<string, unknown>, shape: Shape): unknown {
  if (shape.type === 'keyed' || shape.type === 'set') {
    if (!Array.isArray(value)) return value
    return value.flatMap((item: unknown) => {
      const name = nameItem(shape, item)
      return kept.has(name) ? [kept.get(name)] : []
    })
  }
  if (shape.type === 'atomic' || !isFields(value)) return value
  return Object.fromEntries([...kept].map(([name, member]) => [name.slice(2), member]))
}

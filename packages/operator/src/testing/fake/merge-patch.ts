import { isFields } from '../../kube/fields.ts'
import { merge } from './merge.ts'
import { shapeOfMember, type Shape } from './shape.ts'

/**
 * RFC 7386: members are merged, null takes away. With a shape also lists whose items have keys, as a
 * strategic merge patch does (without its directives).
 */
export function mergePatch(live: unknown, patch: unknown, shape?: Shape): unknown {
  if (Array.isArray(patch) && shape !== undefined) return merge(live, patch, shape)
  if (!isFields(patch)) return patch
  const merged: Record<string, unknown> = isFields(live) ? { ...live } : {}
  for (const [name, member] of Object.entries(patch)) {
    const value = mergePatch(merged[name], member, shape && shapeOfMember(shape, name))
    merged[name] = value === null ? undefined : value
  }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
}

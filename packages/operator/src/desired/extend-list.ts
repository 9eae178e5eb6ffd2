import type { Fields } from '../kube/fields.ts'

/**
 * A list with more items before or behind it. What is no list stays as it is, for the API server to
 * refuse.
 */
export function extendList(
  list: unknown,
  {
    before = [],
    behind = [],
  }: { readonly before?: readonly Fields[]; readonly behind?: readonly Fields[] },
): unknown {
  if (list !== undefined && list !== null && !Array.isArray(list)) return list
  const items: readonly unknown[] = list ?? []
  return [...before, ...items, ...behind]
}

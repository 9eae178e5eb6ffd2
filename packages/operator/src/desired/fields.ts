/** Objects of Kubernetes in the making: plain JSON, in which what we do not know is left as it is. */
export type Fields = Readonly<Record<string, unknown>>

/** The members of an object, or none where it is something else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The items of a list that are objects. */
export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

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

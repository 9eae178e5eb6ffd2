/**
 * Objects of Kubernetes as plain JSON: what we do not know is left as it is, and a member that is
 * missing, or of another type, counts as not said.
 */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of an object, or none where it is something else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** The items of a list that are objects. */
export function itemsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : []
}

/** What lies at a path; undefined where there is nothing. */
export function pick(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isFields(at) ? at[name] : undefined), value)
}

export function pickText(value: unknown, ...path: readonly string[]): string {
  const found = pick(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function pickNumber(value: unknown, ...path: readonly string[]): number | undefined {
  const found = pick(value, ...path)
  return typeof found === 'number' ? found : undefined
}

export function pickItems(value: unknown, ...path: readonly string[]): readonly Fields[] {
  return itemsOf(pick(value, ...path))
}

/** A condition of any kind: KEDA has no transition times, and texts that are missing are empty. */
export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

export function readConditions(object: unknown): readonly Condition[] {
  return pickItems(object, 'status', 'conditions').map((condition) => ({
    type: pickText(condition, 'type'),
    status: pickText(condition, 'status'),
    reason: pickText(condition, 'reason'),
    message: pickText(condition, 'message'),
  }))
}

export function findCondition(object: unknown, type: string): Condition | undefined {
  return readConditions(object).find((condition) => condition.type === type)
}

/** All members but some. */
export function omit(object: object, names: ReadonlySet<string>): Fields {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)))
}

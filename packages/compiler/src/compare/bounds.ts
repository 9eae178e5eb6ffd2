import type { JsonSchema } from '../model/model.ts'

/** An end of a range of numbers; undefined: there is none. */
export interface Bound {
  readonly at: number
  /** The number itself is outside. */
  readonly isExclusive: boolean
}

export function findLowerBound(schemas: readonly JsonSchema[]): Bound | undefined {
  return listBounds(schemas, 'minimum', 'exclusiveMinimum').reduce<Bound | undefined>(
    (best, bound) => (best === undefined || isAbove(bound, best) ? bound : best),
    undefined,
  )
}

export function findUpperBound(schemas: readonly JsonSchema[]): Bound | undefined {
  return listBounds(schemas, 'maximum', 'exclusiveMaximum').reduce<Bound | undefined>(
    (best, bound) => (best === undefined || isBelow(bound, best) ? bound : best),
    undefined,
  )
}

/** Whether a lower bound leaves out a number that the other takes. */
export function isAbove(bound: Bound, other: Bound): boolean {
  return bound.at > other.at || (bound.at === other.at && bound.isExclusive && !other.isExclusive)
}

/** Whether an upper bound leaves out a number that the other takes. */
export function isBelow(bound: Bound, other: Bound): boolean {
  return bound.at < other.at || (bound.at === other.at && bound.isExclusive && !other.isExclusive)
}

function listBounds(
  schemas: readonly JsonSchema[],
  inclusive: 'minimum' | 'maximum',
  exclusive: 'exclusiveMinimum' | 'exclusiveMaximum',
): Bound[] {
  return schemas.flatMap((schema) => [
    ...(schema[inclusive] === undefined ? [] : [{ at: schema[inclusive], isExclusive: false }]),
    ...(schema[exclusive] === undefined ? [] : [{ at: schema[exclusive], isExclusive: true }]),
  ])
}

type Least = 'minLength' | 'minItems' | 'minProperties'
type Most = 'maxLength' | 'maxItems' | 'maxProperties'

/** The strictest of a keyword that says how many there must be; 0 when none does. */
export function findLeast(schemas: readonly JsonSchema[], keyword: Least): number {
  return Math.max(0, ...schemas.map((schema) => schema[keyword] ?? 0))
}

/** The strictest of a keyword that says how many there may be; Infinity when none does. */
export function findMost(schemas: readonly JsonSchema[], keyword: Most): number {
  return Math.min(Infinity, ...schemas.map((schema) => schema[keyword] ?? Infinity))
}

export function isInteger(schemas: readonly JsonSchema[]): boolean {
  return schemas.some(({ type, multipleOf }) => {
    const types = typeof type === 'string' ? [type] : (type ?? [])
    if (types.includes('integer') && !types.includes('number')) return true
    return multipleOf !== undefined && Number.isInteger(multipleOf)
  })
}

export function listMultiples(schemas: readonly JsonSchema[]): number[] {
  return schemas.flatMap(({ multipleOf }) => (multipleOf === undefined ? [] : [multipleOf]))
}

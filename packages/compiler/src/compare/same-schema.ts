import { isDeepStrictEqual } from 'node:util'
import { isRecord, type AllOf, type SchemaSource } from './schema-source.ts'

/** What says nothing of the values: a change of it changes no verdict. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$id',
  '$comment',
  'title',
  'description',
  'deprecated',
  'default',
  'examples',
  'readOnly',
  'writeOnly',
  'discriminator',
  'externalDocs',
])

/** Below these stand names that an author chose, also where they look like a keyword. */
const BY_NAME: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
])

interface Written {
  readonly all: AllOf
  readonly source: SchemaSource
}

/** Whether two lists of schemas are written alike, wherever their references lead. */
export function areSame(one: Written, other: Written): boolean {
  const pairs = new Set<string>()
  const compare = (mine: unknown, its: unknown): boolean => {
    if (Array.isArray(mine) && Array.isArray(its))
      return mine.length === its.length && mine.every((part, index) => compare(part, its[index]))
    if (!isRecord(mine) || !isRecord(its)) return isDeepStrictEqual(mine, its)
    const names = new Set([...Object.keys(mine), ...Object.keys(its)].filter(isTelling))
    return [...names].every((name) => compareKeyword(name, mine[name], its[name]))
  }
  const compareKeyword = (name: string, mine: unknown, its: unknown): boolean => {
    if (BY_NAME.has(name)) return compareMembers(mine, its)
    if (name === 'required' || name === 'enum') return isSameSet(mine, its)
    if (name === 'const') return isDeepStrictEqual(mine, its)
    if (name !== '$ref' || typeof mine !== 'string' || typeof its !== 'string')
      return compare(mine, its)
    const pair = JSON.stringify([mine, its])
    // Within itself a pair may be taken to be alike: a difference shows elsewhere.
    if (pairs.has(pair)) return true
    pairs.add(pair)
    const targets = [one.source.resolve(mine), other.source.resolve(its)]
    return targets[0] !== undefined && targets[1] !== undefined && compare(targets[0], targets[1])
  }
  const compareMembers = (mine: unknown, its: unknown): boolean => {
    if (!isRecord(mine) || !isRecord(its)) return isDeepStrictEqual(mine, its)
    const names = Object.keys(mine)
    return (
      names.length === Object.keys(its).length &&
      names.every((name) => Object.hasOwn(its, name) && compare(mine[name], its[name]))
    )
  }
  return compare(one.all, other.all)
}

/** Whether a keyword says something of the values. */
export function isTelling(name: string): boolean {
  return !ANNOTATIONS.has(name) && !name.startsWith('x-')
}

/** In no order: `required` and `enum`. */
function isSameSet(mine: unknown, its: unknown): boolean {
  if (!Array.isArray(mine) || !Array.isArray(its)) return isDeepStrictEqual(mine, its)
  const within = (some: readonly unknown[], others: readonly unknown[]): boolean =>
    some.every((value) => others.some((other) => isDeepStrictEqual(value, other)))
  return within(mine, its) && within(its, mine)
}

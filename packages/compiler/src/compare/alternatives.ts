import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonSchema } from '../model/model.ts'
import { isTelling } from './same-schema.ts'
import { isRecord, type AllOf, type SchemaSource } from './schema-source.ts'

export type ValueType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export const VALUE_TYPES: readonly ValueType[] = [
  'null',
  'boolean',
  'number',
  'string',
  'array',
  'object',
]

const ALL_VALUES: Partial<Readonly<Record<ValueType, readonly Json[]>>> = {
  null: [null],
  boolean: [true, false],
}

/**
 * Some of the values that schemas take: those of one type that satisfy all of these, in which
 * nothing is left to follow: `$ref`, `allOf`, `anyOf` and `oneOf` were, and no longer count.
 */
export interface Alternative {
  readonly type: ValueType
  readonly schemas: readonly JsonSchema[]
  /** All the values that there can be at most; undefined: any number. */
  readonly values?: readonly Json[] | undefined
}

export interface Alternatives {
  readonly list: readonly Alternative[]
  /** Why the list takes more values than the schemas do, if it may. */
  readonly inexact?: string | undefined
  /** Of these, exactly one option must hold: the list is right only if no two of them overlap. */
  readonly oneOfs: readonly AllOf[]
}

/** What leads on to other schemas and says nothing itself. */
const isFollowed = (keyword: string): boolean =>
  ['$ref', 'allOf', 'anyOf', 'oneOf'].includes(keyword) || !isTelling(keyword)

/** More than people write: `anyOf` within `allOf` multiplies. */
const MAX_ALTERNATIVES = 256

/** Every value that satisfies all the schemas is one of an alternative. */
export function listAlternatives(all: AllOf, source: SchemaSource): Alternatives {
  const unfolding: Unfolding = { source, inexact: undefined, oneOfs: [] }
  const unfolded = unfold({ pending: all, flat: [], followed: [] }, unfolding)
  const { inexact, oneOfs } = unfolding
  return { list: unfolded.flatMap(splitByType), inexact, oneOfs }
}

interface Unfolding {
  readonly source: SchemaSource
  inexact: string | undefined
  readonly oneOfs: AllOf[]
}

interface Unfolded {
  readonly pending: AllOf
  readonly flat: readonly JsonSchema[]
  readonly followed: readonly string[]
}

function unfold(step: Unfolded, unfolding: Unfolding): (readonly JsonSchema[])[] {
  const [first, ...rest] = step.pending
  if (first === undefined) return [step.flat]
  if (first === true) return unfold({ ...step, pending: rest }, unfolding)
  if (first === false || takesNothing(first)) return []
  const isKnown = step.flat.includes(first) || Object.keys(first).every(isFollowed)
  const flat = isKnown ? step.flat : [...step.flat, first]
  const followed = first.$ref === undefined ? step.followed : [...step.followed, first.$ref]
  const pending = [...follow(first, step, unfolding), ...(first.allOf ?? []), ...rest]
  let branches: Unfolded[] = [{ pending, flat, followed }]
  for (const options of [first.anyOf, first.oneOf]) {
    if (!options) continue
    if (options === first.oneOf) unfolding.oneOfs.push(options)
    branches = branches.flatMap((branch) =>
      options.map((option) => ({ ...branch, pending: [option, ...branch.pending] })),
    )
  }
  const unfolded: (readonly JsonSchema[])[] = []
  for (const branch of branches) {
    unfolded.push(...unfold(branch, unfolding))
    if (unfolded.length <= MAX_ALTERNATIVES) continue
    unfolding.inexact = `there are more than ${MAX_ALTERNATIVES} alternatives`
    return [step.flat]
  }
  return unfolded
}

function follow({ $ref }: JsonSchema, { followed }: Unfolded, unfolding: Unfolding): AllOf {
  if ($ref === undefined) return []
  if (followed.includes($ref)) {
    unfolding.inexact = `${$ref} leads back to itself`
    return []
  }
  const target = unfolding.source.resolve($ref)
  if (typeof target === 'boolean' || isRecord(target)) return [target]
  unfolding.inexact = `${$ref} is not in the document`
  return []
}

function splitByType(schemas: readonly JsonSchema[]): Alternative[] {
  const values = listValues(schemas)
  return VALUE_TYPES.filter((type) => schemas.every((schema) => takesType(schema, type))).flatMap(
    (type): Alternative[] => {
      const own = values ?? ALL_VALUES[type]
      if (!own) return [{ type, schemas }]
      const ofType = own.filter((value) => typeOf(value) === type)
      return ofType.length === 0 ? [] : [{ type, schemas, values: ofType }]
    },
  )
}

/** The values that are left by every `enum` and `const`. */
function listValues(schemas: readonly JsonSchema[]): readonly Json[] | undefined {
  const lists = schemas.flatMap((schema) => [
    ...(schema.enum ? [schema.enum] : []),
    ...(schema.const === undefined ? [] : [[schema.const]]),
  ])
  const [first, ...others] = lists
  return first?.filter((value) =>
    others.every((list) => list.some((other) => isDeepStrictEqual(value, other))),
  )
}

/** `{ not: {} }`, as `false` is written where a schema must be an object. */
function takesNothing(schema: JsonSchema): boolean {
  return schema.not !== undefined && Object.keys(schema.not).length === 0
}

function takesType({ type }: JsonSchema, wanted: ValueType): boolean {
  if (type === undefined) return true
  const types = typeof type === 'string' ? [type] : type
  return types.some((one) => one === wanted || (one === 'integer' && wanted === 'number'))
}

function typeOf(value: Json): ValueType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'object' ? 'object' : type === 'number' || type === 'boolean' ? type : 'string'
}

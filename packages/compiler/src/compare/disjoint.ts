import { listAlternatives, type Alternative } from './alternatives.ts'
import { findLeast, findLowerBound, findMost, findUpperBound } from './bounds.ts'
import { isRequired, listMemberNames, schemasOfMember } from './members.ts'
import type { AllOf, SchemaSource } from './schema-source.ts'

/** An alternative, and the document in which it stands. */
export interface Standing {
  readonly of: Alternative
  readonly source: SchemaSource
}

/** How deep members are looked at; discriminators are near. */
const MAX_DEPTH = 3

/** Whether it is certain that no value is one of both. `false`: it may be, or cannot be told. */
export function areDisjoint(one: Standing, other: Standing, depth = 0): boolean {
  if (one.of.type !== other.of.type) return true
  if (refusesAllValues(one, other) || refusesAllValues(other, one)) return true
  switch (one.of.type) {
    case 'number':
      return areNumbersApart(one.of, other.of) || areNumbersApart(other.of, one.of)
    case 'string':
      return areCountsApart(one.of, other.of, ['minLength', 'maxLength'])
    case 'array':
      return areCountsApart(one.of, other.of, ['minItems', 'maxItems'])
    case 'object':
      return depth < MAX_DEPTH && hasMemberApart(one, other, depth)
    case 'null':
    case 'boolean':
      return false
  }
}

function refusesAllValues({ of: { values } }: Standing, other: Standing): boolean {
  return values?.every((value) => !other.source.accepts(other.of.schemas, value)) ?? false
}

/** Whether a value may satisfy two of the options, which a `oneOf` would refuse. */
export function mayOverlap(options: AllOf, source: SchemaSource): boolean {
  const unfolded = options.map((option) => listAlternatives([option], source).list)
  return unfolded.some((some, index) =>
    unfolded
      .slice(index + 1)
      .some((others) =>
        some.some((one) =>
          others.some((other) => !areDisjoint({ of: one, source }, { of: other, source })),
        ),
      ),
  )
}

function areNumbersApart(one: Alternative, other: Alternative): boolean {
  const upper = findUpperBound(one.schemas)
  const lower = findLowerBound(other.schemas)
  if (!upper || !lower) return false
  return upper.at < lower.at || (upper.at === lower.at && (upper.isExclusive || lower.isExclusive))
}

type Counts =
  | readonly ['minLength', 'maxLength']
  | readonly ['minItems', 'maxItems']

function areCountsApart(one: Alternative, other: Alternative, [least, most]: Counts): boolean {
  return (
    findMost(one.schemas, most) < findLeast(other.schemas, least) ||
    findMost(other.schemas, most) < findLeast(one.schemas, least)
  )
}

function hasMemberApart(one: Standing, other: Standing, depth: number): boolean {
  const names = listMemberNames([...one.of.schemas, ...other.of.schemas])
  return names.some((name) => {
    if (!isRequired([...one.of.schemas, ...other.of.schemas], name)) return false
    const some = listAlternatives(schemasOfMember(one.of.schemas, name), one.source).list
    const others = listAlternatives(schemasOfMember(other.of.schemas, name), other.source).list
    return some.every((mine) =>
      others.every((its) =>
        areDisjoint({ of: mine, source: one.source }, { of: its, source: other.source }, depth + 1),
      ),
    )
  })
}

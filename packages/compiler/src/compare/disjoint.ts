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
  const unfolded = options.map((option) =>
    listAlternatives([option], source).list.map((one): Standing => ({ of: one, source })),
  )
  return unfolded.some((some, index) =>
    unfolded.slice(index + 1).some((others) => !areAllApart(some, others, 0)),
  )
}

function areNumbersApart(one: Alternative, other: Alternative): boolean {
  const upper = findUpperBound(one.schemas)
  const lower = findLowerBound(other.schemas)
  if (!upper || !lower) return false
  return upper.at < lower.at || (upper.at === lower.at && (upper.isExclusive || lower.isExclusive))
}

type Counts = readonly ['minLength', 'maxLength'] | readonly ['minItems', 'maxItems']

function areCountsApart(one: Alternative, other: Alternative, [least, most]: Counts): boolean {
  return (
    findMost(one.schemas, most) < findLeast(other.schemas, least) ||
    findMost(other.schemas, most) < findLeast(one.schemas, least)
  )
}

function hasMemberApart(one: Standing, other: Standing, depth: number): boolean {
  const schemas = [...one.of.schemas, ...other.of.schemas]
  return listMemberNames(schemas).some(
    (name) =>
      isRequired(schemas, name) &&
      areAllApart(standingsOfMember(one, name), standingsOfMember(other, name), depth + 1),
  )
}

/** Whether members such as a discriminator tell them apart: those that have few values. */
export function haveOtherValues(one: Standing, other: Standing): boolean {
  return listMemberNames([...one.of.schemas, ...other.of.schemas]).some((name) => {
    const [some, others] = [standingsOfMember(one, name), standingsOfMember(other, name)]
    return [...some, ...others].every(({ of }) => of.values) && areAllApart(some, others, 1)
  })
}

function standingsOfMember({ of, source }: Standing, name: string): Standing[] {
  return listAlternatives(schemasOfMember(of.schemas, name), source).list.map((member) => ({
    of: member,
    source,
  }))
}

function areAllApart(some: readonly Standing[], others: readonly Standing[], depth: number) {
  return some.every((one) => others.every((other) => areDisjoint(one, other, depth)))
}

import { joinName } from './schema-names.ts'
import type { CheckedType, Property, TypeReader } from './type-reader.ts'

/** More members than these make no readable name. */
const MAX_MEMBERS_IN_NAME = 3

/**
 * Names for the records of a union that have none: after the value that tells them apart, else after
 * the members that the others lack, else after their place in the order of their texts.
 */
export function nameAlternatives(
  union: string,
  records: readonly CheckedType[],
  types: TypeReader,
): ReadonlyMap<CheckedType, string> {
  const all = records.map((type) => listProperties(type, types))
  const wanted = all.map((properties) => {
    const word = findOwnValue(properties, all, types) ?? findOwnMembers(properties, all)
    return word === undefined ? undefined : joinName(union, word)
  })
  const names = new Map<CheckedType, string>()
  const rest: CheckedType[] = []
  for (const [index, type] of records.entries()) {
    const name = wanted[index]
    const isAlone = wanted.filter((each) => each === name).length === 1
    if (name !== undefined && isAlone) names.set(type, name)
    else rest.push(type)
  }
  const texts = rest.length > 1 ? rest.map((type) => ({ type, text: types.textOf(type) })) : []
  const sorted = texts.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ type }) => type)
  for (const type of rest) names.set(type, joinName(union, String(sorted.indexOf(type) + 1 || 1)))
  return names
}

function listProperties(type: CheckedType, types: TypeReader): readonly Property[] {
  return types.propertiesOf(type).filter(({ key }) => key === 'string')
}

/** The value of the first member that is a constant of its own in each of the records. */
function findOwnValue(
  properties: readonly Property[],
  all: readonly (readonly Property[])[],
  types: TypeReader,
): string | undefined {
  for (const { name } of properties) {
    const values = all.map((each) => {
      const shape = each.find((other) => other.name === name && !other.isOptional)
      const kind = shape && types.shapeOf(shape.type)
      return kind?.kind === 'literal' ? String(kind.value) : undefined
    })
    const own = values[all.indexOf(properties)]
    if (own !== undefined && values.filter((value) => value === own).length === 1) return own
  }
  return undefined
}

function findOwnMembers(
  properties: readonly Property[],
  all: readonly (readonly Property[])[],
): string | undefined {
  const others = all.filter((each) => each !== properties).flat()
  const own = properties
    .map(({ name }) => name)
    .filter((name) => !others.some((o) => o.name === name))
  return own.length === 0 ? undefined : `with-${own.slice(0, MAX_MEMBERS_IN_NAME).join('-')}`
}

import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonSchema } from '../model/model.ts'
import { listAlternatives, type Alternative } from './alternatives.ts'
import type { Comparison } from './comparison.ts'
import { isRequired, listMemberNames, schemasOfMember } from './members.ts'

const MAX_VALUES = 32

/**
 * Takes an object apart by the values of a member that has few of them, such as a discriminator: each
 * part may fit another of the alternatives. Undefined when there is no such member.
 */
export function splitByMember(
  one: Alternative,
  others: readonly Alternative[],
  comparison: Comparison,
): readonly Alternative[] | undefined {
  if (one.type !== 'object') return undefined
  const mentioned = new Set(others.flatMap(({ schemas }) => listMemberNames(schemas)))
  for (const name of listMemberNames(one.schemas)) {
    if (!mentioned.has(name)) continue
    const values = listMemberValues(one.schemas, name, comparison)
    const isOptional = !isRequired(one.schemas, name)
    if (!values || values.length > MAX_VALUES || values.length + Number(isOptional) < 2) continue
    const parts = values.map((value): JsonSchema => ({
      properties: { [name]: { const: value } },
      required: [name],
    }))
    const absent = { properties: { [name]: { not: {} } } }
    return [...parts, ...(isOptional ? [absent] : [])].map((part) => ({
      type: 'object',
      schemas: [...one.schemas, part],
    }))
  }
  return undefined
}

function listMemberValues(
  schemas: readonly JsonSchema[],
  name: string,
  { written }: Comparison,
): readonly Json[] | undefined {
  const { list, inexact } = listAlternatives(schemasOfMember(schemas, name), written)
  if (inexact !== undefined || list.some(({ values }) => values === undefined)) return undefined
  // Two alternatives may have the same value: parts that are no smaller would be taken apart for ever.
  return list
    .flatMap(({ values = [] }) => values)
    .filter((value, index, all) => all.findIndex((one) => isDeepStrictEqual(one, value)) === index)
}

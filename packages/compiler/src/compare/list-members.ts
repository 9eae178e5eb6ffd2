import { listAlternatives } from './alternatives.ts'
import type { Side } from './comparison.ts'
import {
  countPlaces,
  listMemberNames,
  schemasOfItem,
  schemasOfMember,
  writeMember,
} from './members.ts'
import { isRecord, type AllOf } from './schema-source.ts'

const MAX_DEPTH = 12

/** The paths of all members that a schema mentions; those of a recursive type once. */
export function listMembers({ all, source }: Side): ReadonlySet<string> {
  const paths = new Set<string>()
  const walk = (schemas: AllOf, path: string, above: readonly unknown[]): void => {
    const targets = schemas.map((schema) =>
      typeof schema === 'object' && schema.$ref ? source.resolve(schema.$ref) : schema,
    )
    if (schemas.length === 0 || above.length > MAX_DEPTH) return
    if (targets.some((one) => isRecord(one) && above.includes(one))) return
    const below = [...above, ...targets]
    for (const { type, schemas: flat } of listAlternatives(schemas, source).list) {
      if (type === 'array')
        for (let index = 0; index <= countPlaces(flat); index++)
          walk(
            schemasOfItem(flat, index),
            index === countPlaces(flat) ? `${path}[]` : `${path}[${index}]`,
            below,
          )
      if (type !== 'object') continue
      for (const name of listMemberNames(flat)) {
        const member = path + writeMember(name)
        paths.add(member)
        walk(schemasOfMember(flat, name), member, below)
      }
    }
  }
  walk(all, '$', [])
  return paths
}

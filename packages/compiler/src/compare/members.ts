import type { JsonSchema } from '../model/model.ts'
import type { AllOf, Schema } from './schema-source.ts'

/** What objects that satisfy all these schemas may hold under a name. */
export function schemasOfMember(schemas: readonly JsonSchema[], name: string): AllOf {
  return schemas.flatMap((schema): AllOf => {
    const own = pickMember(schema.properties, name)
    const matching = Object.entries(schema.patternProperties ?? {})
      .filter(([pattern]) => new RegExp(pattern, 'u').test(name))
      .map(([, member]) => member)
    const named = [...own, ...matching]
    return named.length > 0 ? named : toList(schema.additionalProperties)
  })
}

/** What they may hold under names that no schema mentions. */
export function schemasOfOtherMembers(schemas: readonly JsonSchema[]): AllOf {
  return schemas.flatMap((schema) => toList(schema.additionalProperties))
}

/** What arrays that satisfy all these schemas may hold at a place. */
export function schemasOfItem(schemas: readonly JsonSchema[], index: number): AllOf {
  return schemas.flatMap((schema): AllOf => {
    const { items } = schema
    if (!isTuple(items)) return toList(items)
    const own = items[index]
    return own === undefined ? toList(schema.additionalItems) : [own]
  })
}

/** How many places of an array have a schema of their own. */
export function countPlaces(schemas: readonly JsonSchema[]): number {
  return Math.max(0, ...schemas.map(({ items }) => (isTuple(items) ? items.length : 0)))
}

export function listMemberNames(schemas: readonly JsonSchema[]): string[] {
  const names = schemas.flatMap(({ properties, required = [] }) => [
    ...Object.keys(properties ?? {}),
    ...required,
  ])
  return [...new Set(names)]
}

export function isRequired(schemas: readonly JsonSchema[], name: string): boolean {
  return schemas.some(({ required = [] }) => required.includes(name))
}

export function listPatterns(schemas: readonly JsonSchema[]): string[] {
  return [...new Set(schemas.flatMap((schema) => Object.keys(schema.patternProperties ?? {})))]
}

/** Undefined when none of them says something of the name. */
export function isMentioned(schemas: readonly JsonSchema[], name: string): boolean {
  return schemas.some(
    ({ properties, patternProperties, additionalProperties }) =>
      pickMember(properties, name).length > 0 ||
      additionalProperties !== undefined ||
      Object.keys(patternProperties ?? {}).some((pattern) => new RegExp(pattern, 'u').test(name)),
  )
}

function isTuple(
  items: JsonSchema['items'],
): items is Exclude<JsonSchema['items'], JsonSchema | undefined> {
  return Array.isArray(items)
}

/** What stands there, if anything. A name such as `constructor` is no member of every object. */
export function pickMember(
  members: Readonly<Record<string, Schema>> | undefined,
  name: string,
): AllOf {
  return toList(members && Object.hasOwn(members, name) ? members[name] : undefined)
}

function toList(schema: Schema | undefined): AllOf {
  return schema === undefined ? [] : [schema]
}

/** `.name`, or `["content-type"]` where a dot will not do. */
export function writeMember(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

import { createHash } from 'node:crypto'
import type { JsonSchema } from '../../model/model.ts'
import { SCHEMA_REF_PREFIX } from '../../model/model.ts'
import type { CheckedType, TypeReader } from './type-reader.ts'

/** Longer names of type arguments are cut, and told apart by a hash of what was cut. */
const MAX_ARGUMENT_LENGTH = 48

/** How deep type arguments are spelled out in a name. */
const MAX_ARGUMENT_DEPTH = 4

/** A schema that is to have a name, and the references to it, while types are walked. */
export interface SchemaEntry {
  /** What it would be called if it were alone. */
  readonly baseName: string
  /** File and place of its declaration: the same whatever the order of reading. */
  readonly declaredAt: string
  /** Undefined while its type is being walked. */
  schema: JsonSchema | undefined
  readonly references: JsonSchema[]
}

/** A schema that is to have a name, and the references to it, all of which are known by themselves. */
export interface NamedSchema {
  readonly baseName: string
  readonly declaredAt: string
  readonly schema: JsonSchema
  readonly references: readonly JsonSchema[]
  /** The same for those that say the same of the same declaration, whoever read them. */
  readonly identity: string
}

/** The letters of a name that JSON pointers, AsyncAPI and generators of code all take. */
export function cleanName(text: string): string {
  const clean = text.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^_+|_+$/g, '')
  return clean === '' ? 'Type' : clean
}

/** `Page` and `created_at` make `PageCreatedAt`; `Page_string` and `items` make `Page_string_Items`. */
export function joinName(parent: string, member: string): string {
  const words = member.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return parent.includes('_') ? `${parent}_${pascal || 'Member'}` : `${parent}${pascal || 'Member'}`
}

/** `Page<Verdict, string>` is `Page_Verdict_string`. */
export function nameInstance(
  name: string,
  typeArguments: readonly CheckedType[],
  types: TypeReader,
): string {
  const parts = typeArguments.map((each) => nameArgument(each, types, 0))
  return [cleanName(name), ...parts].join('_')
}

function nameArgument(type: CheckedType, types: TypeReader, depth: number): string {
  const name = shorten(spellArgument(type, types, depth))
  return cleanName(name)
}

function spellArgument(type: CheckedType, types: TypeReader, depth: number): string {
  if (depth > MAX_ARGUMENT_DEPTH) return 'Type'
  const shape = types.shapeOf(type)
  const isList = shape.kind === 'array' || shape.kind === 'tuple'
  const name = types.nameOf(type)
  const spell = (each: CheckedType) => spellArgument(each, types, depth + 1)
  if (name !== undefined && !(isList && name.isLibrary))
    return [name.name, ...name.typeArguments.map(spell)].join('_')
  switch (shape.kind) {
    case 'literal':
      return String(shape.value)
    case 'array':
      return `${spell(shape.element)}_Array`
    case 'tuple':
      return [...shape.elements.map((each) => spell(each.type)), 'Tuple'].join('_')
    case 'union':
      return shape.members.map(spell).sort().join('_or_')
    case 'intersection':
      return shape.members.map(spell).join('_and_')
    case 'template':
      return 'template'
    case 'object':
      return types
        .propertiesOf(type)
        .filter(({ key }) => key === 'string')
        .map((property) => `${property.name}_${spell(property.type)}`)
        .join('_')
    default:
      return shape.kind
  }
}

function shorten(text: string): string {
  if (text.length <= MAX_ARGUMENT_LENGTH) return text
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return `${text.slice(0, MAX_ARGUMENT_LENGTH - 9)}_${hash}`
}

export interface NamedSchemas {
  /** In order of the names. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** A schema whose references bear the names that were given. */
  readonly rename: (schema: JsonSchema) => JsonSchema
}

/**
 * Gives every schema its name. Those that say the same of the same declaration are one. A name that one
 * schema wants is its own; where several want one, each is called after its file too, so that no name
 * changes its meaning when a file is added.
 */
export function nameSchemas(all: Iterable<NamedSchema>): NamedSchemas {
  const twins = [...Map.groupBy(all, ({ identity }) => identity).values()]
  const wanted = Map.groupBy(twins, ([first]) => first?.baseName ?? '')
  const taken = new Set([...wanted].flatMap(([name, group]) => (group.length === 1 ? [name] : [])))
  const named: [name: string, schema: JsonSchema][] = []
  const renamed = new Map<object, string>()
  for (const [baseName, group] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const entries of group.sort(compareIdentities)) {
      const [first] = entries
      if (!first) continue
      const name = group.length === 1 ? baseName : findFreeName(first, taken)
      taken.add(name)
      named.push([name, first.schema])
      if (name === baseName) continue
      for (const { references } of entries)
        for (const reference of references) renamed.set(reference, SCHEMA_REF_PREFIX + name)
    }
  }
  const rename = (schema: JsonSchema): JsonSchema =>
    renamed.size === 0 ? schema : replaceReferences(schema, renamed)
  return {
    schemas: Object.fromEntries(
      named
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, schema]) => [name, { $id: name, title: name, ...rename(schema) }]),
    ),
    rename,
  }
}

/** By file and place of the declaration first. */
function compareIdentities([a]: readonly NamedSchema[], [b]: readonly NamedSchema[]): number {
  return (a?.identity ?? '') < (b?.identity ?? '') ? -1 : 1
}

/** The same, with other names in the references that are known by themselves. */
function replaceReferences<T>(value: T, names: ReadonlyMap<object, string>): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each: unknown) => replaceReferences(each, names)) as T
  const members = Object.entries(value).map(([name, member]: [string, unknown]) => [
    name,
    replaceReferences(member, names),
  ])
  const $ref = names.get(value)
  return { ...(Object.fromEntries(members) as T), ...($ref !== undefined && { $ref }) }
}

/** `Page_read` for the `Page` of `actors/read.ts`; with its folders, then a number, if that is taken. */
function findFreeName(entry: NamedSchema, taken: ReadonlySet<string>): string {
  const path = entry.declaredAt
    .replace(/:\d*$/, '')
    .replace(/(?:\.d)?\.[cm]?tsx?$/, '')
    .split('/')
    .filter((part) => part !== '..' && part !== 'node_modules')
  for (let count = 1; count <= path.length; count++) {
    const name = `${entry.baseName}_${cleanName(path.slice(-count).join('_'))}`
    if (!taken.has(name)) return name
  }
  for (let number = 2; ; number++) {
    const name = `${entry.baseName}_${number}`
    if (!taken.has(name)) return name
  }
}

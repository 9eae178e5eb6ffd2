import { createHash } from 'node:crypto'
import type { JsonSchema } from '../../model/model.ts'
import { SCHEMA_REF_PREFIX } from '../../model/model.ts'
import type { CheckedType, TypeReader } from './type-reader.ts'

/** Longer names of type arguments are cut, and told apart by a hash of what was cut. */
const MAX_ARGUMENT_LENGTH = 48

/** How deep type arguments are spelled out in a name. */
const MAX_ARGUMENT_DEPTH = 4

/** A schema that has a name, and the references to it. */
export interface NamedSchema {
  /** What it would be called if it were alone. */
  readonly baseName: string
  /** File and place of its declaration: the same whatever the order of reading. */
  readonly declaredAt: string
  /** Undefined while its type is being walked. */
  schema: JsonSchema | undefined
  readonly references: { $ref: string }[]
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

/**
 * Gives every schema its name, and puts it into the references. A name that one schema wants is its
 * own; where several want one, each is called after its file too, so that no name changes its meaning
 * when a file is added.
 */
export function assignNames(entries: Iterable<NamedSchema>): Record<string, JsonSchema> {
  const wanted = Map.groupBy(entries, ({ baseName }) => baseName)
  const taken = new Set([...wanted].flatMap(([name, group]) => (group.length === 1 ? [name] : [])))
  const named: [name: string, entry: NamedSchema][] = []
  for (const [baseName, group] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (group.length === 1) {
      named.push(...group.map((entry): [string, NamedSchema] => [baseName, entry]))
      continue
    }
    for (const entry of group.sort((a, b) => (a.declaredAt < b.declaredAt ? -1 : 1))) {
      const name = findFreeName(entry, taken)
      taken.add(name)
      named.push([name, entry])
    }
  }
  for (const [name, { references }] of named) {
    for (const reference of references) reference.$ref = SCHEMA_REF_PREFIX + name
  }
  return Object.fromEntries(
    named
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { schema }]) => [name, { $id: name, title: name, ...schema }]),
  )
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

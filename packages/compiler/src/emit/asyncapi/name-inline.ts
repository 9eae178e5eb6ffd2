import type { JsonSchema } from '../../model/model.ts'
import { findFreeName } from './type-name.ts'

/**
 * Gives a schema its name, and one to every schema inside it of which generators make a type of their
 * own (objects, enumerations, constants, alternatives): without `$id` the parser calls them
 * `<anonymous-schema-7>`, without `title` Modelina calls them `AnonymousSchema_7`. Inner names are the
 * outer one and the member's: `Page`, `PageMeta`, `PageLinksItem`.
 *
 * @param isTaken whether a name is somebody else's; the names that are given are told to `take`
 */
export function nameSchema(schema: JsonSchema, name: string, names: NameRegister): JsonSchema {
  const inside = nameInside(schema, name, names)
  // First, as a reader expects it.
  const { $id = name, title = name, ...rest } = inside
  return { $id, title, ...rest }
}

/** The names of one document. */
export interface NameRegister {
  readonly isTaken: (name: string) => boolean
  readonly take: (name: string) => void
}

function nameInner(schema: JsonSchema, path: string, names: NameRegister): JsonSchema {
  if (schema.$ref !== undefined) return schema
  if (!isTypeOfItsOwn(schema)) return nameInside(schema, path, names)
  const name = findFreeName(path, names.isTaken)
  names.take(name)
  return nameSchema(schema, name, names)
}

function isTypeOfItsOwn(schema: JsonSchema): boolean {
  if (schema.type === 'object') return true
  return TYPE_KEYWORDS.some((keyword) => Object.hasOwn(schema, keyword))
}

const TYPE_KEYWORDS = ['properties', 'enum', 'const', 'oneOf', 'anyOf', 'allOf'] as const

function nameInside(schema: JsonSchema, path: string, names: NameRegister): JsonSchema {
  const named: Record<string, unknown> = { ...schema }
  for (const [keyword, value] of Object.entries(schema)) {
    const suffix = SUFFIXES[keyword]
    if (keyword === 'properties' || keyword === 'patternProperties') {
      named[keyword] = nameMembers(value as Members, path, names)
    } else if (suffix !== undefined && Array.isArray(value)) {
      named[keyword] = (value as readonly JsonSchema[]).map((part, index) =>
        nameInner(part, `${path}${suffix}${index + 1}`, names),
      )
    } else if (suffix !== undefined && typeof value === 'object') {
      named[keyword] = nameInner(value as JsonSchema, `${path}${suffix}`, names)
    }
  }
  return named
}

/** Keywords that hold schemas, and what stands in their names. */
const SUFFIXES: Readonly<Record<string, string>> = {
  items: 'Item',
  additionalItems: 'Item',
  additionalProperties: 'Value',
  allOf: 'Part',
  anyOf: 'Option',
  oneOf: 'Option',
  not: 'Not',
}

type Members = Readonly<Record<string, JsonSchema>>

function nameMembers(members: Members, path: string, names: NameRegister): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      nameInner(member, `${path}${toMemberName(name)}`, names),
    ]),
  )
}

/** `downloadedAt` → `DownloadedAt`, `content-type` → `ContentType`: letters and digits alone. */
function toMemberName(member: string): string {
  const words = member.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('') || 'Member'
}

/** An object of a document, and where it is. */
export interface Found {
  /** A JSON pointer: `#/components/schemas/Page`. */
  readonly path: string
  readonly value: Readonly<Record<string, unknown>>
  readonly isSchema: boolean
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Every object of a document, except for the data in it: examples, defaults and constants. */
export function listObjects(document: object): readonly Found[] {
  const found: Found[] = []
  visit(document, { path: '#', kind: 'part' }, found)
  return found
}

/** `part`: of AsyncAPI; `schemas`: the members are schemas by name. */
type Kind = 'part' | 'schema' | 'schemas' | 'data'

interface Place {
  readonly path: string
  readonly kind: Kind
}

function visit(value: unknown, { path, kind }: Place, found: Found[]): void {
  if (kind === 'data') return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      visit(item, { path: `${path}/${index}`, kind }, found)
    return
  }
  if (!isObject(value)) return
  found.push({ path, value, isSchema: kind === 'schema' })
  for (const [name, member] of Object.entries(value))
    visit(
      member,
      { path: `${path}/${escapePointer(name)}`, kind: kindOf(name, { path, kind }) },
      found,
    )
}

const DATA_KEYWORDS = new Set(['examples', 'default', 'enum', 'const'])

function kindOf(name: string, { path, kind }: Place): Kind {
  if (kind === 'schemas') return 'schema'
  if (kind === 'schema') {
    if (DATA_KEYWORDS.has(name)) return 'data'
    return name === 'properties' || name === 'patternProperties' ? 'schemas' : 'schema'
  }
  if (name === 'schemas' && path === '#/components') return 'schemas'
  if (name === 'payload' || name === 'headers') return 'schema'
  return name === 'examples' || name.startsWith('x-') ? 'data' : 'part'
}

function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

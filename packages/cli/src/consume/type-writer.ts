import {
  isNodeObject,
  parsePointer,
  valueAt,
  type Node,
  type NodeObject,
  type Pointer,
} from './asyncapi-document.ts'
import { toTypeName } from './names.ts'

/** Where documents keep their named schemas. */
const SCHEMAS = ['components', 'schemas']

/**
 * TypeScript from the schemas of one document (draft-07 and what AsyncAPI adds). A named schema
 * becomes a type of that name; an object without a word on other members is closed, as its author
 * meant it who wrote a type; what may be anything is `Json`. Keywords that no type can say stand in the
 * doc comments, where `asya build` reads them again.
 */
export class TypeWriter {
  readonly #root: NodeObject
  readonly #used: Set<string>
  /** By the reference in the document. */
  readonly #names = new Map<string, string>()
  readonly #declarations = new Map<string, string>()
  #usesJson = false

  /** @param taken names that are not free for types */
  constructor(root: NodeObject, taken: readonly string[]) {
    this.#root = root
    this.#used = new Set([...RESERVED, ...taken])
    const schemas = valueAt(root, SCHEMAS)
    // First, so that they keep their names whatever else is referred to.
    if (isNodeObject(schemas))
      for (const name of Object.keys(schemas).sort()) this.#name([...SCHEMAS, name])
  }

  /** Whether `Json` was written: it must be declared or imported then. */
  get usesJson(): boolean {
    return this.#usesJson
  }

  /** Everything that was referred to, in order of the names. */
  get declarations(): readonly string[] {
    return [...this.#declarations].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  }

  /** The type of a schema, as it stands after a colon. */
  write(schema: Node, indent = ''): string {
    if (!isNodeObject(schema)) return schema === false ? 'never' : this.#anything()
    const reference = schema['$ref']
    if (typeof reference === 'string') return this.#refer(reference)
    const parts = [
      ...this.#writeValues(schema),
      ...this.#writeCombinations(schema, indent),
      ...this.#writeKinds(schema, indent),
    ]
    const whole = parts.length === 0 ? this.#anything() : parts.map(wrapUnion).join(' & ')
    // Not of draft-07, but of many documents.
    return schema['nullable'] === true ? joinUnion([whole, 'null']) : whole
  }

  #anything(): string {
    this.#usesJson = true
    return 'Json'
  }

  #refer(reference: string): string {
    const pointer = parsePointer(reference)
    const typeName = this.#name(pointer)
    if (!this.#declarations.has(typeName)) {
      // A type may refer to itself.
      this.#declarations.set(typeName, '')
      this.#declarations.set(
        typeName,
        this.#declare(typeName, valueAt(this.#root, pointer) ?? true),
      )
    }
    return typeName
  }

  #name(pointer: Pointer): string {
    const place = pointer.join('/')
    const known = this.#names.get(place)
    if (known !== undefined) return known
    const wanted = toTypeName(String(pointer.at(-1)))
    let free = wanted
    for (let n = 2; this.#used.has(free); n++) free = `${wanted}${n}`
    this.#used.add(free)
    this.#names.set(place, free)
    return free
  }

  #declare(typeName: string, schema: Node): string {
    const comment = isNodeObject(schema) ? writeComment(schema, '') : ''
    const type = this.write(schema)
    // One object literal, not an intersection that begins with one.
    const isInterface = type.startsWith('{') && isPlainObject(schema)
    return isInterface
      ? `${comment}export interface ${typeName} ${type}`
      : `${comment}export type ${typeName} = ${type}`
  }

  #writeValues(schema: NodeObject): string[] {
    if ('const' in schema) return [writeLiteral(schema['const'] ?? null)]
    const values = schema['enum']
    return isList(values) ? [joinUnion(values.map(writeLiteral))] : []
  }

  #writeCombinations(schema: NodeObject, indent: string): string[] {
    const { allOf, anyOf, oneOf } = schema
    return [
      ...(isList(allOf) ? allOf.map((part) => this.write(part, indent)) : []),
      ...(isList(anyOf) ? [joinUnion(anyOf.map((part) => this.write(part, indent)))] : []),
      ...(isList(oneOf) ? [joinUnion(oneOf.map((part) => this.write(part, indent)))] : []),
    ]
  }

  #writeKinds(schema: NodeObject, indent: string): string[] {
    // Constants say more than the kind that they are of.
    if ('const' in schema || isList(schema['enum'])) return []
    const kinds = listKinds(schema)
    return kinds.length === 0
      ? []
      : [joinUnion(kinds.map((kind) => this.#writeKind(kind, schema, indent)))]
  }

  #writeKind(kind: Node, schema: NodeObject, indent: string): string {
    switch (kind) {
      case 'string':
      case 'boolean':
      case 'null':
        return kind
      case 'number':
      case 'integer':
        return 'number'
      case 'array':
        return this.#writeArray(schema, indent)
      case 'object':
        return this.#writeObject(schema, indent)
      default:
        return this.#anything()
    }
  }

  #writeArray(schema: NodeObject, indent: string): string {
    const { items, additionalItems, minItems = 0 } = schema
    if (!isList(items)) return `${wrap(this.write(items ?? true, indent))}[]`
    const elements = items.map((item, index) => {
      const type = this.write(item, indent)
      return index < Number(minItems) ? type : `${wrap(type)}?`
    })
    const isClosed = additionalItems === false || schema['maxItems'] === items.length
    const rest = isClosed ? [] : [`...${wrap(this.write(additionalItems ?? true, indent))}[]`]
    return `[${[...elements, ...rest].join(', ')}]`
  }

  #writeObject(schema: NodeObject, indent: string): string {
    const { properties, required } = schema
    const names = isList(required) ? required : []
    const inner = `${indent}  `
    const members = Object.entries(isNodeObject(properties) ? properties : {}).map(
      ([name, member = true]) => ({
        comment: isNodeObject(member) ? writeComment(member, inner) : '',
        name: /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name),
        isOptional: !names.includes(name),
        type: this.write(member, inner),
      }),
    )
    const lines = members.map(
      ({ comment, name, isOptional, type }) =>
        `${comment}${inner}${name}${isOptional ? '?' : ''}: ${type}\n`,
    )
    const others = this.#writeOthers(schema, inner, members)
    if (others !== undefined) lines.push(`${inner}[name: string]: ${others}\n`)
    return lines.length === 0 ? 'Record<string, never>' : `{\n${lines.join('')}${indent}}`
  }

  /** The type of members that have no name; wide enough for those that have one. */
  #writeOthers(
    schema: NodeObject,
    indent: string,
    members: readonly { readonly isOptional: boolean; readonly type: string }[],
  ): string | undefined {
    const { additionalProperties, patternProperties } = schema
    const patterns = Object.values(isNodeObject(patternProperties) ? patternProperties : {})
    // `{ type: object }` and no more is any object.
    const isOpen =
      additionalProperties === undefined && patterns.length === 0 && members.length === 0
    const others = isOpen ? true : (additionalProperties ?? false)
    const types = [...patterns, ...(others === false ? [] : [others])].map((each) =>
      this.write(each ?? true, indent),
    )
    if (types.length === 0) return undefined
    const named = types.includes('Json') ? [] : members.map(({ type }) => type)
    const absent = members.some(({ isOptional }) => isOptional) ? ['undefined'] : []
    return joinUnion([...types, ...named, ...absent])
  }
}

/** Names that mean something else where the types are written. */
const RESERVED = ['Json', 'Record', 'string', 'number', 'boolean', 'null', 'undefined', 'never']

const OBJECT_KEYWORDS = ['properties', 'required', 'additionalProperties', 'patternProperties']
const ARRAY_KEYWORDS = ['items', 'additionalItems']

/** The kinds that a schema names, or that its keywords speak of. */
function listKinds(schema: NodeObject): readonly Node[] {
  const { type } = schema
  if (isList(type)) return type
  if (type !== undefined) return [type]
  if (OBJECT_KEYWORDS.some((keyword) => keyword in schema)) return ['object']
  return ARRAY_KEYWORDS.some((keyword) => keyword in schema) ? ['array'] : []
}

function isPlainObject(schema: Node): boolean {
  if (!isNodeObject(schema) || schema['nullable'] === true) return false
  const isMixed = ['allOf', 'anyOf', 'oneOf', 'const', 'enum'].some((keyword) => keyword in schema)
  const kinds = listKinds(schema)
  return !isMixed && kinds.length === 1 && kinds[0] === 'object'
}

function isList(value: Node | undefined): value is readonly Node[] {
  return Array.isArray(value)
}

function writeLiteral(value: Node): string {
  if (isList(value)) return `[${value.map(writeLiteral).join(', ')}]`
  if (typeof value === 'string') return quote(value)
  if (!isNodeObject(value)) return String(value)
  const members = Object.entries(value).map(
    ([name, each = null]) => `${quote(name)}: ${writeLiteral(each)}`,
  )
  return `{ ${members.join('; ')} }`
}

/** A text as TypeScript has it. */
export function quote(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) && !/['\\]/.test(text) ? `'${text}'` : JSON.stringify(text)
}

/** Each alternative once. */
function joinUnion(types: readonly string[]): string {
  return [...new Set(types)].join(' | ')
}

/** For an element of an array: `(A | B)[]`. */
function wrap(type: string): string {
  return needsBrackets(type, [' | ', ' & ']) ? `(${type})` : type
}

function wrapUnion(type: string, _: number, all: readonly string[]): string {
  return all.length > 1 && needsBrackets(type, [' | ']) ? `(${type})` : type
}

/** Whether an operator stands outside of all brackets and quotes. */
function needsBrackets(type: string, operators: readonly string[]): boolean {
  const bare = type.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '0')
  let depth = 0
  for (let at = 0; at < bare.length; at++) {
    if ('{[(<'.includes(bare.charAt(at))) depth++
    if ('}])>'.includes(bare.charAt(at))) depth--
    if (depth === 0 && operators.some((operator) => bare.startsWith(operator, at))) return true
  }
  return false
}

/** What a type cannot say, in the tags that the build reads. */
const TAGS = ['minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'format'] as const

function writeComment(schema: NodeObject, indent: string): string {
  const { description, examples, deprecated } = schema
  const lines = typeof description === 'string' ? description.trim().split('\n') : []
  for (const tag of TAGS) {
    const value = schema[tag]
    if (typeof value === 'string' || typeof value === 'number') lines.push(`@${tag} ${value}`)
  }
  if (schema['default'] !== undefined) lines.push(`@default ${JSON.stringify(schema['default'])}`)
  for (const example of isList(examples) ? examples : [])
    lines.push(`@example ${JSON.stringify(example)}`)
  if (deprecated === true) lines.push('@deprecated')
  return writeDocComment(lines, indent)
}

/** A doc comment of these lines; nothing when there are none. */
export function writeDocComment(lines: readonly string[], indent: string): string {
  const safe = lines.map((line) => line.replaceAll('*/', '*\\/').trimEnd())
  const [only] = safe
  if (only === undefined) return ''
  if (safe.length === 1) return `${indent}/** ${only} */\n`
  const body = safe.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`)
  return `${indent}/**\n${body.join('')}${indent} */\n`
}

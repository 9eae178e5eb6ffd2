import type { JsonSchema } from '../../model/model.ts'
import { SCHEMA_REF_PREFIX } from '../../model/model.ts'
import type { Problem } from '../../model/problem.ts'
import { applyDoc } from './doc-keywords.ts'
import { findKindLoss, findRecordLoss, type Loss } from './loss.ts'
import { cleanName, joinName, nameInstance, type NamedSchema } from './schema-names.ts'
import { patternOfTemplate, patternOfKey } from './template-pattern.ts'
import type {
  CheckedType,
  Doc,
  Property,
  Shape,
  SourceNode,
  TypeName,
  TypeReader,
} from './type-reader.ts'
import { addNull, joinAlternatives, literalSchema } from './union-schema.ts'

/** Types that give birth to new ones again and again are cut off here. */
const MAX_INSTANCES = 8

/** JSON deeper than this is refused on the wire. */
const MAX_DEPTH = 120

/** Where in a payload a type stands. */
export interface Place {
  /** `$.items[]` */
  readonly path: string
  /** The nearest place in a file of the project. */
  readonly node: SourceNode
  /** What a type without a name is called here. */
  readonly name: string
  readonly depth: number
}

/** Walks types, and makes a schema of each. Named ones are walked once. */
export class SchemaWalker {
  readonly #types: TypeReader
  readonly #declared = new Map<CheckedType, NamedSchema>()
  readonly #derived = new Map<string, NamedSchema[]>()
  readonly #entries = new WeakMap<object, NamedSchema>()
  /** Types without a name that are being walked: they may contain themselves. */
  readonly #open = new Map<CheckedType, NamedSchema>()
  /** How many instances of one generic type are being walked. */
  readonly #instances = new Map<string, number>()
  #problems: Problem[] = []
  #undo: (() => void)[] = []

  constructor(types: TypeReader) {
    this.#types = types
  }

  get named(): Iterable<NamedSchema> {
    return [...this.#declared.values(), ...[...this.#derived.values()].flat()]
  }

  describe(
    type: CheckedType,
    node: SourceNode,
    name: string,
  ): { schema: JsonSchema | undefined; problems: readonly Problem[] } {
    this.#problems = []
    this.#undo = []
    const place = { path: '$', node, name: cleanName(name), depth: 0 }
    const { kind } = this.#types.shapeOf(type)
    if (kind === 'never') this.#refuse(NEVER_PAYLOAD, place)
    const schema = kind === 'never' ? {} : this.#walk(type, place)
    if (!this.#problems.some(({ severity }) => severity === 'error')) {
      return { schema, problems: this.#problems }
    }
    // What was walked may hold what was refused: the next one to ask is told again.
    for (const undo of this.#undo.reverse()) undo()
    return { schema: undefined, problems: this.#problems }
  }

  #walk(type: CheckedType, place: Place): JsonSchema {
    const shape = this.#types.shapeOf(type)
    if (place.depth > MAX_DEPTH) return this.#refuse(ENDLESS, place)
    switch (shape.kind) {
      case 'string':
      case 'number':
      case 'boolean':
      case 'null':
        return { type: shape.kind }
      case 'uppercase':
        return { type: 'string', pattern: '^[^a-z]*$' }
      case 'lowercase':
        return { type: 'string', pattern: '^[^A-Z]*$' }
      case 'literal':
        return literalSchema([shape.value])
      case 'template':
        return { type: 'string', pattern: patternOfTemplate(shape, this.#types) }
      case 'union':
        return this.#walkUnion(type, shape.members, place)
      case 'intersection':
        return this.#walkIntersection(type, shape.members, place)
      case 'array':
      case 'tuple':
        return this.#walkList(type, shape, place)
      case 'object':
      case 'class':
        return this.#walkRecord(type, place)
      default:
        return this.#lose(shape.kind, type, place)
    }
  }

  #lose(kind: Parameters<typeof findKindLoss>[0], type: CheckedType, place: Place): JsonSchema {
    const isMissing = kind === 'undefined' && place.path === '$'
    const loss = isMissing ? UNDEFINED_PAYLOAD : findKindLoss(kind, this.#types.textOf(type))
    return this.#refuse(loss ?? ENDLESS, place)
  }

  #refuse({ reason, fix }: Loss, { path, node }: Place): JsonSchema {
    const { start, end } = this.#types.spanOf(node)
    const message = path === '$' ? reason : `at ${path.slice(1)} ${reason}`
    const [code, severity] = ['type-not-json', 'error'] as const
    this.#problems.push({ code, severity, message, fix, position: start, end, path })
    return {}
  }

  #walkList(
    type: CheckedType,
    shape: Extract<Shape, { kind: 'array' | 'tuple' }>,
    place: Place,
  ): JsonSchema {
    const name = this.#types.nameOf(type)
    const build = (inside: Place) =>
      shape.kind === 'array'
        ? this.#arraySchema(shape.element, inside)
        : this.#tupleSchema(shape, inside)
    return name === undefined || name.isLibrary
      ? build(place)
      : this.#refer(type, { name, place, build })
  }

  #arraySchema(element: CheckedType, place: Place): JsonSchema {
    if (this.#types.shapeOf(element).kind === 'never') return { type: 'array', maxItems: 0 }
    return { type: 'array', items: this.#walk(element, below(place, '[]', 'Item')) }
  }

  #tupleSchema({ elements }: Extract<Shape, { kind: 'tuple' }>, place: Place): JsonSchema {
    const fixed = elements.filter(({ kind }) => kind !== 'rest')
    const minItems = elements.filter(({ kind }) => kind === 'required').length
    const restAt = elements.findIndex(({ kind }) => kind === 'rest')
    const schemas = elements.map(({ type, kind }, index) => {
      const inside = below(place, '[]', String(index + 1))
      // An element that may be left out is not one that may be undefined.
      return kind === 'optional' ? this.#walkPresent(type, inside) : this.#walk(type, inside)
    })
    if (restAt === -1) {
      const items = schemas.length === 0 ? {} : { items: schemas, additionalItems: false }
      return { type: 'array', ...items, minItems, maxItems: fixed.length }
    }
    const rest = schemas[restAt] ?? {}
    if (restAt === schemas.length - 1) {
      const items = schemas.slice(0, -1)
      const shape = items.length === 0 ? { items: rest } : { items, additionalItems: rest }
      return { type: 'array', ...shape, minItems }
    }
    // Draft-07 cannot say what stands after a rest: of those, each may be any of them.
    return {
      type: 'array',
      ...(restAt === 0 ? {} : { items: schemas.slice(0, restAt) }),
      ...(restAt === 0
        ? { items: this.#join(schemas) }
        : { additionalItems: this.#join(schemas.slice(restAt)) }),
      minItems,
    }
  }

  #walkIntersection(type: CheckedType, members: readonly CheckedType[], place: Place): JsonSchema {
    const main = members.find((each) => {
      const { kind } = this.#types.shapeOf(each)
      return kind !== 'object' && kind !== 'class' && kind !== 'intersection'
    })
    if (main === undefined) return this.#walkRecord(type, place)
    // A brand: what marks it exists for the compiler alone.
    const schema = this.#walk(main, place)
    const doc = this.#types.nameOf(type)?.doc
    return doc === undefined ? schema : this.#annotate(schema, doc)
  }

  #walkRecord(type: CheckedType, place: Place): JsonSchema {
    const properties = this.#types.propertiesOf(type)
    const loss = findRecordLoss(type, properties, this.#types)
    if (loss !== undefined) return this.#refuse(loss, place)
    if (this.#types.shapeOf(type).kind === 'class') {
      const reason = `an instance of the class ${this.#types.textOf(type)} does not survive JSON`
      return this.#refuse({ reason, fix: 'write an interface of what it holds' }, place)
    }
    const build = (inside: Place) => this.#recordSchema(type, properties, inside)
    const name = this.#types.nameOf(type)
    const isDictionary = properties.length === 0
    if (name !== undefined && !(isDictionary && name.isLibrary)) {
      return this.#refer(type, { name, place, build })
    }
    return isDictionary && place.path !== '$' ? build(place) : this.#refer(type, { place, build })
  }

  #recordSchema(type: CheckedType, all: readonly Property[], place: Place): JsonSchema {
    const properties: [string, JsonSchema][] = []
    const required: string[] = []
    for (const property of all) {
      if (property.key !== 'string' || this.#isAlwaysLeftOut(property)) continue
      const inside = this.#memberPlace(property, place)
      if (property.isHidden) {
        this.#refuse(HIDDEN, inside)
        continue
      }
      const { type: memberType } = property
      const canBeMissing = property.isOptional || this.#canBeUndefined(memberType)
      const schema = canBeMissing
        ? this.#walkPresent(memberType, inside)
        : this.#walk(memberType, inside)
      properties.push([property.name, this.#annotate(schema, property.doc)])
      if (!canBeMissing) required.push(property.name)
    }
    return {
      type: 'object',
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(required.length === 0 ? {} : { required }),
      ...this.#indexKeywords(type, place),
    }
  }

  #memberPlace({ name, declaration }: Property, place: Place): Place {
    const node = this.#nearestNode(declaration, place)
    return { ...below(place, memberPath(name), name), node }
  }

  /** What an author cannot change is not where to look. */
  #nearestNode(declaration: SourceNode | undefined, { node }: Place): SourceNode {
    if (declaration === undefined) return node
    return this.#types.spanOf(declaration).isOwn ? declaration : node
  }

  /** As TypeScript fills up unions of object literals: `{ kind: 'x'; other?: undefined }`. */
  #isAlwaysLeftOut({ type, isOptional }: Property): boolean {
    const { kind } = this.#types.shapeOf(type)
    return kind === 'undefined' || (isOptional && kind === 'never')
  }

  #canBeUndefined(type: CheckedType): boolean {
    const shape = this.#types.shapeOf(type)
    if (shape.kind !== 'union') return shape.kind === 'undefined'
    return shape.members.some((each) => this.#types.shapeOf(each).kind === 'undefined')
  }

  #indexKeywords(type: CheckedType, place: Place): JsonSchema {
    const patterns: [string, JsonSchema][] = []
    let rest: JsonSchema | false | undefined
    for (const { key, value } of this.#types.indexInfosOf(type)) {
      const keyShape = this.#types.shapeOf(key)
      if (keyShape.kind === 'symbol') continue
      const inside = below(place, '.*', 'Value')
      const isNever = this.#types.shapeOf(value).kind === 'never'
      const schema = isNever ? false : this.#walkPresent(value, inside)
      if (keyShape.kind === 'string') rest = schema
      else
        patterns.push([
          patternOfKey(keyShape, this.#types),
          schema === false ? { not: {} } : schema,
        ])
    }
    return {
      ...(patterns.length === 0 ? {} : { patternProperties: Object.fromEntries(patterns.sort()) }),
      ...(rest === undefined ? {} : { additionalProperties: rest }),
    }
  }

  /** The schema of a value that is there: that it may be missing is said elsewhere. */
  #walkPresent(type: CheckedType, place: Place): JsonSchema {
    if (!this.#canBeUndefined(type)) return this.#walk(type, place)
    const shape = this.#types.shapeOf(type)
    const members = shape.kind === 'union' ? shape.members : []
    const hasNull = members.some((each) => this.#types.shapeOf(each).kind === 'null')
    const rest = this.#types.withoutNullish(type)
    if (this.#types.shapeOf(rest).kind === 'never') return { type: 'null' }
    const schema = this.#walk(rest, place)
    return hasNull ? addNull(schema) : schema
  }

  #walkUnion(type: CheckedType, members: readonly CheckedType[], place: Place): JsonSchema {
    const [first, second] = members
    if (first !== undefined && second === undefined) return this.#walk(first, place)
    const name = this.#types.nameOf(type)
    const kinds = members.map((each) => this.#types.shapeOf(each).kind)
    if (kinds.includes('undefined')) {
      return this.#refuse(place.path === '$' ? UNDEFINED_PAYLOAD : UNDEFINED, place)
    }
    const build = (inside: Place) => this.#unionSchema(members, inside)
    if (name !== undefined && !name.isLibrary) return this.#refer(type, { name, place, build })
    if (kinds.includes('null')) return addNull(this.#walk(this.#types.withoutNullish(type), place))
    const isWorthAName =
      kinds.every((kind) => kind === 'literal') || members.some((each) => this.#isRecord(each))
    return isWorthAName ? this.#refer(type, { place, build }) : build(place)
  }

  #isRecord(type: CheckedType): boolean {
    const { kind } = this.#types.shapeOf(type)
    return kind === 'object' || kind === 'intersection'
  }

  #unionSchema(members: readonly CheckedType[], place: Place): JsonSchema {
    const literals: (string | number | boolean)[] = []
    const others: JsonSchema[] = []
    for (const member of members) {
      const shape = this.#types.shapeOf(member)
      if (shape.kind === 'literal') literals.push(shape.value)
      else others.push(this.#walk(member, this.#alternativePlace(member, place)))
    }
    const alternatives = literals.length === 0 ? others : [literalSchema(literals), ...others]
    return this.#join(alternatives)
  }

  /** A member of a union without a name is called after what tells it apart. */
  #alternativePlace(type: CheckedType, place: Place): Place {
    const inside = { ...place, depth: place.depth + 1 }
    if (!this.#isRecord(type) || this.#types.nameOf(type) !== undefined) return inside
    const properties = this.#types.propertiesOf(type)
    for (const { type: memberType, isOptional } of properties) {
      const shape = this.#types.shapeOf(memberType)
      if (shape.kind === 'literal' && !isOptional) {
        return { ...inside, name: joinName(place.name, String(shape.value)) }
      }
    }
    const names = properties.filter(({ key }) => key === 'string').map(({ name }) => name)
    return { ...inside, name: joinName(place.name, `with-${names.join('-')}`) }
  }

  #join(alternatives: readonly JsonSchema[]): JsonSchema {
    return joinAlternatives(alternatives, this.#sortKey, this.#resolve)
  }

  #annotate(schema: JsonSchema, doc: Doc): JsonSchema {
    return applyDoc(schema, doc)
  }

  /** Walks a type that is described under a name, and gives a reference to it. */
  #refer(
    type: CheckedType,
    use: { name?: TypeName; place: Place; build: (inside: Place) => JsonSchema },
  ): JsonSchema {
    const known = use.name ? this.#declared.get(type) : this.#open.get(type)
    if (known !== undefined) return this.#referTo(known)
    return use.name
      ? this.#enterDeclared(type, { ...use, name: use.name })
      : this.#enterDerived(type, use)
  }

  #enterDeclared(
    type: CheckedType,
    use: { name: TypeName; place: Place; build: (inside: Place) => JsonSchema },
  ): JsonSchema {
    const { name, place } = use
    const baseName = nameInstance(name.name, name.typeArguments, this.#types)
    const depth = (this.#instances.get(name.declaredAt) ?? 0) + 1
    if (name.typeArguments.length > 0 && depth > MAX_INSTANCES && !name.isLibrary) {
      return this.#refuse(ENDLESS, place)
    }
    const entry: NamedSchema = {
      baseName,
      declaredAt: name.declaredAt,
      schema: undefined,
      references: [],
    }
    this.#declared.set(type, entry)
    this.#undo.push(() => this.#declared.delete(type))
    this.#instances.set(name.declaredAt, depth)
    const node = this.#nearestNode(name.declaration, place)
    const inside = { ...place, name: baseName, node }
    entry.schema = this.#annotate(use.build(inside), name.doc)
    this.#instances.set(name.declaredAt, depth - 1)
    return this.#referTo(entry)
  }

  #enterDerived(
    type: CheckedType,
    { place, build }: { place: Place; build: (inside: Place) => JsonSchema },
  ): JsonSchema {
    const { start } = this.#types.spanOf(place.node)
    const declaredAt = `${start.file}:${String(start.line).padStart(9, '0')}`
    const entry: NamedSchema = {
      baseName: place.name,
      declaredAt,
      schema: undefined,
      references: [],
    }
    this.#open.set(type, entry)
    entry.schema = build(place)
    this.#open.delete(type)
    const namesakes = this.#derived.get(place.name) ?? []
    const twin = namesakes.find((each) => this.#isSame(each, entry))
    if (twin !== undefined) {
      twin.references.push(...entry.references)
      return this.#referTo(twin)
    }
    this.#derived.set(place.name, [...namesakes, entry])
    this.#undo.push(() => this.#derived.set(place.name, namesakes))
    return this.#referTo(entry)
  }

  #isSame(a: NamedSchema, b: NamedSchema): boolean {
    return (
      a.schema !== undefined &&
      b.schema !== undefined &&
      this.#sortKey(a.schema) === this.#sortKey(b.schema)
    )
  }

  #referTo(entry: NamedSchema): JsonSchema {
    const reference = { $ref: SCHEMA_REF_PREFIX + entry.baseName }
    entry.references.push(reference)
    this.#entries.set(reference, entry)
    return reference
  }

  /** Orders alternatives by what they are, not by when they were met. */
  readonly #sortKey = (schema: JsonSchema): string =>
    JSON.stringify(schema, (_, value: unknown) => {
      const entry = isObject(value) ? this.#entries.get(value) : undefined
      return entry === undefined ? value : [entry.baseName, entry.declaredAt]
    })

  readonly #resolve = (reference: JsonSchema): JsonSchema | undefined =>
    this.#entries.get(reference)?.schema
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function below(place: Place, step: string, name: string): Place {
  return {
    path: place.path + step,
    node: place.node,
    name: joinName(place.name, name),
    depth: place.depth + 1,
  }
}

/** `.name`, or `["a name"]` where a dot would not do. */
function memberPath(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}

const UNDEFINED_PAYLOAD: Loss = { reason: 'a payload is never undefined', fix: 'use null' }
const UNDEFINED: Loss = { reason: 'undefined does not survive JSON', fix: 'use null' }
const NEVER_PAYLOAD: Loss = { reason: 'never is no payload', fix: 'write its type' }
const HIDDEN: Loss = { reason: 'a private member does not survive JSON', fix: 'leave it out' }
const ENDLESS: Loss = {
  reason: 'a type that never repeats has no schema',
  fix: 'let it hold itself with the same type arguments',
}

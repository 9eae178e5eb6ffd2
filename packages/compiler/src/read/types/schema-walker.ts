import type { JsonSchema } from '../../model/model.ts'
import type { Problem } from '../../model/problem.ts'
import { nameAlternatives } from './alternative-names.ts'
import { applyDoc } from './doc-keywords.ts'
import { findKindLoss, findRecordLoss, type Loss } from './loss.ts'
import { cleanName, joinName, nameInstance, type NamedSchema } from './schema-names.ts'
import { previewSchema } from './preview-schema.ts'
import { SchemaRegistry } from './schema-registry.ts'
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
import { explainUnfit } from './value-check.ts'

/** Types that give birth to new ones again and again are cut off here. */
const MAX_INSTANCES = 8

/** JSON deeper than this is refused on the wire. */
const MAX_DEPTH = 120

/** Where in a payload a type stands. */
interface Place {
  /** `$.items[]` */
  readonly path: string
  /** The nearest place in a file of the project: what an author can change. */
  readonly node: SourceNode
  /** The nearest declaration, whosever it is: the same whoever refers to it. */
  readonly declaration: SourceNode
  /** What a type without a name is called here. */
  readonly name: string
  readonly depth: number
}

/** How to describe a type, and where it stands. */
interface Use {
  readonly place: Place
  readonly build: (inside: Place) => JsonSchema
}

/** Walks types, and makes a schema of each. Named ones are walked once. */
export class SchemaWalker {
  readonly #types: TypeReader
  readonly #registry: SchemaRegistry
  /** How many instances of one generic type are being walked. */
  readonly #instances = new Map<string, number>()
  #problems: Problem[] = []
  #checks: (() => void)[] = []

  constructor(types: TypeReader) {
    this.#types = types
    this.#registry = new SchemaRegistry((type) => previewSchema(type, types))
  }

  get named(): readonly NamedSchema[] {
    return this.#registry.named
  }

  describe(
    type: CheckedType,
    node: SourceNode,
    name: string,
  ): { schema: JsonSchema | undefined; problems: readonly Problem[] } {
    this.#problems = []
    this.#checks = []
    this.#registry.begin()
    const place = { path: '$', node, declaration: node, name: cleanName(name), depth: 0 }
    const { kind } = this.#types.shapeOf(type)
    if (kind === 'never') this.#refuse(NEVER_PAYLOAD, place)
    const schema = kind === 'never' ? {} : this.#walk(type, place)
    for (const check of this.#checks) check()
    if (!this.#problems.some(({ severity }) => severity === 'error')) {
      return { schema, problems: this.#problems }
    }
    // What was walked may hold what was refused: the next one to ask is told again.
    this.#registry.revert()
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
    if (this.#problems.some((known) => known.message === message && known.path === path)) return {}
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
      : this.#referToDeclared(type, name, { place, build })
  }

  #arraySchema(element: CheckedType, place: Place): JsonSchema {
    if (this.#types.shapeOf(element).kind === 'never') return { type: 'array', maxItems: 0 }
    return { type: 'array', items: this.#walk(element, below(place, '[]', 'Item')) }
  }

  #tupleSchema({ elements }: Extract<Shape, { kind: 'tuple' }>, place: Place): JsonSchema {
    const fixed = elements.filter(({ kind }) => kind !== 'rest')
    const minItems = elements.filter(({ kind }) => kind === 'required').length
    const least = minItems === 0 ? {} : { minItems }
    const restAt = elements.findIndex(({ kind }) => kind === 'rest')
    const schemas = elements.map(({ type, kind }, index) => {
      const inside = below(place, '[]', String(index + 1))
      // An element that may be left out is not one that may be undefined.
      return kind === 'optional' ? this.#walkPresent(type, inside) : this.#walk(type, inside)
    })
    if (restAt === -1) {
      const items = schemas.length === 0 ? {} : { items: schemas, additionalItems: false }
      return { type: 'array', ...items, ...least, maxItems: fixed.length }
    }
    const rest = schemas[restAt] ?? {}
    if (restAt === schemas.length - 1) {
      const items = schemas.slice(0, -1)
      const shape = items.length === 0 ? { items: rest } : { items, additionalItems: rest }
      return { type: 'array', ...shape, ...least }
    }
    // Draft-07 cannot say what stands after a rest: of those, each may be any of them.
    return {
      type: 'array',
      ...(restAt === 0 ? {} : { items: schemas.slice(0, restAt) }),
      ...(restAt === 0
        ? { items: this.#join(schemas) }
        : { additionalItems: this.#join(schemas.slice(restAt)) }),
      ...least,
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
    return doc === undefined ? schema : this.#annotate(schema, doc, place)
  }

  #walkRecord(type: CheckedType, place: Place): JsonSchema {
    const properties = this.#types.propertiesOf(type)
    const loss = findRecordLoss(this.#types.nameOf(type), properties, this.#types)
    if (loss !== undefined) return this.#refuse(loss, place)
    if (this.#types.shapeOf(type).kind === 'class') {
      const reason = `an instance of the class ${this.#types.textOf(type)} does not survive JSON`
      return this.#refuse({ reason, fix: 'write an interface of what it holds' }, place)
    }
    const build = (inside: Place) => this.#recordSchema(type, properties, inside)
    const name = this.#types.nameOf(type)
    const isDictionary = !properties.some(({ key }) => key === 'string')
    if (name !== undefined && !(isDictionary && name.isLibrary)) {
      return this.#referToDeclared(type, name, { place, build })
    }
    return isDictionary && place.path !== '$'
      ? build(place)
      : this.#referToDerived(type, { place, build })
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
      properties.push([property.name, this.#annotate(schema, property.doc, inside)])
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
    const inside = below(place, memberPath(name), name)
    return { ...inside, node, declaration: declaration ?? place.declaration }
  }

  /** What an author cannot change is not where to look. */
  #nearestNode(declaration: SourceNode | undefined, { node }: Place): SourceNode {
    if (declaration === undefined) return node
    return this.#types.isOwn(declaration) ? declaration : node
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
    if (name !== undefined && !name.isLibrary)
      return this.#referToDeclared(type, name, { place, build })
    if (kinds.includes('null')) return addNull(this.#walk(this.#types.withoutNullish(type), place))
    const isWorthAName =
      kinds.every((kind) => kind === 'literal') || members.some((each) => this.#isRecord(each))
    return isWorthAName ? this.#referToDerived(type, { place, build }) : build(place)
  }

  #isRecord(type: CheckedType): boolean {
    const { kind } = this.#types.shapeOf(type)
    return kind === 'object' || kind === 'intersection'
  }

  #unionSchema(members: readonly CheckedType[], place: Place): JsonSchema {
    const literals: (string | number | boolean)[] = []
    const others: JsonSchema[] = []
    const unnamed = members.filter((each) => this.#isRecord(each) && !this.#types.nameOf(each))
    const names = nameAlternatives(place.name, unnamed, this.#types)
    for (const member of members) {
      const shape = this.#types.shapeOf(member)
      const name = names.get(member) ?? place.name
      if (shape.kind === 'literal') literals.push(shape.value)
      else others.push(this.#walk(member, { ...place, name, depth: place.depth + 1 }))
    }
    return this.#join([...this.#literalSchemas(literals, others, place), ...others])
  }

  /** Beside something else an enum has a name of its own, for generators of code call it after that. */
  #literalSchemas(
    all: readonly (string | number | boolean)[],
    others: readonly JsonSchema[],
    place: Place,
  ): readonly JsonSchema[] {
    const isAnyText = others.some(({ type, ...rest }) => type === 'string' && isEmpty(rest))
    const literals = all.filter((value) => !isAnyText || typeof value !== 'string')
    if (literals.length === 0) return []
    const schema = literalSchema(literals)
    if (schema.enum === undefined || others.every(({ type }) => type === 'null')) return [schema]
    const declaredAt = this.#types.placeOf(place.declaration)
    return [
      this.#registry.enterNamed({ baseName: joinName(place.name, 'Literal'), declaredAt }, schema),
    ]
  }

  #join(alternatives: readonly JsonSchema[]): JsonSchema {
    const { sortKey, resolve } = this.#registry
    return joinAlternatives(alternatives, sortKey, resolve)
  }

  #annotate(schema: JsonSchema, doc: Doc, { path }: Place): JsonSchema {
    const { resolve, entryOf } = this.#registry
    const annotated = applyDoc(schema, doc, {
      path,
      resolve,
      report: (problem) => this.#problems.push(problem),
      checkLater: (value, wanted, complain) =>
        this.#checks.push(() => {
          const why = explainUnfit(value, wanted, entryOf)
          if (why !== undefined) complain(why)
        }),
    })
    return this.#registry.adopt(annotated, schema)
  }

  /** Walks a type that is described under a name of its own, and gives a reference to it. */
  #referToDeclared(type: CheckedType, name: TypeName, use: Use): JsonSchema {
    const known = this.#registry.findDeclared(type)
    if (known !== undefined) return known
    const baseName = nameInstance(name.name, name.typeArguments, this.#types)
    const depth = (this.#instances.get(name.declaredAt) ?? 0) + 1
    if (name.typeArguments.length > 0 && depth > MAX_INSTANCES && !name.isLibrary) {
      return this.#refuse(ENDLESS, use.place)
    }
    this.#instances.set(name.declaredAt, depth)
    const node = this.#nearestNode(name.declaration, use.place)
    const { declaredAt, declaration = use.place.declaration } = name
    const inside = { ...use.place, name: baseName, node, declaration }
    const reference = this.#registry.enterDeclared(type, { baseName, declaredAt }, () =>
      this.#annotate(use.build(inside), name.doc, inside),
    )
    this.#instances.set(declaredAt, depth - 1)
    return reference
  }

  /** Walks a type that is called after the place where it stands. */
  #referToDerived(type: CheckedType, { place, build }: Use): JsonSchema {
    const declaredAt = this.#types.placeOf(place.declaration)
    return this.#registry.enterDerived(type, { baseName: place.name, declaredAt }, () =>
      build(place),
    )
  }
}

function isEmpty(record: object): boolean {
  return Object.keys(record).length === 0
}

function below(place: Place, step: string, name: string): Place {
  return {
    path: place.path + step,
    node: place.node,
    declaration: place.declaration,
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

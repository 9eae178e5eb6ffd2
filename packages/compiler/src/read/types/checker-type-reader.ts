import { relative, sep } from 'node:path'
import { ts } from 'ts-morph'
import type { Position } from '../../model/model.ts'
import { isInPackage } from '../source-cache.ts'
import { readDoc } from './doc-reader.ts'
import type {
  CheckedType,
  Doc,
  IndexInfo,
  PlainKind,
  Property,
  Shape,
  SourceNode,
  Span,
  TupleElement,
  TypeName,
  TypeReader,
} from './type-reader.ts'
import { WrittenNames } from './written-names.ts'

/** Where a type may have got its name. */
export interface NameScope {
  readonly writtenNames: WrittenNames
  /** Absolute, in order: those that the type's user sees. What others call it is not its name. */
  readonly files: readonly string[]
}

/** Answers with the compiler of ts-morph. Types belong to the program they are read from. */
export class CheckerTypeReader implements TypeReader {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  readonly #projectDir: string
  // Types are asked about again and again.
  readonly #shapes = new Map<CheckedType, Shape>()
  readonly #names = new Map<CheckedType, TypeName | undefined>()
  readonly #properties = new Map<CheckedType, readonly Property[]>()
  readonly #paths = new Map<ts.SourceFile, string>()
  readonly #writtenNames: WrittenNames
  /** In which types may be given names, in order. */
  readonly #ownFiles: readonly ts.SourceFile[]

  constructor(program: ts.Program, projectDir: string, scope = seeEverything(program)) {
    this.#program = program
    this.#checker = program.getTypeChecker()
    this.#projectDir = projectDir
    this.#writtenNames = scope.writtenNames
    const files = scope.files.flatMap((path) => program.getSourceFile(path) ?? [])
    this.#ownFiles = files.filter((file) => isOwnFile(file))
  }

  shapeOf(type: CheckedType): Shape {
    return remember(this.#shapes, type, () => this.#readShape(type))
  }

  #readShape(type: CheckedType): Shape {
    if (type.isUnion() && !has(type, ts.TypeFlags.Boolean)) {
      return { kind: 'union', members: joinEnums(type, this.#checker) }
    }
    if (type.isIntersection()) return { kind: 'intersection', members: type.types }
    if (type.isStringLiteral() || type.isNumberLiteral()) {
      return { kind: 'literal', value: type.value }
    }
    if (has(type, ts.TypeFlags.BooleanLiteral)) {
      return { kind: 'literal', value: this.textOf(type) === 'true' }
    }
    if (isTemplate(type)) return { kind: 'template', texts: type.texts, types: type.types }
    if (has(type, ts.TypeFlags.Object)) return this.#objectShapeOf(type)
    return { kind: plainKindOf(type) }
  }

  #objectShapeOf(type: CheckedType): Shape {
    if (isReference(type)) {
      if (this.#checker.isTupleType(type))
        return { kind: 'tuple', elements: this.#elementsOf(type) }
      if (this.#checker.isArrayType(type)) {
        const [element] = this.#checker.getTypeArguments(type)
        if (element !== undefined) return { kind: 'array', element }
      }
    }
    const isCallable =
      type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0
    if (isCallable) return { kind: 'function' }
    return { kind: type.isClass() || isOfClass(type) ? 'class' : 'object' }
  }

  #elementsOf(type: ts.TypeReference): readonly TupleElement[] {
    const target = type.target
    const flags = isTupleTarget(target) ? target.elementFlags : []
    return this.#checker.getTypeArguments(type).map((element, index) => {
      const flag = flags[index] ?? ts.ElementFlags.Required
      if (flag & ts.ElementFlags.Variable) return { type: element, kind: 'rest' }
      return { type: element, kind: flag & ts.ElementFlags.Optional ? 'optional' : 'required' }
    })
  }

  nameOf(type: CheckedType): TypeName | undefined {
    return remember(this.#names, type, () => this.#readName(type))
  }

  #readName(type: CheckedType): TypeName | undefined {
    const alias = type.aliasSymbol
    const typeArguments = type.aliasTypeArguments ?? []
    if (alias !== undefined && typeArguments.length === 0) return this.#describeName(alias, [])
    const symbol = getSymbol(type)
    const isDeclared = symbol !== undefined && (symbol.flags & NAMED_SYMBOL) !== 0
    if (isDeclared && alias === undefined) {
      return this.#describeName(symbol, this.#typeArgumentsOf(type))
    }
    if (!isNameable(type)) return undefined
    const written = alias && this.#isLibrary(alias) ? undefined : this.#findWrittenName(type)
    if (written !== undefined) return this.#describeName(written, [])
    if (alias === undefined || this.#isForeignMachinery(alias, typeArguments)) return undefined
    return this.#describeName(alias, typeArguments)
  }

  #findWrittenName(type: CheckedType): ts.Symbol | undefined {
    return this.#writtenNames.find(type, this.#ownFiles)
  }

  #isLibrary(symbol: ts.Symbol): boolean {
    const file = symbol.declarations?.[0]?.getSourceFile()
    return file !== undefined && this.#program.isSourceFileDefaultLibrary(file)
  }

  /** Aliases that libraries use inside, as zod does for what it infers, are no names. */
  #isForeignMachinery(alias: ts.Symbol, typeArguments: readonly CheckedType[]): boolean {
    const declaration = alias.declarations?.[0]
    if (typeArguments.length === 0 || declaration === undefined) return false
    const file = declaration.getSourceFile()
    if (this.#program.isSourceFileDefaultLibrary(file) || isOwnFile(file)) return false
    return typeArguments.some((each) => {
      if (!has(each, ts.TypeFlags.Object) || each.aliasSymbol !== undefined) return false
      return ((getSymbol(each)?.flags ?? 0) & NAMED_SYMBOL) === 0
    })
  }

  #describeName(symbol: ts.Symbol, typeArguments: readonly CheckedType[]): TypeName {
    const declaration = symbol.declarations?.[0]
    const readDoc = () => this.#readDoc(symbol.declarations ?? [])
    return {
      name: symbol.name,
      typeArguments,
      declaredAt: declaration === undefined ? '' : this.placeOf(declaration),
      isLibrary: this.#isLibrary(symbol),
      declaration: declaration && (ts.getNameOfDeclaration(declaration) ?? declaration),
      get doc() {
        return readDoc()
      },
    }
  }

  #typeArgumentsOf(type: CheckedType): readonly CheckedType[] {
    if (!isReference(type)) return []
    const count = type.target.typeParameters?.length ?? 0
    return this.#checker.getTypeArguments(type).slice(0, count)
  }

  propertiesOf(type: CheckedType): readonly Property[] {
    return remember(this.#properties, type, () => this.#readProperties(type))
  }

  #readProperties(type: CheckedType): readonly Property[] {
    // What a mapped type makes of a member need not be what was said of it.
    const isMapped = hasObjectFlag(type, ts.ObjectFlags.Mapped)
    return sortByPlace(this.#checker.getPropertiesOfType(type)).map((symbol) => {
      const declarations = symbol.declarations ?? []
      const readDoc = () => this.#docOf(declarations)
      const [declaration] = declarations
      return {
        name: symbol.name,
        key: keyOf(symbol),
        type: this.#checker.getTypeOfSymbol(symbol),
        isOptional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
        isHidden: declarations.some(isHidden),
        declaration,
        // Most of those who look at a member do not ask.
        get doc() {
          return isMapped ? disown(readDoc()) : readDoc()
        },
      }
    })
  }

  #readDoc(declarations: readonly ts.Node[]): Doc {
    return readDoc(declarations, (start, end, file) => this.#spanBetween(start, end, file))
  }

  /**
   * Of `share: Share` the compiler knows only that it is a number: what is said of the alias is found
   * by what is written. What is said of the member itself comes first.
   */
  #docOf(declarations: readonly ts.Declaration[]): Doc {
    const own = this.#readDoc(declarations)
    const alias = declarations.map((each) => this.#findPlainAlias(each)).find((each) => each)
    if (alias === undefined) return own
    const { text, tags } = this.#readDoc([alias])
    const said = new Set(own.tags.map(({ name }) => name))
    return {
      text: own.text || text,
      tags: [...own.tags, ...tags.filter(({ name }) => !said.has(name))],
    }
  }

  #findPlainAlias(declaration: ts.Declaration): ts.Declaration | undefined {
    const isMember = ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)
    const written = isMember ? declaration.type : undefined
    if (written === undefined || !ts.isTypeReferenceNode(written)) return undefined
    const symbol = this.#checker.getSymbolAtLocation(written.typeName)
    const isImported = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
    const target = isImported ? this.#checker.getAliasedSymbol(symbol) : symbol
    const alias = target?.declarations?.find((each) => ts.isTypeAliasDeclaration(each))
    if (alias === undefined || alias.typeParameters !== undefined) return undefined
    return isNameable(this.#checker.getTypeAtLocation(alias)) ? undefined : alias
  }

  indexInfosOf(type: CheckedType): readonly IndexInfo[] {
    return this.#checker
      .getIndexInfosOfType(type)
      .map(({ keyType, type: value, declaration }) => ({ key: keyType, value, declaration }))
  }

  withoutNullish(type: CheckedType): CheckedType {
    return this.#checker.getNonNullableType(type)
  }

  textOf(type: CheckedType): string {
    return showType(type, this.#checker)
  }

  spanOf(node: SourceNode): Span {
    return this.#spanBetween(node.getStart(), node.getEnd(), node.getSourceFile())
  }

  #spanBetween(start: number, end: number, file: ts.SourceFile): Span {
    return {
      start: this.#positionAt(file, start),
      end: this.#positionAt(file, end),
      isOwn: isOwnFile(file),
    }
  }

  isOwn(node: SourceNode): boolean {
    return isOwnFile(node.getSourceFile())
  }

  placeOf(node: SourceNode): string {
    const file = node.getSourceFile()
    return `${this.#relativePath(file)}:${String(node.getStart(file)).padStart(9, '0')}`
  }

  #relativePath(file: ts.SourceFile): string {
    return remember(this.#paths, file, () =>
      relative(this.#projectDir, file.fileName).split(sep).join('/'),
    )
  }

  #positionAt(file: ts.SourceFile, offset: number): Position {
    const { line, character } = file.getLineAndCharacterOfPosition(offset)
    return { file: this.#relativePath(file), line: line + 1, column: character + 1 }
  }
}

/** A type as an author would write it, on one line. */
export function showType(type: CheckedType, checker: ts.TypeChecker): string {
  return checker.typeToString(type, undefined, TEXT_FORMAT)
}

const NAMED_SYMBOL =
  ts.SymbolFlags.Interface |
  ts.SymbolFlags.Class |
  ts.SymbolFlags.RegularEnum |
  ts.SymbolFlags.ConstEnum

const TEXT_FORMAT: ts.TypeFormatFlags =
  ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope

const PLAIN_KINDS: readonly (readonly [flag: ts.TypeFlags, kind: PlainKind])[] = [
  [ts.TypeFlags.Any, 'any'],
  [ts.TypeFlags.Unknown, 'unknown'],
  [ts.TypeFlags.Never, 'never'],
  [ts.TypeFlags.Void, 'void'],
  [ts.TypeFlags.Undefined, 'undefined'],
  [ts.TypeFlags.Null, 'null'],
  [ts.TypeFlags.String, 'string'],
  [ts.TypeFlags.Boolean, 'boolean'],
  [ts.TypeFlags.Number | ts.TypeFlags.Enum, 'number'],
  [ts.TypeFlags.BigIntLike, 'bigint'],
  [ts.TypeFlags.ESSymbolLike, 'symbol'],
  [ts.TypeFlags.NonPrimitive, 'any-object'],
]

function plainKindOf(type: CheckedType): PlainKind {
  if (isStringMapping(type)) return casingOf(type)
  return PLAIN_KINDS.find(([flag]) => has(type, flag))?.[1] ?? 'unresolved'
}

/** `Capitalize<string>` and `Uncapitalize<string>` say too little to be worth a pattern. */
function casingOf(type: ts.StringMappingType): PlainKind {
  if (type.symbol.name === 'Uppercase') return 'uppercase'
  return type.symbol.name === 'Lowercase' ? 'lowercase' : 'string'
}

/** The checker spreads an enum over a union that holds it; all of its members together are the enum. */
function joinEnums(union: ts.UnionType, checker: ts.TypeChecker): readonly CheckedType[] {
  const joined = new Set<CheckedType>()
  for (const member of union.types) {
    const whole = has(member, ts.TypeFlags.EnumLiteral | ts.TypeFlags.BooleanLiteral)
      ? checker.getBaseTypeOfLiteralType(member)
      : member
    const isWhole =
      whole !== union && whole.isUnion() && whole.types.every((each) => union.types.includes(each))
    joined.add(isWhole ? whole : member)
  }
  return [...joined]
}

/** A name costs a look at every alias of the project: what never has one is not asked for it. */
function isNameable(type: CheckedType): boolean {
  return has(type, ts.TypeFlags.Object | ts.TypeFlags.UnionOrIntersection)
}

function has(type: CheckedType, flags: ts.TypeFlags): boolean {
  return (type.flags & flags) !== 0
}

function isTemplate(type: CheckedType): type is ts.TemplateLiteralType {
  return has(type, ts.TypeFlags.TemplateLiteral)
}

function isStringMapping(type: CheckedType): type is ts.StringMappingType {
  return has(type, ts.TypeFlags.StringMapping)
}

function isReference(type: CheckedType): type is ts.TypeReference {
  return 'target' in type && 'objectFlags' in type && hasObjectFlag(type, ts.ObjectFlags.Reference)
}

function isTupleTarget(type: ts.GenericType): type is ts.TupleType & ts.GenericType {
  return hasObjectFlag(type, ts.ObjectFlags.Tuple)
}

function hasObjectFlag(type: object, flag: ts.ObjectFlags): boolean {
  return 'objectFlags' in type && (Number(type.objectFlags) & flag) !== 0
}

/** Types of the compiler say that every type has one, which does not hold. */
function getSymbol(type: CheckedType): ts.Symbol | undefined {
  return type.getSymbol()
}

function isOfClass(type: CheckedType): boolean {
  return ((getSymbol(type)?.flags ?? 0) & ts.SymbolFlags.Class) !== 0
}

function isHidden(declaration: ts.Declaration): boolean {
  const hiding = ts.ModifierFlags.Private | ts.ModifierFlags.Protected
  return (
    (ts.getCombinedModifierFlags(declaration) & hiding) !== 0 ||
    (ts.isPropertyDeclaration(declaration) && ts.isPrivateIdentifier(declaration.name))
  )
}

/** The checker names members after symbols `__@iterator@12`. */
function keyOf(symbol: ts.Symbol): Property['key'] {
  // Of a name that is a text, the checker escapes two underscores by a third.
  const match = /^__@(.*)@\d+$/.exec(String(symbol.escapedName))
  if (match === null) return 'string'
  return match[1] === 'iterator' || match[1] === 'asyncIterator' ? 'iterator' : 'symbol'
}

/** The checker lists members that were picked by a union of names in an order of its own. */
function sortByPlace(symbols: readonly ts.Symbol[]): readonly ts.Symbol[] {
  const parents = new Set(symbols.map((symbol) => symbol.declarations?.[0]?.parent))
  if (parents.size <= 1 && !parents.has(undefined)) return [...symbols].sort(compareOffsets)
  return [...symbols].sort(comparePlaces)
}

function compareOffsets(a: ts.Symbol, b: ts.Symbol): number {
  return (a.declarations?.[0]?.pos ?? 0) - (b.declarations?.[0]?.pos ?? 0)
}

function comparePlaces(a: ts.Symbol, b: ts.Symbol): number {
  const [first, second] = [a.declarations?.[0], b.declarations?.[0]]
  if (first === undefined || second === undefined) {
    if (first !== second) return first === undefined ? 1 : -1
    return a.name < b.name ? -1 : 1
  }
  const [firstFile, secondFile] = [first.getSourceFile().fileName, second.getSourceFile().fileName]
  if (firstFile === secondFile) return first.pos - second.pos
  return firstFile < secondFile ? -1 : 1
}

/** The same, with nothing that its author is to blame for. */
function disown(doc: Doc): Doc {
  return { ...doc, tags: doc.tags.map((tag) => ({ ...tag, span: { ...tag.span, isOwn: false } })) }
}

function remember<Key, Value>(known: Map<Key, Value>, key: Key, read: () => Value): Value {
  const value = known.get(key)
  if (value !== undefined) return value
  const fresh = read()
  known.set(key, fresh)
  return fresh
}

function seeEverything(program: ts.Program): NameScope {
  const files = program.getSourceFiles().map(({ fileName }) => fileName)
  return { writtenNames: new WrittenNames(program), files: files.sort() }
}

/** In a file of the project, which its author can change. */
function isOwnFile(file: ts.SourceFile): boolean {
  return !isInPackage(file.fileName)
}

import { ts } from 'ts-morph'
import type { CheckedType } from './type-reader.ts'

type Names = ReadonlyMap<CheckedType, ts.Symbol>

/**
 * Names that the types themselves do not know: `type Order = z.infer<typeof order>`. Read file by file,
 * when somebody asks.
 */
export class WrittenNames {
  readonly #checker: ts.TypeChecker
  readonly #names = new Map<ts.SourceFile, Names>()

  constructor(program: ts.Program) {
    this.#checker = program.getTypeChecker()
  }

  /** Where several aliases stand for one type, the first by the order of the files and by place. */
  find(type: CheckedType, files: readonly ts.SourceFile[]): ts.Symbol | undefined {
    for (const file of files) {
      const symbol = this.#read(file).get(type)
      if (symbol) return symbol
    }
    return undefined
  }

  #read(file: ts.SourceFile): Names {
    const known = this.#names.get(file)
    if (known) return known
    const names = new Map<CheckedType, ts.Symbol>()
    for (const statement of file.statements) {
      if (!ts.isTypeAliasDeclaration(statement) || statement.typeParameters) continue
      const type = this.#checker.getTypeAtLocation(statement)
      const symbol = this.#checker.getSymbolAtLocation(statement.name)
      if (symbol && !names.has(type) && this.#isOneOfAKind(type)) names.set(type, symbol)
    }
    this.#names.set(file, names)
    return names
  }

  /**
   * Only what has members of its own is one type: `string[]`, `'a' | 'b'` or a dictionary are the same
   * for everybody, and a name for one would be a name for all.
   */
  #isOneOfAKind(type: CheckedType): boolean {
    if (type.isUnion()) return type.types.some((each) => this.#isOneOfAKind(each))
    const isRecord =
      (type.flags & ts.TypeFlags.Object) !== 0 &&
      !this.#checker.isArrayType(type) &&
      !this.#checker.isTupleType(type) &&
      type.getCallSignatures().length === 0 &&
      type.getConstructSignatures().length === 0
    return isRecord && !isOfClass(type) && this.#checker.getPropertiesOfType(type).length > 0
  }
}

function isOfClass(type: CheckedType): boolean {
  // Types of the compiler say that every type has a symbol, which does not hold.
  const symbol: ts.Symbol | undefined = type.getSymbol()
  return type.isClass() || ((symbol?.flags ?? 0) & ts.SymbolFlags.Class) !== 0
}

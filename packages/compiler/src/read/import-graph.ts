import { ts } from 'ts-morph'
import type { Reading } from './definition.ts'
import { isForeign } from './typescript-project.ts'

/** Which modules of the project load which others when the program runs; types are not loaded. */
export class ImportGraph {
  readonly #program: ts.Program
  readonly #checker: ts.TypeChecker
  readonly #imports = new Map<ts.SourceFile, readonly ts.SourceFile[]>()

  constructor({ program, checker }: Pick<Reading, 'program' | 'checker'>) {
    this.#program = program
    this.#checker = checker
  }

  /** The shortest way from one module to another by what they load; undefined if there is none. */
  findPath(from: ts.SourceFile, to: ts.SourceFile): ts.SourceFile[] | undefined {
    const cameFrom = new Map<ts.SourceFile, ts.SourceFile | undefined>([[from, undefined]])
    for (const file of cameFrom.keys()) {
      if (file === to) return tracePath(cameFrom, to)
      for (const next of this.#listImports(file)) if (!cameFrom.has(next)) cameFrom.set(next, file)
    }
    return undefined
  }

  #listImports(file: ts.SourceFile): readonly ts.SourceFile[] {
    const known = this.#imports.get(file)
    if (known) return known
    const found = file.statements.flatMap((statement) => {
      const specifier = this.#loadedSpecifier(statement)
      const module = specifier && this.#checker.getSymbolAtLocation(specifier)
      const target = module?.declarations?.[0]
      return target && ts.isSourceFile(target) && !isForeign(target) ? [target] : []
    })
    this.#imports.set(file, found)
    return found
  }

  /** What a statement loads; undefined when it loads nothing, or types alone. */
  #loadedSpecifier(statement: ts.Statement): ts.Expression | undefined {
    if (ts.isExportDeclaration(statement))
      return statement.isTypeOnly ? undefined : statement.moduleSpecifier
    if (!ts.isImportDeclaration(statement)) return undefined
    const { importClause, moduleSpecifier } = statement
    if (!importClause) return moduleSpecifier
    if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return undefined
    const { name, namedBindings } = importClause
    if (!namedBindings || ts.isNamespaceImport(namedBindings)) return moduleSpecifier
    const names = [...(name ? [name] : []), ...namedBindings.elements.map((each) => each.name)]
    const options = this.#program.getCompilerOptions()
    // As written, every import is kept; else the compiler drops those of which only types are used.
    if (options.verbatimModuleSyntax === true) {
      const isAllTypes = !name && namedBindings.elements.every(({ isTypeOnly }) => isTypeOnly)
      return isAllTypes && namedBindings.elements.length > 0 ? undefined : moduleSpecifier
    }
    return names.some((each) => this.#isValue(each)) ? moduleSpecifier : undefined
  }

  #isValue(name: ts.Identifier): boolean {
    const symbol = this.#checker.getSymbolAtLocation(name)
    if (!symbol) return false
    const meant =
      symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
    return (meant.flags & ts.SymbolFlags.Value) !== 0
  }
}

function tracePath(
  cameFrom: ReadonlyMap<ts.SourceFile, ts.SourceFile | undefined>,
  to: ts.SourceFile,
): ts.SourceFile[] {
  const path: ts.SourceFile[] = []
  for (let file: ts.SourceFile | undefined = to; file; file = cameFrom.get(file)) path.unshift(file)
  return path
}

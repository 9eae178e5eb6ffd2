import { ts } from 'ts-morph'
import { isForeign } from './typescript-project.ts'

/** Which files of a project name which others, types included. */
export class ImportIndex {
  readonly #program: ts.Program

  constructor(program: ts.Program) {
    this.#program = program
  }

  /**
   * The files, and all that import them, near or far. Undefined: all of them, for one of the files
   * declares what needs no import.
   */
  findImporters(paths: readonly string[]): Set<string> | undefined {
    const importers = new Map<string, string[]>()
    const edited = new Set(paths)
    for (const file of this.#program.getSourceFiles()) {
      if (isForeign(file, this.#program)) continue
      if (edited.has(file.fileName) && isAmbient(file)) return undefined
      for (const imported of this.#listImports(file))
        importers.set(imported, [...(importers.get(imported) ?? []), file.fileName])
    }
    const found = new Set(paths)
    for (const path of found) for (const importer of importers.get(path) ?? []) found.add(importer)
    return found
  }

  #listImports(file: ts.SourceFile): string[] {
    const checker = this.#program.getTypeChecker()
    return listSpecifiers(file).flatMap((specifier) => {
      const target = checker.getSymbolAtLocation(specifier)?.declarations?.[0]
      return target ? [target.getSourceFile().fileName] : []
    })
  }
}

/** Whether other files see what it declares without importing it. */
function isAmbient(file: ts.SourceFile): boolean {
  return (
    !ts.isExternalModule(file) ||
    file.statements.some((statement) => ts.isModuleDeclaration(statement))
  )
}

/** Specifiers never change while a file is the same. */
const specifiersOf = new WeakMap<ts.SourceFile, readonly ts.Expression[]>()

/** What a file imports: by statements, and inside types and calls as `import('./x.ts')`. */
function listSpecifiers(file: ts.SourceFile): readonly ts.Expression[] {
  const known = specifiersOf.get(file)
  if (known) return known
  const specifiers: ts.Expression[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier) specifiers.push(specifier)
    ts.forEachChild(node, visit)
  }
  // Most files have no imports but at their top.
  if (/\bimport\s*\(|\brequire\s*\(/.test(file.text)) visit(file)
  else
    for (const statement of file.statements)
      specifiers.push(...[specifierOf(statement) ?? []].flat())
  specifiersOf.set(file, specifiers)
  return specifiers
}

function specifierOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference))
    return node.moduleReference.expression
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0]
  return undefined
}

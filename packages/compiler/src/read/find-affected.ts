import { ts } from 'ts-morph'
import type { SourceCache } from './source-cache.ts'

/**
 * The files of a program that may mean something else than in the one before it: those that changed or
 * whose imports lead elsewhere, and all that import them, near or far. Undefined: all of them, for one
 * of those that changed declares, or declared, what needs no import.
 */
export function findAffected(
  before: ts.Program,
  after: ts.Program,
  sources: Pick<SourceCache, 'redirected' | 'listImports'>,
): Set<string> | undefined {
  const old = new Map(before.getSourceFiles().map((file) => [file.fileName, file]))
  const affected = new Set(sources.redirected)
  const importers = new Map<string, string[]>()
  for (const file of after.getSourceFiles()) {
    const { fileName } = file
    const known = old.get(fileName)
    old.delete(fileName)
    if (known !== file) {
      if (isAmbient(file) || (known && isAmbient(known))) return undefined
      affected.add(fileName)
    }
    for (const imported of sources.listImports(fileName)) {
      const known = importers.get(imported)
      if (known) known.push(fileName)
      else importers.set(imported, [fileName])
    }
  }
  for (const gone of old.values()) {
    if (isAmbient(gone)) return undefined
    affected.add(gone.fileName)
  }
  // The set grows while it is walked.
  for (const path of affected)
    for (const importer of importers.get(path) ?? []) affected.add(importer)
  return affected
}

/** Whether other files see what it declares without importing it. */
function isAmbient(file: ts.SourceFile): boolean {
  return (
    !(ts.isExternalModule(file) || file.fileName.endsWith('.json')) ||
    file.statements.some(
      (statement) =>
        ts.isModuleDeclaration(statement) || ts.isNamespaceExportDeclaration(statement),
    )
  )
}

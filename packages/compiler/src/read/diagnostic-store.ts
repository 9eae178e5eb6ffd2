import type { ts } from 'ts-morph'
import { listDiagnostics, type FileDiagnostic } from './collect-diagnostics.ts'
import { ImportIndex } from './import-index.ts'

/**
 * The compiler's diagnostics, kept from one program to the next: checking every file again would take
 * most of a rebuild. What is kept of a file holds as long as nothing changed that it imports, near or
 * far.
 */
export class DiagnosticStore {
  readonly #known = new Map<string, readonly FileDiagnostic[]>()

  list(program: ts.Program, file: ts.SourceFile): readonly FileDiagnostic[] {
    const known = this.#known.get(file.fileName)
    if (known) return known
    const found = listDiagnostics(program, file)
    this.#known.set(file.fileName, found)
    return found
  }

  /** Forgets what may be otherwise now that files were edited. */
  forget(edited: readonly string[], program: ts.Program): void {
    const affected = new ImportIndex(program).findImporters(edited)
    if (!affected) this.#known.clear()
    else for (const path of affected) this.#known.delete(path)
  }
}

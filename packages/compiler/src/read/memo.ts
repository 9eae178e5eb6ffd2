import type { ts } from 'ts-morph'
import type { Problem } from '../model/problem.ts'

interface Kept<T> {
  readonly value: T
  readonly problems: readonly Problem[]
}

/**
 * Answers that were read of files, with the problems that were told on the way. An answer holds until
 * the file changes, or one that it imports, near or far. It may hold nodes, which live as long as the
 * text of their file; no types and symbols, which belong to one program.
 */
export class Memo<T> {
  readonly #kept = new Map<string, Map<string, Kept<T>>>()

  /**
   * What `read` says of a file, now or when it was asked last.
   *
   * @param place the key tells the questions to one file apart, with all that their answers hang on
   * @param reading gets the problems
   */
  recall<Reading extends { readonly problems: Problem[] }>(
    { file, key = '' }: { readonly file: ts.SourceFile; readonly key?: string },
    reading: Reading,
    read: (reading: Reading) => T,
  ): T {
    const ofFile = this.#kept.get(file.fileName) ?? new Map<string, Kept<T>>()
    this.#kept.set(file.fileName, ofFile)
    const kept = ofFile.get(key) ?? readAlone(reading, read)
    ofFile.set(key, kept)
    reading.problems.push(...kept.problems)
    return kept.value
  }

  /** @param affected absolute paths; undefined: all */
  forget(affected: ReadonlySet<string> | undefined): void {
    if (!affected) this.#kept.clear()
    else for (const path of affected) this.#kept.delete(path)
  }
}

function readAlone<T, Reading extends { readonly problems: Problem[] }>(
  reading: Reading,
  read: (reading: Reading) => T,
): Kept<T> {
  const problems: Problem[] = []
  return { value: read({ ...reading, problems }), problems }
}

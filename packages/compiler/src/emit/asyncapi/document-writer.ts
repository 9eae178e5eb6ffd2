import type { OutputFile } from '../../model/output-file.ts'
import { writeHeader } from '../header.ts'
import { writeYaml } from '../write-yaml.ts'
import type { AsyncApiDocument } from './document.ts'
import { findMistakes } from './find-mistakes.ts'

/**
 * Checks documents and lays them out. It remembers what it wrote last under each path, for in a build
 * that follows another most documents are the same; what it writes does not depend on that.
 */
export class DocumentWriter {
  readonly #written = new Map<string, { readonly text: string; readonly body: string }>()

  /**
   * @param sources the files that it was made of, seen from the project
   * @throws Error when the document is wrong, which is a defect of this package
   */
  write(path: string, document: AsyncApiDocument, sources: readonly string[]): OutputFile {
    const text = JSON.stringify(document)
    const known = this.#written.get(path)
    const body = known?.text === text ? known.body : layOut(path, document)
    this.#written.set(path, { text, body })
    return { path, content: `# ${writeHeader(sources)}\n${body}` }
  }
}

function layOut(path: string, document: AsyncApiDocument): string {
  const mistakes = findMistakes(document)
  if (mistakes.length === 0) return writeYaml(document)
  const list = mistakes.map((mistake) => `\n  ${mistake}`).join('')
  throw new Error(
    `${path} would be wrong, which is a defect of asya build: please report it${list}`,
  )
}

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** A text that may be an AsyncAPI document. */
export interface DocumentFile {
  /** As the person who asked would name it. */
  readonly name: string
  readonly text: string
}

/** Where a build puts its documents, below its folder. */
export const DOCUMENTS_FOLDER = 'asyncapi'

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.asya', 'bundles'])

export function isDocumentName(path: string): boolean {
  return /\.(ya?ml|json)$/.test(path)
}

/**
 * The AsyncAPI documents of a folder, in order of their names: those below `asyncapi/` when it is the
 * folder of a build, else all below it that say what they are.
 */
export function readFolder(folder: string): readonly DocumentFile[] {
  const built = join(folder, DOCUMENTS_FOLDER)
  const isBuild = statSync(built, { throwIfNoEntry: false })?.isDirectory() === true
  return listFiles(isBuild ? built : folder)
    .filter(isDocumentName)
    .map((path) => ({ name: relative('.', path) || path, text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => looksLikeDocument(text))
}

/** Other YAML and JSON may lie beside it. */
export function looksLikeDocument(text: string): boolean {
  return /(?:^|[{,])\s*["']?asyncapi["']?\s*:/m.test(text)
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.has(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? listFiles(path) : [path]
    })
}

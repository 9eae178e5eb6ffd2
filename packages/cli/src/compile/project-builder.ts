import {
  DocumentWriter,
  emitAll,
  openProject,
  type Model,
  type OutputFile,
  type Problem,
  type ProjectReader,
} from '@asya/compiler'

export interface ProjectOptions {
  readonly projectDir: string
  /** Name of the overlay in `asya.config.ts`. */
  readonly environment?: string | undefined
}

/** What a build made of a project. */
export type Made = Readable | Unreadable

interface Readable {
  readonly ok: true
  readonly model: Model
  readonly files: readonly OutputFile[]
  readonly warnings: readonly Problem[]
  readonly inputs: readonly string[]
}

interface Unreadable {
  readonly ok: false
  /** At least one of them is an error. */
  readonly problems: readonly Problem[]
  readonly inputs: readonly string[]
}

/** Reads a project and makes files of it, again and again: what did not change is read once. */
export class ProjectBuilder {
  readonly #reader: ProjectReader
  readonly #writer = new DocumentWriter()

  constructor(options: ProjectOptions) {
    this.#reader = openProject(options)
  }

  /** Writes nothing. */
  make(): Made {
    const { model, problems, inputs } = this.#reader.read()
    if (problems.some(({ severity }) => severity === 'error'))
      return { ok: false, problems, inputs }
    return { ok: true, model, files: emitAll(model, this.#writer), warnings: problems, inputs }
  }
}

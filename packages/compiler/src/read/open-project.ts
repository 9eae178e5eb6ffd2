import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Model } from '../model/model.ts'
import type { Problem } from '../model/problem.ts'
import { DiagnosticStore } from './diagnostic-store.ts'
import { findSourceFiles } from './find-source-files.ts'
import { readProject, type Opened } from './read-project.ts'
import { CONFIG_FILES } from './read-project-settings.ts'
import { TypeScriptProject } from './typescript-project.ts'

export interface OpenProjectOptions {
  readonly projectDir: string
  /** Whose overlay in `asya.config.ts` is laid over the rest. */
  readonly environment?: string | undefined
}

export interface ReadResult {
  /** Usable if no problem is an error. */
  readonly model: Model
  /** In the order of their places. */
  readonly problems: readonly Problem[]
  /** The project's own files that were read, absolute and in order: what to watch. */
  readonly inputs: readonly string[]
}

export interface ProjectReader {
  /** Reads the project; again, what changed since the last time. */
  read(): ReadResult
}

/** Opens the project of an author. Nothing of it is run. */
export function openProject(options: OpenProjectOptions): ProjectReader {
  return new IncrementalReader(resolve(options.projectDir), options.environment)
}

class IncrementalReader implements ProjectReader {
  readonly #projectDir: string
  readonly #environment: string | undefined
  #opened: Opened | undefined
  #last: ReadResult | undefined

  constructor(projectDir: string, environment: string | undefined) {
    this.#projectDir = projectDir
    this.#environment = environment
  }

  read(): ReadResult {
    const files = findSourceFiles(this.#projectDir)
    const configFile = CONFIG_FILES.find((name) => existsSync(join(this.#projectDir, name)))
    const opened = this.#refresh(files, configFile)
    if (this.#last && opened.isSame) return this.#last
    const { current } = opened
    const read = readProject(current, this.#projectDir, this.#environment)
    this.#last = { ...read, inputs: current.project.listInputs() }
    return this.#last
  }

  #refresh(
    files: readonly string[],
    configFile: string | undefined,
  ): { readonly current: Opened; readonly isSame: boolean } {
    const known = this.#opened
    const isKnown = known?.files.join('\n') === files.join('\n') && known.configFile === configFile
    // An import that led nowhere may lead somewhere now, which no text says.
    const isMissing = this.#last?.problems.some(({ code }) => code === 'module-missing') ?? false
    if (known && isKnown && !isMissing) {
      const freshness = known.project.refresh()
      if (freshness.kind === 'same') return { current: known, isSame: true }
      if (freshness.kind === 'edited') {
        known.diagnostics.forget(freshness.files, known.project.program)
        return { current: known, isSame: false }
      }
    }
    const opened = configFile === undefined ? files : [...files, configFile]
    const current = {
      project: new TypeScriptProject({ projectDir: this.#projectDir, files: opened }),
      files,
      configFile,
      diagnostics: new DiagnosticStore(),
    }
    this.#opened = current
    return { current, isSame: false }
  }
}

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Model } from '../model/model.ts'
import type { Problem } from '../model/problem.ts'
import { findSourceFiles } from '../source-files.ts'
import { KeptAnswers } from './kept-answers.ts'
import { readProject } from './read-project.ts'
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
  readonly #project: TypeScriptProject
  readonly #kept = new KeptAnswers()
  #last: ReadResult | undefined

  constructor(projectDir: string, environment: string | undefined) {
    this.#projectDir = projectDir
    this.#environment = environment
    this.#project = new TypeScriptProject(projectDir)
  }

  read(): ReadResult {
    const files = findSourceFiles(this.#projectDir)
    const configFile = CONFIG_FILES.find((name) => existsSync(join(this.#projectDir, name)))
    const change = this.#project.update(configFile === undefined ? files : [...files, configFile])
    if (this.#last && change.kind === 'same') return this.#last
    if (change.kind !== 'same')
      this.#kept.forget(change.kind === 'some' ? change.affected : undefined)
    const opened = {
      project: this.#project,
      files,
      configFile,
      kept: this.#kept,
    }
    const read = readProject(opened, this.#projectDir, this.#environment)
    this.#last = { ...read, inputs: this.#project.listInputs() }
    return this.#last
  }
}

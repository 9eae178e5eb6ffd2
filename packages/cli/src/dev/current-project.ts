import type { Project } from '../project/load-project.ts'
import type { ProjectPipeline } from '../project/read-manifest.ts'
import { createDeferred } from './deferred.ts'

/** What a project defines. */
export interface Names {
  readonly pipelines: readonly string[]
  readonly actors: readonly string[]
}

/** The project as it was loaded last, and why its files as they stand cannot be. */
export class CurrentProject {
  readonly #loaded = createDeferred<undefined>()
  #project: Project | undefined
  #problem: string | undefined

  /** Resolves when it was loaded for the first time, or could not be. */
  get whenLoaded(): Promise<unknown> {
    return this.#loaded.promise
  }

  /** Why the files cannot be run; what is served meanwhile is the last that could. */
  get problem(): string | undefined {
    return this.#problem
  }

  /** Of the last load, unless something was wrong: then the next one shall look at everything. */
  get fingerprint(): string | undefined {
    return this.#problem === undefined ? this.#project?.fingerprint : undefined
  }

  get pipelines(): readonly ProjectPipeline[] {
    return this.#project?.pipelines ?? []
  }

  get inputs(): readonly string[] {
    return this.#project?.inputs ?? []
  }

  get names(): Names {
    return {
      pipelines: this.pipelines.map((pipeline) => pipeline.name),
      actors: (this.#project?.actors ?? []).map((actor) => actor.name),
    }
  }

  set(project: Project): void {
    this.#project = project
  }

  /** Notes how a load ended; returns whether that is news. */
  setProblem(problem: string | undefined): boolean {
    const isNew = problem !== this.#problem
    this.#problem = problem
    this.#loaded.resolve(undefined)
    return isNew
  }
}

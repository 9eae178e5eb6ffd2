import { explainError, ProjectError } from '../errors.ts'
import { Rerunner } from '../rerunner.ts'
import { explainMissing } from '../project/explain-missing.ts'
import { loadProject } from '../project/load-project.ts'
import type { ModelRead, ModelReader } from '../project/model-reader.ts'
import { showDuration } from '../view/duration.ts'
import type { ActorChange, ActorFleet } from './actor-fleet.ts'
import type { CurrentProject } from './current-project.ts'
import type { DevGateway } from './dev-gateway.ts'
import type { LogBook } from './log-book.ts'
import type { BuildFolders } from './run-folders.ts'

export interface ReloaderParts {
  readonly projectDir: string
  readonly reader: ModelReader
  readonly current: CurrentProject
  readonly builds: BuildFolders
  readonly fleet: ActorFleet
  readonly gateway: DevGateway
  readonly logs: LogBook
}

/**
 * Brings what is served to what the files say.
 *
 * L1 One load at a time; a change during one leads to another after it (Rerunner).
 * L2 A project that cannot be loaded changes nothing of what is served.
 */
export class Reloader {
  readonly #parts: ReloaderParts
  readonly #ending = new AbortController()
  readonly #loads = new Rerunner(() => this.#loadOnce())
  #warned: ReadonlySet<string> = new Set()

  constructor(parts: ReloaderParts) {
    this.#parts = parts
  }

  /** Never rejects: what is wrong with the project is noted there, and in the log. */
  reload(): Promise<void> {
    return this.#loads.run()
  }

  /** Gives up a load that is under way. */
  async close(): Promise<void> {
    this.#ending.abort()
    await this.#parts.reader.close()
    await this.#loads.whenIdle()
  }

  async #loadOnce(): Promise<void> {
    const { builds, current, fleet, logs } = this.#parts
    const { signal } = this.#ending
    if (signal.aborted) return
    const problem = await this.#load().then(() => undefined, explainError)
    builds.removeUnused(fleet.listHandlers())
    const hadProblem = current.problem !== undefined
    // What failed because it was given up is not worth a word.
    if (!current.setProblem(problem) || this.#ending.signal.aborted) return
    if (problem !== undefined) logs.say('error', problem)
    else if (hadProblem) logs.say('info', 'the project can be run again')
  }

  async #load(): Promise<void> {
    const { projectDir, reader, builds, current, fleet } = this.#parts
    const startedAt = performance.now()
    const outDir = builds.next()
    const { fingerprint } = current
    const { signal } = this.#ending
    const readModel = (): Promise<ModelRead> => reader.read()
    const project = await loadProject({ projectDir, outDir, readModel, fingerprint, signal })
    if (!project) return
    current.set(project)
    this.#warn(project.warnings)
    const changes = await fleet.apply(project.actors)
    this.#parts.gateway.offer(project)
    this.#tell(changes, performance.now() - startedAt)
    for (const pipeline of project.pipelines)
      if (pipeline.missing.length > 0) this.#parts.logs.say('warn', explainMissing(pipeline))
    assertServing(changes)
  }

  /** Each once, as long as it stands. */
  #warn(warnings: readonly string[]): void {
    for (const warning of warnings)
      if (!this.#warned.has(warning)) this.#parts.logs.say('warn', warning)
    this.#warned = new Set(warnings)
  }

  #tell(changes: readonly ActorChange[], tookMs: number): void {
    const { logs } = this.#parts
    for (const { name, what } of changes) {
      if (what === 'reloaded') logs.say('info', `reloaded ${name} (${showDuration(tookMs)})`)
      else if (what !== 'failed') logs.say('info', `${what} ${name}`)
    }
  }
}

/** Throws a ProjectError that names every actor whose runtime does not start. */
export function assertServing(changes: readonly ActorChange[]): void {
  const reasons = changes
    .filter((change) => change.what === 'failed')
    .map(({ name, reason = '' }) => `${name} does not start: ${reason}`)
  if (reasons.length > 0) throw new ProjectError(reasons.join('\n'))
}

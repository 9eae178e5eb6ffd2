import { rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createLogger } from '@asya/service/logger'
import { createReporter } from '@asya/sidecar'
import { ProjectError } from '../errors.ts'
import { Limiter } from '../limiter.ts'
import { ModelReader } from '../project/model-reader.ts'
import { showDuration } from '../view/duration.ts'
import { ActorFleet } from './actor-fleet.ts'
import type { ActorView } from './actor-host.ts'
import { Closers } from './closers.ts'
import { commandRoutes } from './command-routes.ts'
import { startControlServer, type ControlServer } from './control-server.ts'
import { CurrentProject } from './current-project.ts'
import { DevGateway } from './dev-gateway.ts'
import { openMemoryQueues, openRabbitmqQueues, type QueueView } from './dev-queues.ts'
import { JobBoard } from './job-board.ts'
import { JobStarter } from './job-starter.ts'
import { keptFolder } from './kept-errors.ts'
import { LogBook, readLogLine, SELF } from './log-book.ts'
import { assertServing, Reloader, type ReloaderParts } from './reloader.ts'
import { BuildFolders, makeSocketFolder } from './run-folders.ts'
import { assertUnclaimed, claimProject, makeWorkFolder } from './state-file.ts'
import { watchProject, type Watcher } from './watcher.ts'

export interface DevOptions {
  readonly projectDir: string
  /**
   * `dev`: the one dev run of the project, which follows its files. `call`: there for one call, and
   * a project that cannot be run ends it.
   */
  readonly mode: 'dev' | 'call'
  /** Queues on a real broker, which is started if there is none, in place of those in memory. */
  readonly isOnRabbitmq?: boolean
  /** Where the gateway listens; any free port when it is taken, or not given. */
  readonly port?: number
  /** Told what takes its time while it starts; else it is in the logs. */
  readonly say?: (line: string) => void
  /** Ends the start. */
  readonly signal?: AbortSignal
}

export interface DevView {
  readonly actors: readonly ActorView[]
  readonly ends: readonly ActorView[]
  readonly queues: ReadonlyMap<string, QueueView>
  readonly pipelines: readonly string[]
  /** Why the project as it stands cannot be run; what is served is the last that could. */
  readonly problem: string | undefined
}

/** new → open → closed. While it opens, what is open already is known to its closers alone. */
type Phase =
  | { readonly type: 'new' }
  | { readonly type: 'open'; readonly server: ControlServer; readonly fleet: ActorFleet }
  | { readonly type: 'closed' }

/** A job may be cancelled soon after a key was pressed, not ten seconds later. */
const HEARTBEAT_MS = 1_000

/**
 * A whole Asya on this machine: the project's actors, each with a sidecar in this process and a
 * runtime of its own, around queues in memory or on a broker.
 *
 * D1 What it opened is closed when `close` resolves: processes, sockets, files, timers.
 * D2 A process that ends without `close` leaves no process behind, and files only if it was killed.
 */
export class DevRun {
  readonly logs = new LogBook()
  readonly board = new JobBoard()
  readonly #options: DevOptions
  readonly #closers = new Closers()
  readonly #current = new CurrentProject()
  #queues = openMemoryQueues()
  #phase: Phase = { type: 'new' }
  #graceMs = 0

  constructor(options: DevOptions) {
    this.#options = options
  }

  /**
   * Resolves when everything serves that can; in mode `call` it rejects when something cannot. What
   * was opened by then is closed when it rejects.
   */
  async start(): Promise<void> {
    const { signal } = this.#options
    const giveUp = (): void => void this.close(0)
    signal?.addEventListener('abort', giveUp)
    try {
      signal?.throwIfAborted()
      await this.#open()
      signal?.throwIfAborted()
    } catch (error) {
      await this.close(0)
      // What failed because it was given up is not worth a word.
      signal?.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', giveUp)
    }
  }

  /** Where commands reach it; empty until it is open. */
  get url(): string {
    return this.#phase.type === 'open' ? this.#phase.server.url : ''
  }

  view(): DevView {
    const fleet = this.#phase.type === 'open' ? this.#phase.fleet.view() : { actors: [], ends: [] }
    return {
      ...fleet,
      queues: this.#queues.inspect([...fleet.actors, ...fleet.ends].map(({ name }) => name)),
      pipelines: this.#current.names.pipelines,
      problem: this.#current.problem,
    }
  }

  /** Ends everything; what is in flight has `graceMs`. Idempotent. */
  async close(graceMs: number): Promise<void> {
    this.#graceMs = graceMs
    await this.#closers.close()
    this.#phase = { type: 'closed' }
  }

  async #open(): Promise<void> {
    const { projectDir, mode } = this.#options
    const startedAt = performance.now()
    // First of all, for it takes longest: it reads beside everything else that starts.
    const reader = new ModelReader(projectDir)
    this.#closers.push(() => reader.close())
    makeWorkFolder(projectDir)
    // It is claimed when there is something to be reached; by then a second run would have waited in vain.
    if (mode === 'dev') await assertUnclaimed(projectDir)
    if (this.#options.isOnRabbitmq === true) await this.#openRabbitmq()
    const gateway = await this.#openGateway()
    const server = await this.#serve(gateway)
    if (mode === 'dev') {
      const { port, token } = server
      this.#cleanUp(await claimProject(projectDir, { pid: process.pid, port, token }))
    }
    const fleet = this.#openFleet(gateway.url)
    this.#phase = { type: 'open', server, fleet }
    const reloader = this.#openReloader({ fleet, reader, gateway })
    // Before it is loaded, which takes seconds in which a file may be saved.
    const watching = mode === 'dev' ? this.#watch(reloader) : undefined
    const [ends] = await Promise.all([fleet.serveEnds(keptFolder(projectDir)), reloader.reload()])
    assertServing(ends)
    if (watching) {
      this.logs.say('info', `gateway ${gateway.url}: MCP at ${gateway.url}/mcp`)
      await this.#welcome(watching, performance.now() - startedAt)
    } else if (this.#current.problem !== undefined) throw new ProjectError(this.#current.problem)
  }

  async #openRabbitmq(): Promise<void> {
    const { signal, say = (line: string) => this.logs.say('info', line) } = this.#options
    this.#queues = await openRabbitmqQueues({
      say,
      warn: (line) => this.logs.say('warn', line),
      ...(signal ? { signal } : {}),
    })
  }

  async #openGateway(): Promise<DevGateway> {
    this.#closers.push(() => this.#queues.close())
    const gateway = await DevGateway.open({
      transport: this.#queues.connect(),
      logs: this.logs,
      closers: this.#closers,
      port: this.#options.port,
    })
    this.board.watch(gateway.jobs)
    return gateway
  }

  async #serve(gateway: DevGateway): Promise<ControlServer> {
    const { board, logs } = this
    const { projectDir } = this.#options
    const current = this.#current
    const starter = new JobStarter(gateway, current)
    const server = await startControlServer(
      commandRoutes({ board, logs, projectDir, current, starter, gateway }),
    )
    this.#closers.push(() => server.close())
    return server
  }

  #openFleet(gatewayUrl: string): ActorFleet {
    const socketDir = makeSocketFolder()
    this.#cleanUp(() => {
      rmSync(socketDir, { recursive: true, force: true })
    })
    const logger = createLogger({
      level: 'warn',
      write: (line) => {
        this.logs.add(readLogLine(SELF, line.trimEnd()))
      },
    })
    const reporter = createReporter(gatewayUrl, logger, { heartbeatMs: HEARTBEAT_MS })
    this.#closers.push(() => reporter.close())
    const fleet = new ActorFleet({
      queues: this.#queues,
      reporter,
      logs: this.logs,
      starts: new Limiter(Math.max(2, availableParallelism())),
      projectDir: this.#options.projectDir,
      socketDir,
    })
    this.#cleanUp(() => {
      fleet.kill()
    })
    return fleet
  }

  #openReloader(served: Pick<ReloaderParts, 'fleet' | 'reader' | 'gateway'>): Reloader {
    const { fleet } = served
    const { projectDir } = this.#options
    const { logs } = this
    const builds = new BuildFolders(projectDir)
    this.#cleanUp(() => {
      builds.removeUnused([])
    })
    const reloader = new Reloader({
      ...served,
      projectDir,
      logs,
      builds,
      current: this.#current,
    })
    // A load waits for runtimes to start: it ends with them, so they are ended beside it.
    this.#closers.push(async () => {
      await Promise.all([reloader.close(), fleet.close(this.#graceMs)])
    })
    return reloader
  }

  /** Follows the project's files from now on. */
  #watch(reloader: Reloader): Promise<Watcher> {
    const opening = watchProject(this.#options.projectDir, {
      onChange: () => {
        void Promise.all([opening, reloader.reload()]).then(([watcher]) => {
          watcher.add(this.#current.inputs)
        })
      },
    })
    // At once, for it may be closed while it opens.
    this.#closers.push(async () => (await opening).close())
    return opening
  }

  /** Says what can be done now. */
  async #welcome(watching: Promise<Watcher>, tookMs: number): Promise<void> {
    const current = this.#current
    const watcher = await watching
    watcher.add(current.inputs)
    if (current.problem !== undefined) {
      this.logs.say('info', 'waiting for a change')
      return
    }
    const runnable = current.pipelines.filter(({ missing }) => missing.length === 0)
    const pipelines = runnable.map(({ name }) => name)
    const calls = pipelines.length > 0 ? `: asya call ${pipelines.join(' | ')}` : ''
    this.logs.say('info', `ready in ${showDuration(tookMs)}${calls}`)
  }

  /** Does this at the end, also at one that leaves no time to close (D2). */
  #cleanUp(clean: () => void): void {
    process.on('exit', clean)
    this.#closers.push(() => {
      process.off('exit', clean)
      clean()
    })
  }
}

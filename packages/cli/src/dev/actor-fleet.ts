import { END_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import { endActorsModule } from '../programs.ts'
import type { LoadedActor } from '../project/load-project.ts'
import { ActorHost, type ActorView, type HostParts, type ServedActor } from './actor-host.ts'
import { forwardOrphans } from './orphan-queue.ts'

/** What became of one actor. */
export interface ActorChange {
  readonly name: string
  readonly what: 'started' | 'reloaded' | 'removed' | 'failed'
  /** Why its runtime does not start. */
  readonly reason?: string
  readonly tookMs: number
}

/** All actors of a dev run: brings what is served to what the project defines. */
export class ActorFleet {
  readonly #parts: HostParts
  readonly #hosts = new Map<string, ActorHost>()
  readonly #ends = new Map<string, ActorHost>()
  /** Actors that are finishing what they have, and are in the project no more. */
  readonly #leaving = new Set<ActorHost>()
  /** By queue: what stops answering for an actor that is gone. */
  readonly #orphans = new Map<string, () => Promise<void>>()
  #isClosed = false

  constructor(parts: HostParts) {
    this.#parts = parts
  }

  /** Serves happy-end and error-end, which keep their messages below `keptDir`. */
  async serveEnds(keptDir: string): Promise<readonly ActorChange[]> {
    return Promise.all(
      listEnds(keptDir).map(async (end) => {
        const host = new ActorHost(this.#parts)
        this.#ends.set(end.name, host)
        return this.#serve(host, end)
      }),
    )
  }

  /** Serves exactly these actors, each in this version. What did not change is left alone. */
  async apply(actors: readonly LoadedActor[]): Promise<readonly ActorChange[]> {
    if (this.#isClosed) return []
    const wanted = new Map(actors.map((actor) => [actor.name, toServed(actor)]))
    // Before anything is sent: a message may come for an actor that still starts.
    await Promise.all([...wanted.keys()].map((name) => this.#parts.queues.declare(name)))
    const changes = [...wanted.values()].map(async (actor) => {
      const host = this.#hosts.get(actor.name) ?? new ActorHost(this.#parts)
      this.#hosts.set(actor.name, host)
      if (host.version === actor.version) return []
      const change = await this.#serve(host, actor)
      await this.#adopt(actor.name)
      return [change]
    })
    const removals = [...this.#hosts].filter(([name]) => !wanted.has(name))
    const removed = removals.map(([name, host]) => this.#remove(name, host))
    return (await Promise.all([...changes, ...removed])).flat()
  }

  /** Handlers that some version still uses: their files must stay. */
  listHandlers(): readonly string[] {
    return this.#all().flatMap((host) => host.handlers)
  }

  view(): { readonly actors: readonly ActorView[]; readonly ends: readonly ActorView[] } {
    const viewAll = (hosts: ReadonlyMap<string, ActorHost>): ActorView[] =>
      [...hosts].map(([name, host]) => host.view(name))
    return { actors: viewAll(this.#hosts), ends: viewAll(this.#ends) }
  }

  /** Ends all: the actors first, for the ends take what comes of them. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true
    const actors = [...this.#hosts.values(), ...this.#leaving]
    await Promise.all(actors.map((host) => host.close(graceMs)))
    await Promise.all([...this.#orphans.values()].map((stop) => stop()))
    await Promise.all([...this.#ends.values()].map((host) => host.close(graceMs)))
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const host of this.#all()) host.kill()
  }

  #all(): ActorHost[] {
    return [...this.#hosts.values(), ...this.#ends.values(), ...this.#leaving]
  }

  async #serve(host: ActorHost, actor: ServedActor): Promise<ActorChange> {
    const startedAt = performance.now()
    const isNew = host.version === undefined
    const hosted = await host.serve(actor)
    const tookMs = performance.now() - startedAt
    const { name } = actor
    if (!hosted.ok) return { name, what: 'failed', reason: hosted.reason, tookMs }
    return { name, what: isNew ? 'started' : 'reloaded', tookMs }
  }

  async #remove(name: string, host: ActorHost): Promise<ActorChange[]> {
    this.#hosts.delete(name)
    this.#leaving.add(host)
    void host.close(LEAVE_MS).finally(() => this.#leaving.delete(host))
    this.#orphans.set(name, await forwardOrphans(name, this.#parts.queues))
    return [{ name, what: 'removed', tookMs: 0 }]
  }

  /** The actor is back: its queue is its own again. */
  async #adopt(name: string): Promise<void> {
    const stop = this.#orphans.get(name)
    this.#orphans.delete(name)
    await stop?.()
  }
}

/** How long an actor that was removed may finish what it has. */
const LEAVE_MS = 300_000

function toServed(actor: LoadedActor): ServedActor {
  const { name, timeoutMs, concurrency, retry, env, program, exportName, guard } = actor
  const rest = { exportName, env, guard: guard?.hash }
  const options = JSON.stringify({ timeoutMs, concurrency, retry, ...rest })
  const common = { name, timeoutMs, concurrency, retry }
  switch (program.type) {
    case 'node':
      return {
        ...common,
        handler: `${program.module.path}#${exportName}`,
        version: `${program.module.hash} ${options}`,
        settings: { ...env, ...(guard && { ASYA_GUARD: guard.path }) },
      }
    case 'python':
      return {
        ...common,
        handler: program.handler,
        python: program.command,
        version: `${program.hash} ${program.handler} ${program.command} ${options}`,
        settings: env,
      }
  }
}

const END_TIMEOUT_MS = 30_000
/** They only write files: several at a time, so that they never hold a pipeline up. */
const END_CONCURRENCY = 8

function listEnds(keptDir: string): ServedActor[] {
  const module = endActorsModule()
  const ends = [
    [HAPPY_END, 'happyEnd'],
    [ERROR_END, 'errorEnd'],
  ] as const
  return ends.map(([name, exportName]) => ({
    name,
    handler: `${module}#${exportName}`,
    version: 'built in',
    timeoutMs: END_TIMEOUT_MS,
    concurrency: END_CONCURRENCY,
    retry: END_RETRY_POLICY,
    settings: { ASYA_SINK: keptDir },
  }))
}

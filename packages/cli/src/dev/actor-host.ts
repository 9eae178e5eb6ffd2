import { join } from 'node:path'
import {
  DEFAULT_MAX_FRAME_BYTES,
  ERROR_END,
  HAPPY_END,
  type RetryPolicy,
  type Station,
} from '@asya/protocol'
import { createLogger } from '@asya/service/logger'
import { createMetrics, Sidecar, type Reporter, type SidecarMetrics } from '@asya/sidecar'
import type { Limiter } from '../limiter.ts'
import type { DevQueues } from './dev-queues.ts'
import { readLogLine, type LogBook } from './log-book.ts'
import { RuntimeProcess, type RuntimeState } from './runtime-process.ts'

/** What is served under an actor's name. */
export interface ServedActor {
  readonly name: string
  /** `path.js#export`, or `module:function` */
  readonly handler: string
  /** The interpreter of an actor in Python. */
  readonly python?: string
  /** Changes when the code or the options do: then the actor is replaced. */
  readonly version: string
  readonly timeoutMs: number
  readonly concurrency: number
  readonly retry: RetryPolicy
  /** More of its runtime's environment. */
  readonly settings?: Readonly<Record<string, string>>
}

/** What all hosts of a dev run share. */
export interface HostParts {
  readonly queues: DevQueues
  readonly reporter: Reporter
  readonly logs: LogBook
  /** How many runtimes start at a time. */
  readonly starts: Limiter
  readonly projectDir: string
  /** A short path: a Unix socket's may have about 100 bytes. */
  readonly socketDir: string
}

export interface ActorView {
  readonly name: string
  readonly runtime: RuntimeState
  readonly pid: number | undefined
  readonly inFlight: number
  readonly served: number
  readonly failed: number
  readonly retried: number
  readonly reloads: number
  readonly deaths: number
}

/** One version of an actor: its runtime, and the sidecar that feeds it. */
interface Generation {
  readonly actor: ServedActor
  readonly runtime: RuntimeProcess
  readonly sidecar: Sidecar
  readonly close: (graceMs: number) => Promise<void>
}

export type Hosted = { readonly ok: true } | { readonly ok: false; readonly reason: string }

/**
 * Serves one actor.
 *
 * A1 A new version takes over only when its runtime serves; else the old one stays.
 * A2 The old version finishes what it has in flight, on its own code, while the new one takes the
 *    rest of the queue.
 * A3 `close` ends all versions, also those that are still finishing.
 */
export class ActorHost {
  readonly #parts: HostParts
  readonly #counts = { served: 0, failed: 0, retried: 0 }
  /** All that are not closed: the current one, one that starts, those that finish. */
  readonly #generations = new Set<Generation>()
  #current: Generation | undefined
  #reloads = 0
  #deaths = 0
  #isClosed = false

  constructor(parts: HostParts) {
    this.#parts = parts
  }

  get version(): string | undefined {
    return this.#current?.actor.version
  }

  /** The handlers that are still in use. */
  get handlers(): readonly string[] {
    return [...this.#generations].map((generation) => generation.actor.handler)
  }

  /** Serves this version from now on (A1, A2). `reason`: why its runtime does not start. */
  async serve(actor: ServedActor): Promise<Hosted> {
    const next = this.#open(actor)
    const old = this.#current
    // At first there is nothing better: it is shown, and tried again and again.
    this.#current ??= next
    const started = await this.#parts.starts.run(() => next.runtime.start())
    if (this.#isClosed) return { ok: false, reason: 'it was stopped' }
    if (started.type === 'died' && old) {
      await this.#leave(next, 0)
      return { ok: false, reason: started.reason }
    }
    await next.sidecar.start()
    this.#current = next
    if (old) {
      this.#reloads++
      void this.#leave(old, old.actor.timeoutMs + SETTLE_MS)
    }
    return started.type === 'died' ? { ok: false, reason: started.reason } : { ok: true }
  }

  /** Ends all versions (A3); what is in flight has `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#generations].map((one) => this.#leave(one, graceMs)))
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const { runtime } of this.#generations) runtime.kill()
  }

  view(name: string): ActorView {
    const generations = [...this.#generations]
    const runtime = this.#current?.runtime
    return {
      name,
      runtime: runtime?.state ?? 'stopped',
      pid: runtime?.pid,
      inFlight: generations.reduce((sum, { sidecar }) => sum + sidecar.inFlight, 0),
      ...this.#counts,
      reloads: this.#reloads,
      deaths: this.#deaths + generations.reduce((sum, one) => sum + one.runtime.deaths, 0),
    }
  }

  async #leave(generation: Generation, graceMs: number): Promise<void> {
    await generation.close(graceMs)
    if (this.#generations.delete(generation)) this.#deaths += generation.runtime.deaths
  }

  #open(actor: ServedActor): Generation {
    const { queues, logs, projectDir, reporter, socketDir } = this.#parts
    const { name, concurrency, timeoutMs } = actor
    const socketPath = join(socketDir, `${nextSocket()}.sock`)
    const runtime = new RuntimeProcess({ ...actor, actorName: name, socketPath, projectDir }, logs)
    const transport = queues.connect()
    const sidecar = new Sidecar(
      {
        station: toStation(actor),
        actorName: name,
        socketPath,
        maxMessageBytes: DEFAULT_MAX_FRAME_BYTES,
        concurrency,
        timeoutMs,
        patienceMs: PATIENCE_MS,
        // On a laptop they are its owner's.
        reportsPayloads: true,
      },
      {
        transport,
        reporter,
        metrics: this.#createMetrics(name),
        logger: createLogger({
          level: 'warn',
          write: (line) => {
            logs.add(readLogLine(name, line.trimEnd()))
          },
        }),
      },
    )
    const generation = {
      actor,
      runtime,
      sidecar,
      close: once(async (graceMs) => {
        await sidecar.close(graceMs)
        await transport.close()
        await runtime.stop()
      }),
    }
    this.#generations.add(generation)
    return generation
  }

  /** Metrics of all versions together, counted for the view. */
  #createMetrics(queue: string): SidecarMetrics {
    const metrics = createMetrics({ namespace: 'asya_actor', queue, custom: [] })
    const counts = this.#counts
    return {
      ...metrics,
      processed: (status) => {
        if (status === 'success' || status === 'empty') counts.served++
        else if (status === 'error') counts.failed++
        else if (status === 'retried') counts.retried++
        metrics.processed(status)
      },
    }
  }
}

/** A version that leaves has its own time limit, and this long to publish what came of it. */
const SETTLE_MS = 5_000

/** An actor that is missing here is not about to be deployed: it fails soon. */
const PATIENCE_MS = 1_000

let sockets = 0

function nextSocket(): number {
  return ++sockets
}

function toStation(actor: ServedActor): Station {
  const isEnd = actor.name === HAPPY_END || actor.name === ERROR_END
  return {
    queue: actor.name,
    isEnd,
    happyEnd: HAPPY_END,
    errorEnd: ERROR_END,
    retry: actor.retry,
  }
}

/** Closing twice waits for the first time. */
function once(close: (graceMs: number) => Promise<void>): (graceMs: number) => Promise<void> {
  let closing: Promise<void> | undefined
  return (graceMs) => (closing ??= close(graceMs))
}

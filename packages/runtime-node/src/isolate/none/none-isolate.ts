import { ActorHost } from '../actor-host.ts'
import { levelsFrom } from '../handler-log.ts'
import type { AbortCause, Isolate, IsolateEvents, IsolateOptions, Loaded, Run } from '../isolate.ts'
import { toStart } from '../link.ts'
import { loadActor } from '../load-actor.ts'

/**
 * Runs the actor beside the server's own code. Nothing is isolated: an endless loop stops the server
 * too, a full heap and `process.exit` end it, and `kill` only stops listening to handlers that go on.
 */
export class NoneIsolate implements Isolate {
  readonly blocker = undefined
  readonly #events: IsolateEvents
  readonly #loading: Promise<Loaded>
  #host: ActorHost | undefined
  #isClosed = false
  #isWorkPlanned = false

  constructor(options: IsolateOptions, events: IsolateEvents) {
    this.#events = events
    this.#loading = this.#load(options)
  }

  load(): Promise<Loaded> {
    return this.#loading
  }

  run(run: Run): void {
    this.#host?.take(run)
    if (this.#isWorkPlanned) return
    this.#isWorkPlanned = true
    setImmediate(() => {
      this.#isWorkPlanned = false
      if (!this.#isClosed) this.#host?.work()
    })
  }

  abort(runId: number, why: AbortCause): void {
    this.#host?.abort(runId, why)
  }

  ping(): void {
    setImmediate(() => {
      this.#host?.ping()
    })
  }

  async kill(): Promise<void> {
    if (this.#isClosed) return
    this.#close()
    this.#host?.abortAll()
  }

  async #load(options: IsolateOptions): Promise<Loaded> {
    const loaded = await loadActor(toStart(options))
    if (!loaded.ok) return loaded
    const { maxFrameBytes, logLevel } = options
    this.#host = new ActorHost(loaded, this.#createPort(), {
      maxFrameBytes,
      logLevels: levelsFrom(logLevel),
    })
    if (!this.#isClosed) process.on('uncaughtException', this.#onUncaught)
    return { ok: true }
  }

  #createPort() {
    const ignore = (): void => undefined
    return {
      frame: (...frame: Parameters<IsolateEvents['onFrame']>): void => {
        if (!this.#isClosed) this.#events.onFrame(...frame)
      },
      log: (line: Parameters<IsolateEvents['onLog']>[0]): void => {
        if (!this.#isClosed) this.#events.onLog(line)
      },
      pong: (): void => {
        if (!this.#isClosed) this.#events.onPong()
      },
      flush: ignore,
      enter: ignore,
      leave: ignore,
    }
  }

  /** Whose exception it was cannot be known: the actor's, for the server throws none. */
  readonly #onUncaught = (error: unknown): void => {
    if (this.#isClosed) return
    this.#close()
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
    this.#events.onDeath({ type: 'threw', name, message, stack })
  }

  #close(): void {
    this.#isClosed = true
    // Later, so that another uncaught exception of this turn does not end the process.
    setImmediate(() => process.off('uncaughtException', this.#onUncaught))
  }
}

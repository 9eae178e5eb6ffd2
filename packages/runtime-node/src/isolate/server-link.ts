import { BatchWriter, readBatch, transferable } from './batch.ts'
import {
  FRAME_KINDS,
  type AbortCause,
  type IsolateEvents,
  type Loaded,
  type Run,
} from './isolate.ts'
import type { FromIsolate, ToIsolate } from './link.ts'

/**
 * The server's end of the link: what a thread and a process have in common.
 *
 *   loading → loaded → closed
 *   loading → closed            (the actor could not be loaded)
 *
 * L1 Runs leave together, once a turn of the event loop, and before any later abort or ping.
 * L2 Nothing is told once it is closed (I4).
 */
export class ServerLink {
  readonly #post: (message: ToIsolate, transfer: ArrayBuffer[]) => void
  readonly #events: IsolateEvents
  readonly #outbox = new BatchWriter()
  readonly #loading = Promise.withResolvers<Loaded>()
  #state: 'loading' | 'loaded' | 'closed' = 'loading'
  #isFlushPlanned = false

  constructor(post: (message: ToIsolate, transfer: ArrayBuffer[]) => void, events: IsolateEvents) {
    this.#post = post
    this.#events = events
  }

  get state(): 'loading' | 'loaded' | 'closed' {
    return this.#state
  }

  get whenLoaded(): Promise<Loaded> {
    return this.#loading.promise
  }

  run(run: Run): void {
    this.#outbox.add(run.id, run.deadlineEpochMs, run.body)
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setImmediate(this.#flush)
  }

  abort(runId: number, why: AbortCause): void {
    this.#flush()
    this.#send({ type: 'abort', runId, why })
  }

  ping(): void {
    this.#flush()
    this.#send({ type: 'ping' })
  }

  /** Ends the link: loading has failed, or the isolate is gone. Returns false if it was closed. */
  close(reason: string): boolean {
    if (this.#state === 'closed') return false
    this.#state = 'closed'
    this.#loading.resolve({ ok: false, reason })
    return true
  }

  readonly receive = (message: FromIsolate): void => {
    if (this.#state === 'closed') return
    switch (message.type) {
      case 'loaded':
        this.#state = 'loaded'
        this.#loading.resolve({ ok: true })
        return
      case 'not-loaded':
        this.close(message.reason)
        return
      case 'frames':
        readBatch(message.batch, (runId, tag, body) => {
          // A caller that is told of a frame may end this isolate.
          if (this.#state !== 'loaded') return
          this.#events.onFrame(runId, FRAME_KINDS[tag] ?? 'failed', body)
        })
        return
      case 'pong':
        this.#events.onPong()
        return
      case 'log':
        this.#events.onLog(message.line)
        return
      case 'threw':
        return
    }
  }

  readonly #flush = (): void => {
    this.#isFlushPlanned = false
    if (this.#outbox.isEmpty) return
    const batch = this.#outbox.take()
    this.#send({ type: 'run', batch }, transferable(batch))
  }

  #send(message: ToIsolate, transfer: ArrayBuffer[] = []): void {
    if (this.#state === 'loaded') this.#post(message, transfer)
  }
}

import {
  decodeRequest,
  encodeFailure,
  encodeMetrics,
  encodeOutput,
  encodeOutputs,
  encodeProgress,
  makeFailure,
  type Failure,
  type Message,
  type OutputText,
} from '@asya/protocol'
import { invoke, type InvokeResult } from '@asya/sdk/invoke'
import { createHandlerLog, type HandlerLog } from './handler-log.ts'
import type { AbortCause, FrameKind, LogLine, Run } from './isolate.ts'
import type { HostedActor } from './load-actor.ts'
import { Running, type RunningHost } from './running.ts'

/**
 * Runs an actor's handlers inside an isolate.
 *
 * A run:  backlog → running → closed
 *         backlog → closed                    (aborted before it began)
 *
 * H1 Every run that was taken is closed exactly once, aborted or not.
 * H2 Interim frames are sent only if the request accepts them, and before the closing frame.
 * H3 Replies leave together, once a turn of the event loop; but handlers that hold the thread keep
 *    no finished reply, and no progress, for longer than a slice of time.
 */

/** Where a host's words go. */
export interface HostPort {
  /** Gives the body away. */
  frame(runId: number, kind: FrameKind, body: Uint8Array): void
  /** Sends what `frame` collected. */
  flush(): void
  readonly log: (line: LogLine) => void
  pong(): void
  /** A handler begins to hold the thread. */
  readonly enter: (runId: number) => void
  /** It returned, or awaits something. */
  readonly leave: () => void
}

export interface HostOptions {
  readonly maxFrameBytes: number
  readonly logLevels: ReadonlySet<LogLine['level']>
}

/**
 * How long handlers may hold the thread before what is finished is sent (H3): short, for the sidecar
 * can go on with it meanwhile (100 KB of text: an eighth more hops than with 5 ms).
 */
const SLICE_MS = 0.5
/** Progress of a handler that never yields is sent this often (H3). */
const INTERIM_INTERVAL_MS = 50
/** More than this is not kept until the end of the turn. */
const MAX_PENDING_BYTES = 1024 * 1024
/** Longer texts say no more, and a failure must fit into a frame. */
const MAX_TEXT_LENGTH = 16_384

export class ActorHost implements RunningHost {
  readonly #hosted: HostedActor
  readonly #port: HostPort
  readonly #options: HostOptions
  readonly #backlog: Run[] = []
  readonly #running = new Map<number, Running>()
  /** Runs with interim frames to send. */
  readonly #talking = new Set<Running>()
  #pendingBytes = 0
  #lastFlushAt = 0
  #isFlushPlanned = false
  #isWorkPlanned = false

  constructor(hosted: HostedActor, port: HostPort, options: HostOptions) {
    this.#hosted = hosted
    this.#port = port
    this.#options = options
  }

  /** Takes a run; it begins with the next `work`. */
  take(run: Run): void {
    this.#backlog.push(run)
  }

  /** Begins what was taken, a slice of time at a time (H3). */
  readonly work = (): void => {
    if (this.#isWorkPlanned) return
    const sliceEnd = performance.now() + SLICE_MS
    for (let run = this.#backlog.shift(); run; run = this.#backlog.shift()) {
      this.#begin(run)
      if (this.#backlog.length === 0 || performance.now() < sliceEnd) continue
      this.#isWorkPlanned = true
      setImmediate(() => {
        this.#isWorkPlanned = false
        this.flush()
        this.work()
      })
      return
    }
  }

  createLog(message: Message): HandlerLog {
    const ids = { job_id: message.jobId, message_id: message.id }
    return createHandlerLog(ids, this.#options.logLevels, this.#port.log)
  }

  abort(runId: number, why: AbortCause): void {
    const waiting = this.#backlog.findIndex((run) => run.id === runId)
    if (waiting !== -1) {
      this.#backlog.splice(waiting, 1)
      this.#close(runId, { type: 'failed', failure: makeFailure('timeout_error', 'aborted') })
      return
    }
    this.#running.get(runId)?.abort(why)
  }

  /** Tells every handler that nobody waits any more. */
  abortAll(): void {
    this.#backlog.length = 0
    for (const running of this.#running.values()) running.abort('cancelled')
  }

  ping(): void {
    this.flush()
    this.#port.pong()
  }

  /** Sends everything that is ready. */
  readonly flush = (): void => {
    this.#isFlushPlanned = false
    this.#lastFlushAt = performance.now()
    for (const running of this.#talking) this.#sendInterim(running)
    this.#talking.clear()
    this.#pendingBytes = 0
    this.#port.flush()
  }

  #begin(run: Run): void {
    const decoded = decodeRequest(run.body)
    if (!decoded.ok) {
      const { code, reason } = decoded.failure
      this.#close(run.id, { type: 'failed', failure: makeFailure(code, reason) })
      return
    }
    const running = new Running(run, decoded.request, this)
    this.#running.set(run.id, running)
    this.#port.enter(run.id)
    const result = invoke(this.#hosted.actor, running, this.#hosted.guard)
    this.#port.leave()
    void result.then((answer) => {
      this.#end(running, answer)
    })
  }

  #end(running: Running, answer: InvokeResult): void {
    this.#running.delete(running.id)
    if (this.#talking.delete(running)) this.#sendInterim(running)
    const { oversized } = running
    this.#close(running.id, oversized ? { type: 'failed', failure: oversized } : answer)
  }

  #close(runId: number, answer: InvokeResult): void {
    let kind: FrameKind = answer.type
    let body = answer.type === 'outputs' ? encodeOutputs(answer.outputs) : this.#fit(answer.failure)
    if (body.length > this.#options.maxFrameBytes) {
      kind = 'failed'
      body = encodeFailure(this.#tooLarge('the reply', body.length))
    }
    this.#send(runId, kind, body)
  }

  #fit(failure: Failure): Buffer {
    const { traceback } = failure
    return encodeFailure({
      ...failure,
      message: failure.message.slice(0, MAX_TEXT_LENGTH),
      ...(traceback === undefined ? {} : { traceback: traceback.slice(0, MAX_TEXT_LENGTH) }),
    })
  }

  #tooLarge(what: string, byteLength: number): Failure {
    const limit = String(this.#options.maxFrameBytes)
    const text = `${what} has ${String(byteLength)} bytes; ASYA_MAX_MESSAGE_SIZE is ${limit}`
    return makeFailure('message_too_large', text)
  }

  sendOutput(running: Running, output: OutputText): void {
    const body = encodeOutput(output)
    if (body.length <= this.#options.maxFrameBytes) this.#send(running.id, 'output', body)
    else running.oversized = this.#tooLarge('an output', body.length)
  }

  #sendInterim(running: Running): void {
    const { progress, metrics } = running
    if (progress)
      this.#send(running.id, 'progress', encodeProgress(progress.percent, progress.message))
    if (metrics.length > 0) this.#send(running.id, 'metrics', encodeMetrics(metrics))
    running.progress = undefined
    running.metrics = []
  }

  #send(runId: number, kind: FrameKind, body: Buffer): void {
    this.#port.frame(runId, kind, body)
    this.#pendingBytes += body.length
    if (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.#pendingBytes = 0
      this.#port.flush()
    }
    this.#planFlush()
  }

  plan(running: Running): void {
    this.#talking.add(running)
    if (performance.now() - this.#lastFlushAt > INTERIM_INTERVAL_MS) this.flush()
    else this.#planFlush()
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return
    this.#isFlushPlanned = true
    setImmediate(this.flush)
  }
}

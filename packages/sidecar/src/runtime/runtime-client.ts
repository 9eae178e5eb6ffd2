import { setTimeout as sleep } from 'node:timers/promises'
import {
  ACCEPTED_FRAMES,
  decodeReply,
  encodeFrame,
  encodeRequestFrame,
  encodeShutdown,
  makeFailure,
  MAX_OUTPUTS,
} from '@asya/protocol'
import type { Failure, Message, Metric, Output } from '@asya/protocol'
import { RuntimeConnection, type Loss } from './connection.ts'

/**
 * Calls the runtime over its Unix socket.
 *
 * R1 A call ends exactly once, whatever the runtime does.
 * R2 `not-delivered` is said only when the runtime cannot have begun: the connection was refused, or
 *    lost before the request was wholly written or read.
 * R3 Whether connections may be used again is learned, not assumed: some runtimes close after each
 *    reply. Until one has stayed open for a while after a reply, none carries a second request.
 * R4 While the runtime is absent one probe after another is made; the probe that succeeds carries the
 *    next request, for a sequential runtime would wait for it.
 */

export interface RuntimeClientOptions {
  readonly socketPath: string
  readonly maxFrameBytes: number
}

export interface CallOptions {
  readonly timeoutMs: number
  /** Aborting closes the connection, which cancels the request. */
  readonly signal?: AbortSignal | undefined
  onProgress(percent: number, message: string | undefined): void
  onMetrics(metrics: readonly Metric[]): void
}

export type CallResult =
  | { readonly type: 'outputs'; readonly outputs: readonly Output[] }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'timed-out' }
  | { readonly type: 'cancelled' }
  /** Lost before it was wholly written: nothing happened. */
  | { readonly type: 'not-delivered'; readonly reason: string }
  /** Lost afterwards: the handler may have run. */
  | { readonly type: 'lost'; readonly reason: string }

/** The runtime answers at its deadline; the sidecar waits that much longer (design, socket). */
const REPLY_GRACE_MS = 2_000
/** A runtime that closes after each reply does so within this time. */
const REUSE_TRIAL_MS = 50
/** Waits between probes: doubled until a request was answered, so that a runtime that takes
 *  connections only to drop them is not asked in a hot loop. */
const FIRST_PROBE_MS = 20
const LAST_PROBE_MS = 1_000

export class RuntimeClient {
  readonly #options: RuntimeClientOptions
  readonly #onAvailability: (isAvailable: boolean) => void
  readonly #idle: RuntimeConnection[] = []
  /** Cancels the calls under way, one each. */
  readonly #cancels = new Set<() => void>()
  readonly #closing = new AbortController()
  #reuse: 'unknown' | 'yes' | 'no' = 'unknown'
  #isAvailable = false
  #isProbing = false
  #isOver = false
  #probeWaitMs = FIRST_PROBE_MS

  constructor(options: RuntimeClientOptions, onAvailability: (isAvailable: boolean) => void) {
    this.#options = options
    this.#onAvailability = onAvailability
  }

  get isAvailable(): boolean {
    return this.#isAvailable
  }

  /** Begins to look for the runtime. */
  start(): void {
    void this.#probe()
  }

  /** Sends one message and waits for what becomes of it (R1). Never rejects. */
  async call(message: Message, options: CallOptions): Promise<CallResult> {
    const { timeoutMs: deadlineMs } = options
    const frame = encodeRequestFrame({ message, deadlineMs, accept: ACCEPTED_FRAMES })
    for (;;) {
      const connection = this.#idle.pop() ?? (await this.#open())
      if (typeof connection === 'string') return { type: 'not-delivered', reason: connection }
      const isFirstUse = connection.served === 0
      const result = await this.#exchange(connection, frame, options)
      if (result.type === 'outputs' || result.type === 'failed') this.#probeWaitMs = FIRST_PROBE_MS
      if (result.type === 'lost' || (result.type === 'not-delivered' && isFirstUse)) this.#lose()
      // A used connection that the runtime had closed meanwhile: a new one tells whether it is there.
      if (result.type !== 'not-delivered' || isFirstUse) return result
    }
  }

  /**
   * Asks the runtime to finish and exit. Resolves when it closes the connection, or answers since it
   * does not know the request, or `withinMs` is over; to false when it is not there. Never rejects.
   */
  async shutDown(withinMs: number): Promise<boolean> {
    const connection = this.#idle.pop() ?? (await this.#open())
    if (typeof connection === 'string') return false
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(end, withinMs)
      connection.send([encodeFrame(encodeShutdown())], { onFrame: end, onClose: end })
    })
    connection.destroy()
    // Whether it is gone, a probe tells.
    this.#lose()
    return true
  }

  /** Ends all calls as `cancelled`, those under way and those to come. */
  cancelAll(): void {
    this.#isOver = true
    for (const cancel of this.#cancels) cancel()
  }

  /** Closes all connections; calls under way end as `lost` or `cancelled`. */
  close(): void {
    this.#closing.abort()
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  async #open(): Promise<RuntimeConnection | string> {
    try {
      return await RuntimeConnection.open(this.#options.socketPath, this.#options.maxFrameBytes)
    } catch (error) {
      this.#lose()
      return error instanceof Error ? error.message : String(error)
    }
  }

  #exchange(
    connection: RuntimeConnection,
    frame: readonly Uint8Array[],
    options: CallOptions,
  ): Promise<CallResult> {
    return new Promise((resolve) => {
      const earlier: Output[] = []
      const end = (result: CallResult, keep: boolean): void => {
        clearTimeout(timer)
        this.#cancels.delete(cancel)
        options.signal?.removeEventListener('abort', cancel)
        if (keep) this.#keep(connection)
        else connection.destroy()
        resolve(result)
      }
      const cancel = (): void => {
        end({ type: 'cancelled' }, false)
      }
      const timer = setTimeout(() => {
        end({ type: 'timed-out' }, false)
      }, options.timeoutMs + REPLY_GRACE_MS)
      this.#cancels.add(cancel)
      options.signal?.addEventListener('abort', cancel, { once: true })
      const onFrame = (reply: Buffer): void => {
        const result = readFrame(reply, earlier, options)
        if (result) end(result, !isOutOfStep(result))
      }
      const onClose = (lost: Loss): void => {
        end(toResult(lost, connection.served > 0), false)
      }
      if (this.#isOver || options.signal?.aborted) cancel()
      else connection.send(frame, { onFrame, onClose })
    })
  }

  /** Keeps a connection for the next request, if the runtime keeps its end (R3). */
  #keep(connection: RuntimeConnection): void {
    connection.release()
    if (connection.isClosed || this.#closing.signal.aborted || this.#reuse === 'no') {
      connection.destroy()
      return
    }
    if (this.#reuse === 'yes') {
      this.#putIdle(connection)
      return
    }
    connection.onIdleClose = () => {
      this.#reuse = 'no'
    }
    setTimeout(() => {
      if (connection.isClosed) return
      this.#reuse = 'yes'
      this.#putIdle(connection)
    }, REUSE_TRIAL_MS).unref()
  }

  #putIdle(connection: RuntimeConnection): void {
    if (this.#closing.signal.aborted) {
      connection.destroy()
      return
    }
    this.#idle.push(connection)
    connection.onIdleClose = () => {
      const index = this.#idle.indexOf(connection)
      if (index !== -1) this.#idle.splice(index, 1)
      // The last one gone may mean that the runtime is: find out before the next message does.
      if (this.#idle.length === 0) void this.#probe()
    }
  }

  #lose(): void {
    if (this.#closing.signal.aborted) return
    for (const connection of this.#idle.splice(0)) connection.destroy()
    this.#setAvailable(false)
    void this.#probe()
  }

  #setAvailable(isAvailable: boolean): void {
    if (this.#isAvailable === isAvailable) return
    this.#isAvailable = isAvailable
    this.#onAvailability(isAvailable)
  }

  /** Tries to connect until it works (R4). */
  async #probe(): Promise<void> {
    if (this.#isProbing) return
    this.#isProbing = true
    this.#reuse = 'unknown'
    const { signal } = this.#closing
    for (let isFound = false; !isFound && !signal.aborted; isFound = await this.#tryConnect()) {
      if (this.#isAvailable) continue
      await sleep(this.#probeWaitMs, undefined, { signal }).catch(() => undefined)
      this.#probeWaitMs = Math.min(this.#probeWaitMs * 2, LAST_PROBE_MS)
    }
    this.#isProbing = false
    if (!signal.aborted) this.#setAvailable(true)
  }

  async #tryConnect(): Promise<boolean> {
    const { socketPath, maxFrameBytes } = this.#options
    try {
      this.#putIdle(await RuntimeConnection.open(socketPath, maxFrameBytes))
      return true
    } catch {
      this.#setAvailable(false)
      return false
    }
  }
}

/** Reads a frame; a result when it closes the request. */
function readFrame(frame: Buffer, earlier: Output[], options: CallOptions): CallResult | undefined {
  const reply = decodeReply(frame)
  switch (reply.type) {
    case 'progress':
      options.onProgress(reply.percent, reply.message)
      return undefined
    case 'metrics':
      options.onMetrics(reply.metrics)
      return undefined
    case 'output':
      // They count only when the closing array arrives.
      earlier.push(reply.output)
      return earlier.length > MAX_OUTPUTS ? TOO_MANY_OUTPUTS : undefined
    case 'outputs':
      if (earlier.length === 0) return reply
      if (earlier.length + reply.outputs.length > MAX_OUTPUTS) return TOO_MANY_OUTPUTS
      return { type: 'outputs', outputs: [...earlier, ...reply.outputs] }
    case 'failed':
      return reply
  }
}

const TOO_MANY_OUTPUTS: CallResult = {
  type: 'failed',
  failure: makeFailure('msg_parsing_error', `more than ${String(MAX_OUTPUTS)} outputs`),
}

/** After a reply that could not be read, what follows on the connection cannot be trusted. */
function isOutOfStep(result: CallResult): boolean {
  return result.type === 'failed' && result.failure.code === 'msg_parsing_error'
}

function toResult(lost: Loss, wasReused: boolean): CallResult {
  const { reason } = lost
  // R2: on a connection that was used before, a reset means that the runtime had left it already.
  if (!lost.wasWritten || (lost.wasReset && wasReused)) return { type: 'not-delivered', reason }
  return { type: 'lost', reason }
}

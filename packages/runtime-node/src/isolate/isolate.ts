import type { Launch } from '../entries.ts'

/**
 * Where an actor's handlers run: `thread/` (a worker thread), `process/` (a process of their own) or
 * `none/` (beside the server's own code). One conformance suite for all: conformance.ts.
 *
 * I1 Nothing runs before `load` has answered that the actor is there.
 * I2 A run is closed by one closing frame at most, after all its interim frames. An aborted run is
 *    closed too, once its handler has ended: only then is its place free.
 * I3 A ping is answered as soon as no handler holds the isolate, and after what was sent before it.
 * I4 `onDeath` comes at most once; nothing comes after it, nor after `kill`.
 * I5 The frames of a run that was closed before the isolate died by itself are not lost with it,
 *    unless its heap was exhausted or the kernel ended it.
 */
export interface Isolate {
  /** Resolves when the actor's module is loaded, or cannot be. Never rejects. */
  load(): Promise<Loaded>

  /** Begins to serve a request. The body stays the caller's and is only read. */
  run(run: Run): void

  /** Aborts the handler's `ctx.signal`. */
  abort(runId: number, why: AbortCause): void

  /** Asks for `onPong`. */
  ping(): void

  /**
   * The run whose handler holds the isolate at this moment; undefined when none does, or when that
   * cannot be known (a handler that has awaited something is not known any more).
   */
  readonly blocker: number | undefined

  /** Ends it at once, whatever its handlers do; resolves when it is gone. Idempotent. */
  kill(): Promise<void>
}

export type Loaded = { readonly ok: true } | { readonly ok: false; readonly reason: string }

export type AbortCause = 'deadline' | 'cancelled'

/** One request on its way through an isolate. Ids are used once. */
export interface Run {
  readonly id: number
  /** The request's frame, without its length. */
  readonly body: Uint8Array
  /** Milliseconds since the epoch; 0 = none. */
  readonly deadlineEpochMs: number
}

/** What a frame is; the last two close their run. The index is its number on the wire. */
export const FRAME_KINDS = ['progress', 'metrics', 'output', 'outputs', 'failed'] as const
export type FrameKind = (typeof FRAME_KINDS)[number]

/** What an isolate tells. */
export interface IsolateEvents {
  /** The body of a frame; it is the listener's. */
  onFrame(runId: number, kind: FrameKind, body: Uint8Array): void
  onPong(): void
  onLog(line: LogLine): void
  onDeath(death: Death): void
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** A line that a handler logs. */
export interface LogLine {
  readonly level: Exclude<LogLevel, 'silent'>
  readonly message: string
  /** An object, as JSON text: what cannot be written as JSON was dealt with where it was logged. */
  readonly fields: string
}

/** How an isolate ended by itself. */
export type Death =
  | { readonly type: 'out-of-memory'; readonly detail: string }
  | { readonly type: 'exited'; readonly exitCode: number }
  | {
      readonly type: 'threw'
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
    }
  /** By the kernel or a native abort; only a process tells. */
  | { readonly type: 'signalled'; readonly signal: string }

/** The module to load, and which of its exports is the actor. */
export interface HandlerSpec {
  /** As it was written, for messages. */
  readonly text: string
  /** Absolute. */
  readonly path: string
  readonly exportName: string | undefined
}

/** What every isolate needs to know. */
export interface IsolateOptions {
  readonly handler: HandlerSpec
  /** Absolute path of the module that checks payloads. */
  readonly guardPath: string | undefined
  /** A longer reply is refused. */
  readonly maxFrameBytes: number
  /** Limit of the JavaScript heap; V8's own when undefined. */
  readonly heapLimitMiB: number | undefined
  /** Lines below it are not written. */
  readonly logLevel: LogLevel
  readonly launch?: Launch
}

/** Makes an isolate, which begins to load at once. */
export type CreateIsolate = (options: IsolateOptions, events: IsolateEvents) => Isolate

import type { Batch } from './batch.ts'
import type { AbortCause, IsolateOptions, LogLevel, LogLine } from './isolate.ts'

/** What travels between the server and an isolate in another thread or process. */

export type ToIsolate =
  /** Tags are deadlines, in milliseconds since the epoch. */
  | { readonly type: 'run'; readonly batch: Batch }
  | { readonly type: 'abort'; readonly runId: number; readonly why: AbortCause }
  | { readonly type: 'ping' }

export type FromIsolate =
  | { readonly type: 'loaded' }
  | { readonly type: 'not-loaded'; readonly reason: string }
  /** Tags are indexes of FRAME_KINDS. */
  | { readonly type: 'frames'; readonly batch: Batch }
  | { readonly type: 'pong' }
  | { readonly type: 'log'; readonly line: LogLine }
  /** A last word before the exit that follows; a thread's comes by its `error` event instead. */
  | {
      readonly type: 'threw'
      readonly name: string
      readonly message: string
      readonly stack: string | undefined
    }

/** What an isolate is started with. */
export interface IsolateStart {
  readonly path: string
  readonly exportName: string | undefined
  readonly guardPath: string | undefined
  readonly maxFrameBytes: number
  readonly logLevel: LogLevel
}

/**
 * A third of the young generation. Node's own 64 MiB cost a busy actor 75 MiB more and save no time
 * (measured: echo, 1 KB, 16 connections).
 */
export const SEMI_SPACE_MIB = 16

export function toStart(options: IsolateOptions): IsolateStart {
  const { handler, guardPath, maxFrameBytes, logLevel } = options
  const { path, exportName } = handler
  return { path, exportName, guardPath, maxFrameBytes, logLevel }
}

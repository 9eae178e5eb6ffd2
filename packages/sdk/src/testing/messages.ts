import {
  bytesToText,
  decodeMessage,
  encodeMessage,
  ROOT,
  stringifyToBytes,
  toJsonBytes,
  type IdentifiedMessage,
  type JsonBytes,
  type Message,
} from '@asya/protocol'
import { serialise } from '../invoke/serialise.ts'

/** What the tests of actors and of pipelines have in common. */
export interface CallOptions {
  /** Given to handlers as `ctx.headers`. */
  readonly headers?: Readonly<Record<string, unknown>>
  /** The first attempt's number; 1 when left out. */
  readonly attempt?: number
  /** When handlers must be done; else it follows from an actor's `timeout`. Real time. */
  readonly deadline?: Date
  /** Aborts `ctx.signal`. */
  readonly signal?: AbortSignal
  /**
   * The jitter of retries: 0 ≤ random < 1 makes a wait half to one and a half as long. Without it
   * waits are as configured.
   */
  readonly random?: () => number
}

/** Waits as they are configured. */
export const NO_JITTER = (): number => 0.5

/** @throws TypeError when the test's own payload does not survive JSON */
export function makeFirstMessage(
  payload: unknown,
  route: { readonly steps: readonly string[]; readonly current: number },
  options: CallOptions,
): IdentifiedMessage {
  const serialised = serialise(payload, 'payload')
  if (!serialised.ok) throw new TypeError(serialised.reason)
  return {
    id: 'test-message',
    jobId: 'test-job',
    attempt: options.attempt ?? 1,
    branch: ROOT,
    route: { ...route, unknown: [] },
    ...(options.headers ? { headers: stringifyToBytes(options.headers) } : {}),
    payload: toJsonBytes(Buffer.from(serialised.text)),
    unknown: [],
  }
}

/** A message as it comes out of a queue: what cannot travel shows up in a test too. */
export function throughQueue(message: Message): IdentifiedMessage {
  const decoded = decodeMessage(encodeMessage(message))
  if (!decoded.ok) throw new TypeError(`a message cannot be read: ${decoded.failure.reason}`)
  return { ...decoded.message, id: decoded.message.id ?? 'test-message' }
}

/** The value of a payload that came out of a run. */
export function parseJsonBytes(bytes: JsonBytes): unknown {
  return JSON.parse(bytesToText(bytes))
}

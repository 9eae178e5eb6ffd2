import { encodeFailure, type Failure } from '@asya/protocol'

/** Who sent a request and waits for the frames, of which it is given the bodies. */
export interface Caller {
  /** Passes an interim frame on; it may be dropped if `isOptional` and the peer reads too slowly. */
  tell(body: Uint8Array, isOptional: boolean): void
  /** Closes the request with its last frame. */
  answer(body: Uint8Array): void
  /** Closes the connection without an answer. */
  hangUp(): void
}

/**
 * One request, from when it is read until it is answered.
 *
 *   waiting ⇄ running → settled
 *
 * T1 It is settled once: answered, or hung up on, or its caller is gone.
 */
export interface Ticket {
  readonly body: Uint8Array
  readonly caller: Caller
  readonly acceptedAt: number
  readonly timeoutMs: number | undefined
  /** On the clock of `performance.now()`; Infinity = none. */
  deadlineAt: number
  /** How often a worker has begun with it. */
  timesBegun: number
  /** Outputs were passed on: a second run would pass them on again. */
  hasToldOutputs: boolean
  place: Place
}

/** Who runs it. */
interface Runner {
  cancel(runId: number): void
}

export type Place =
  | { readonly type: 'waiting' }
  | { readonly type: 'running'; readonly worker: Runner; readonly runId: number }
  | { readonly type: 'settled' }

export function openTicket(
  body: Uint8Array,
  caller: Caller,
  timeoutMs: number | undefined,
): Ticket {
  const now = performance.now()
  return {
    body,
    caller,
    acceptedAt: now,
    timeoutMs,
    deadlineAt: timeoutMs === undefined ? Infinity : now + timeoutMs,
    timesBegun: 0,
    hasToldOutputs: false,
    place: { type: 'waiting' },
  }
}

const SETTLED: Place = { type: 'settled' }

/** Answers with the last frame's body, unless it is settled (T1). */
export function answer(ticket: Ticket, body: Uint8Array): void {
  if (ticket.place.type === 'settled') return
  ticket.place = SETTLED
  ticket.caller.answer(body)
}

export function answerFailure(ticket: Ticket, failure: Failure): void {
  answer(ticket, encodeFailure(failure))
}

/** Its caller is gone. */
export function abandon(ticket: Ticket): void {
  ticket.place = SETTLED
}

/** Hangs up: the sidecar calls again, and charges none that had company (design, S7). */
export function dismiss(ticket: Ticket): void {
  if (ticket.place.type === 'settled') return
  ticket.place = SETTLED
  ticket.caller.hangUp()
}

/** The sidecar waits 2 s beyond the deadline. */
const BORROWED_MS = 1_500

/**
 * Lets a request wait for a second run; false when it cannot have one. The time that a worker took
 * from it is given back, as far as the sidecar waits.
 */
export function queueAgain(ticket: Ticket): boolean {
  if (ticket.place.type === 'settled') return false
  if (ticket.hasToldOutputs) {
    dismiss(ticket)
    return false
  }
  ticket.place = { type: 'waiting' }
  ticket.deadlineAt = latestEnd(ticket)
  return true
}

/** Begins a run. A second one has the whole timeout again, but no longer than the sidecar waits. */
export function begin(ticket: Ticket, place: Extract<Place, { readonly type: 'running' }>): void {
  const { timeoutMs } = ticket
  ticket.place = place
  if (ticket.timesBegun++ === 0 || timeoutMs === undefined) return
  ticket.deadlineAt = Math.min(performance.now() + timeoutMs, latestEnd(ticket))
}

function latestEnd({ acceptedAt, timeoutMs }: Ticket): number {
  return timeoutMs === undefined ? Infinity : acceptedAt + timeoutMs + BORROWED_MS
}

import { CLOSED, Peer, type Answer } from '../peer.ts'
import { Mismatch, show, type Case } from '../suite.ts'

/**
 * A runtime that serves the conformance actor (docs/conformance.md) on a socket. It may keep a
 * connection after a reply or close it: cases that ask more than once connect anew.
 */
export class RuntimeRig {
  readonly socketPath: string

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  /** Does something with a connection of its own. */
  async withPeer<T>(act: (peer: Peer) => Promise<T>): Promise<T> {
    const peer = await Peer.open(this.socketPath)
    try {
      return await act(peer)
    } finally {
      peer.close()
    }
  }

  /** One request, on a connection of its own. */
  ask(payload: unknown, rest: Readonly<Record<string, unknown>> = {}): Promise<Answer> {
    return this.withPeer((peer) => {
      peer.request(payload, rest)
      return peer.answer()
    })
  }

  /** The outputs' payloads of one request. @throws Mismatch for a failure */
  async payloadsOf(payload: unknown, rest?: Readonly<Record<string, unknown>>): Promise<unknown[]> {
    return readPayloads((await this.ask(payload, rest)).last)
  }

  /** The failure of one request. @throws Mismatch for outputs */
  async failureOf(
    payload: unknown,
    rest?: Readonly<Record<string, unknown>>,
  ): Promise<WireFailure> {
    return readFailure((await this.ask(payload, rest)).last)
  }
}

export type RuntimeCase = Case<RuntimeRig>

/** A failure as it stands in a reply. */
export interface WireFailure {
  readonly code: string
  readonly severity: unknown
  readonly message: unknown
  readonly type: unknown
  readonly retryAfter: unknown
}

type Item = Readonly<Record<string, unknown>>

/** The items of a reply. @throws Mismatch when it is none */
export function readItems(last: unknown): readonly Item[] {
  if (last === CLOSED) throw new Mismatch('the connection was closed without an answer')
  if (!Array.isArray(last)) throw new Mismatch(`the reply is no array: ${show(last)}`)
  return last as Item[]
}

export function readPayloads(last: unknown): unknown[] {
  return readItems(last).map((item) => {
    if (!('payload' in item)) throw new Mismatch(`the reply is a failure: ${show(item)}`)
    return item['payload']
  })
}

export function readFailure(last: unknown): WireFailure {
  const items = readItems(last)
  const [item] = items
  if (items.length !== 1 || !item || typeof item['error'] !== 'string')
    throw new Mismatch(`the reply is no failure: ${show(last)}`)
  const details = (item['details'] ?? {}) as Item
  return {
    code: item['error'],
    severity: item['severity'],
    message: details['message'],
    type: details['type'],
    retryAfter: item['retry_after'],
  }
}

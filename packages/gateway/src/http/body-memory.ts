import type { ServerResponse } from 'node:http'
import { Refusal } from './answer.ts'

/**
 * Bounds what the bodies of all requests and answers take together: a limit for each of them alone
 * bounds nothing where there are many.
 */
export class BodyMemory {
  readonly #maxBytes: number
  readonly #held = new Map<ServerResponse, number>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Until the response is closed. Throws a Refusal when there is no room. */
  hold(response: ServerResponse, bytes: number): void {
    if (this.#bytes + bytes > this.#maxBytes) throw tooMuch()
    const held = this.#held.get(response)
    if (held === undefined) response.once('close', () => this.#release(response))
    this.#held.set(response, (held ?? 0) + bytes)
    this.#bytes += bytes
  }

  #release(response: ServerResponse): void {
    this.#bytes -= this.#held.get(response) ?? 0
    this.#held.delete(response)
  }
}

function tooMuch(): Refusal {
  const message = 'the gateway holds as many bodies as it may: try again in a moment'
  return new Refusal(503, 'busy', message).with({ 'retry-after': '1', connection: 'close' })
}

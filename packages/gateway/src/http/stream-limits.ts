import { Refusal } from './answer.ts'

export interface StreamLimitsOptions {
  readonly maxStreams: number
  /** Of one principal, or one address where there are none. */
  readonly maxPerClient: number
}

/** Bounds what stays open for long: streams, and calls that wait for their job. */
export class StreamLimits {
  readonly #options: StreamLimitsOptions
  readonly #counts = new Map<string, number>()
  #count = 0

  constructor(options: StreamLimitsOptions) {
    this.#options = options
  }

  get count(): number {
    return this.#count
  }

  /** Takes a place, until the returned function is called. Throws a Refusal when there is none. */
  take(client: string): () => void {
    const refusal = this.#findRefusal(client)
    if (refusal) throw refusal
    return this.#take(client)
  }

  /** Undefined when there is no place. */
  tryTake(client: string): (() => void) | undefined {
    return this.#findRefusal(client) ? undefined : this.#take(client)
  }

  #countOf(client: string): number {
    return this.#counts.get(client) ?? 0
  }

  #findRefusal(client: string): Refusal | undefined {
    const { maxStreams, maxPerClient } = this.#options
    if (this.#count >= maxStreams) return refuse(503, 'this gateway has', maxStreams)
    if (this.#countOf(client) >= maxPerClient) return refuse(429, 'you have', maxPerClient)
    return undefined
  }

  #take(client: string): () => void {
    this.#count++
    this.#counts.set(client, this.#countOf(client) + 1)
    let isTaken = true
    return () => {
      if (!isTaken) return
      isTaken = false
      this.#count--
      const left = this.#countOf(client) - 1
      if (left === 0) this.#counts.delete(client)
      else this.#counts.set(client, left)
    }
  }
}

function refuse(status: 429 | 503, whose: string, limit: number): Refusal {
  const message = `${whose} ${limit} streams and waiting calls open, the limit: poll GET /jobs/{id}`
  return new Refusal(status, 'too_many_streams', message).with({ 'retry-after': '5' })
}

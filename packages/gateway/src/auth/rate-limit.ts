/** A bucket of requests for each client: it fills steadily, and each request takes one. */
interface Bucket {
  left: number
  at: number
}

/** Beyond, whoever was seen longest ago starts anew: strangers must not fill the memory. */
const MAX_CLIENTS = 20_000

export class RateLimit {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, Bucket>()

  /** A client may be ahead by what it may ask within two seconds. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
    this.#burst = Math.max(1, perSecond * 2)
  }

  /** 0 when the request may go on; otherwise after how many seconds it may. */
  take(client: string, nowMs = performance.now()): number {
    const known = this.#buckets.get(client)
    const filled = known ? known.left + ((nowMs - known.at) / 1_000) * this.#perSecond : this.#burst
    const left = Math.min(this.#burst, filled)
    const isTaken = left >= 1
    this.#buckets.delete(client)
    this.#buckets.set(client, { left: isTaken ? left - 1 : left, at: nowMs })
    if (this.#buckets.size > MAX_CLIENTS) this.#forgetOldest()
    return isTaken ? 0 : Math.ceil((1 - left) / this.#perSecond)
  }

  get clientCount(): number {
    return this.#buckets.size
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}

/** Powers of two, so that an index wraps by a mask. */
const SMALLEST_RING = 16

/** First in, first out, in a ring that grows and shrinks: constant time at both ends. */
export class Fifo<T> {
  #ring = new Array<T | undefined>(SMALLEST_RING)
  #first = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    if (this.#size === this.#ring.length) this.#resize(this.#size * 2)
    this.#ring[(this.#first + this.#size) & (this.#ring.length - 1)] = item
    this.#size += 1
  }

  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const item = this.#ring[this.#first]
    this.#ring[this.#first] = undefined
    this.#first = (this.#first + 1) & (this.#ring.length - 1)
    this.#size -= 1
    if (this.#ring.length > SMALLEST_RING && this.#size * 4 <= this.#ring.length) {
      this.#resize(this.#ring.length / 2)
    }
    return item
  }

  /** The item at an index, the next one to come out being 0. */
  at(index: number): T | undefined {
    if (index >= this.#size) return undefined
    return this.#ring[(this.#first + index) & (this.#ring.length - 1)]
  }

  #resize(length: number): void {
    const ring = new Array<T | undefined>(length)
    for (let index = 0; index < this.#size; index += 1) ring[index] = this.at(index)
    this.#ring = ring
    this.#first = 0
  }
}

/** Seeded mutations of the corpus, for the fuzz test. */

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Bytes on which a scanner's fate hangs. */
const STRUCTURAL = Buffer.from('{}[]":,\\ \n0-9eEtfnu\u0000\u001f\x7f')

/** Pieces that are right in one place and wrong in another. */
const PIECES = [
  ...['{', '}', '[', ']', '"', '\\', '\\"', '\\\\', ',', ':', ',,', '{}', '[]', '""', 'null', '-'],
  ...['"payload":1,', '"route":{"steps":[],"current":0},', '"id":"x",', '"branch":[[0,2,"g"]],'],
  ...['\\u0000', '\\ud800', '\\u0070ayload', '"__proto__":{},', '1e400', '01', '1.0', '\u2028'],
  ...['"attempt":2,', '"deadline_ms":0,', '"error":{},', '[{"payload":1}]', '"status":"ok",'],
].map((piece) => Buffer.from(piece))

const NOT_UTF8 = [Buffer.from([0xff]), Buffer.from([0xc0, 0xaf]), Buffer.from([0xed, 0xa0, 0x80])]

export class Mutator {
  readonly #random: () => number
  readonly #corpus: readonly Buffer[]

  constructor(random: () => number, corpus: readonly Buffer[]) {
    this.#random = random
    this.#corpus = corpus
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  pick(from: readonly Buffer[] = this.#corpus): Buffer {
    return from[this.below(from.length)] ?? Buffer.alloc(0)
  }

  /** Bytes of the corpus, changed in none to three places. */
  mutate(): Buffer {
    let bytes = this.pick()
    for (let times = this.below(4); times > 0; times--) bytes = this.#mutateOnce(bytes)
    return bytes
  }

  #mutateOnce(bytes: Buffer): Buffer {
    const at = this.below(bytes.length + 1)
    const end = Math.min(bytes.length, at + 1 + this.below(16))
    switch (this.below(9)) {
      case 0: // one bit
        return this.#replace(bytes, at, (byte) => byte ^ (1 << this.below(8)))
      case 1: // one byte
        return this.#replace(bytes, at, () => this.below(256))
      case 2: // one byte that means something
        return this.#replace(bytes, at, () => STRUCTURAL[this.below(STRUCTURAL.length)] ?? 0)
      case 3: // cut off
        return bytes.subarray(0, at)
      case 4: // left out
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
      case 5: // said twice
        return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
      case 6: // joined with another
        return this.#splice(bytes, at)
      case 7: // with a piece more
        return Buffer.concat([bytes.subarray(0, at), this.pick(PIECES), bytes.subarray(at)])
      default: // with bytes that are no UTF-8, now and then
        if (this.below(4) > 0) return bytes
        return Buffer.concat([bytes.subarray(0, at), this.pick(NOT_UTF8), bytes.subarray(at)])
    }
  }

  #replace(bytes: Buffer, at: number, change: (byte: number) => number): Buffer {
    const copy = Buffer.from(bytes)
    if (at < copy.length) copy[at] = change(copy[at] ?? 0)
    return copy
  }

  #splice(bytes: Buffer, at: number): Buffer {
    const other = this.pick()
    return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length + 1))])
  }
}

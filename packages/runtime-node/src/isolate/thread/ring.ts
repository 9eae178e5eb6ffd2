import type { Batch } from '../batch.ts'

/**
 * Batches on their way from one thread to another, in memory that both have. A message port wakes its
 * thread in the same way, but serializes, allocates and dispatches an event for each message: a turn
 * of an idle runtime takes a third longer with it.
 *
 * R1 A batch is seen whole or not at all: who is ended while it writes leaves nothing behind.
 * R2 What is read is copied, for the memory is written again.
 *
 * The memory: two counters of bytes, written and read so far (they wrap at 2^32), then the records. A
 * record lies in one piece: where the end is too near, it begins at the start. It has
 *
 *   four numbers of 4 bytes: its length (a multiple of 8, or SKIP), count of heads, small bytes, `after`
 *   the heads, of 8 bytes each
 *   the small bytes
 */
const COUNTERS_BYTES = 128
const WRITTEN = 0
/** In a cache line of its own. */
const READ = 16
const RECORD_HEAD_BYTES = 16
/** In place of a length: the next record is at the start. */
const SKIP = -1

interface Ring {
  readonly counters: Int32Array<SharedArrayBuffer>
  readonly words: Int32Array<SharedArrayBuffer>
  readonly doubles: Float64Array<SharedArrayBuffer>
  readonly bytes: Buffer<SharedArrayBuffer>
}

/** @param size of the records, in bytes: a power of two */
export function createRingMemory(size: number): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNTERS_BYTES + size)
}

function openRing(memory: SharedArrayBuffer): Ring {
  return {
    counters: new Int32Array(memory, 0, COUNTERS_BYTES / 4),
    words: new Int32Array(memory, COUNTERS_BYTES),
    doubles: new Float64Array(memory, COUNTERS_BYTES),
    bytes: Buffer.from(memory, COUNTERS_BYTES),
  }
}

/** The end of the thread that writes. */
export class RingWriter {
  readonly #ring: Ring
  #written = 0

  constructor(memory: SharedArrayBuffer) {
    this.#ring = openRing(memory)
  }

  /**
   * Hands a batch over; false when there is no room for it now, or it has something large.
   *
   * @param after kept with it: the reader may hold it back
   */
  write({ heads, small, large }: Batch, after: number): boolean {
    const { counters, words, doubles, bytes } = this.#ring
    const size = bytes.length
    const length = RECORD_HEAD_BYTES + 8 * heads.length + toMultipleOf8(small.length)
    const start = this.#written & (size - 1)
    const skipped = start + length > size ? size - start : 0
    const used = (this.#written - Atomics.load(counters, READ)) | 0
    if (large.length > 0 || skipped + length > size - used) return false
    if (skipped > 0) words[start / 4] = SKIP
    const at = skipped > 0 ? 0 : start
    const word = at / 4
    words[word] = length
    words[word + 1] = heads.length
    words[word + 2] = small.length
    words[word + 3] = after
    doubles.set(heads, (at + RECORD_HEAD_BYTES) / 8)
    bytes.set(small, at + RECORD_HEAD_BYTES + 8 * heads.length)
    this.#written = (this.#written + skipped + length) | 0
    // R1
    Atomics.store(counters, WRITTEN, this.#written)
    Atomics.notify(counters, WRITTEN)
    return true
  }
}

/** The end of the thread that reads. */
export class RingReader {
  readonly #ring: Ring
  #read = 0
  /** What had been written when it was looked at last. */
  #seen = 0

  constructor(memory: SharedArrayBuffer) {
    this.#ring = openRing(memory)
  }

  /** The next batch, unless there is none or its `after` is more than this. */
  take(maxAfter: number): Batch | undefined {
    const { counters, words } = this.#ring
    this.#seen = Atomics.load(counters, WRITTEN)
    if (this.#seen === this.#read) return undefined
    const size = this.#ring.bytes.length
    let at = this.#read & (size - 1)
    if (words[at / 4] === SKIP) {
      this.#read = (this.#read + size - at) | 0
      at = 0
    }
    const word = at / 4
    const after = words[word + 3] ?? 0
    if (((after - maxAfter) | 0) > 0) return undefined
    const batch = this.#copy(at + RECORD_HEAD_BYTES, words[word + 1] ?? 0, words[word + 2] ?? 0)
    this.#read = (this.#read + (words[word] ?? 0)) | 0
    Atomics.store(counters, READ, this.#read)
    return batch
  }

  /** Resolves when something was written since the last `take`, or at `stop`. */
  async whenWritten(): Promise<void> {
    const waiting = Atomics.waitAsync(this.#ring.counters, WRITTEN, this.#seen)
    if (waiting.async) await waiting.value
  }

  /** Ends a wait. */
  stop(): void {
    Atomics.notify(this.#ring.counters, WRITTEN)
  }

  #copy(at: number, headCount: number, smallBytes: number): Batch {
    const { doubles, bytes } = this.#ring
    const heads: number[] = []
    for (let index = 0; index < headCount; index++) heads.push(doubles[at / 8 + index] ?? 0)
    const small = Buffer.allocUnsafe(smallBytes)
    bytes.copy(small, 0, at + 8 * headCount)
    return { heads, small, large: [] }
  }
}

function toMultipleOf8(length: number): number {
  return (length + 7) & ~7
}

/**
 * Many entries in one message: what one turn of the event loop collects crosses to the other thread
 * or process at once. Small entries are packed into one array of bytes, for copying bytes is cheaper
 * than telling the structured clone of another object; large ones travel beside it and are
 * transferred.
 */
export interface Batch {
  /** Three numbers an entry: id, tag, length. */
  readonly heads: readonly number[]
  /** The small entries, one behind the other. */
  readonly small: Uint8Array
  readonly large: readonly Uint8Array<ArrayBuffer>[]
}

const LARGE_BYTES = 32 * 1024
const NO_BYTES = new Uint8Array(0)

export class BatchWriter {
  #heads: number[] = []
  #small: Uint8Array[] = []
  #smallBytes = 0
  #large: Uint8Array<ArrayBuffer>[] = []

  get isEmpty(): boolean {
    return this.#heads.length === 0
  }

  /** Adds an entry; its bytes must not change until `take`. They stay the caller's. */
  add(id: number, tag: number, bytes: Uint8Array): void {
    this.#heads.push(id, tag, bytes.length)
    if (bytes.length < LARGE_BYTES) {
      this.#small.push(bytes)
      this.#smallBytes += bytes.length
    } else {
      this.#large.push(copy(bytes))
    }
  }

  /** As `add`, but the caller gives the bytes away. */
  give(id: number, tag: number, bytes: Uint8Array): void {
    if (bytes.length < LARGE_BYTES || !ownsMemory(bytes)) {
      this.add(id, tag, bytes)
      return
    }
    this.#heads.push(id, tag, bytes.length)
    this.#large.push(bytes)
  }

  /** Everything added since the last time. */
  take(): Batch {
    const batch = { heads: this.#heads, small: this.#pack(), large: this.#large }
    this.#heads = []
    this.#small = []
    this.#smallBytes = 0
    this.#large = []
    return batch
  }

  #pack(): Uint8Array {
    if (this.#smallBytes === 0) return NO_BYTES
    // Of its own, not pooled: a structured clone copies the whole memory behind a view.
    const packed = Buffer.allocUnsafeSlow(this.#smallBytes)
    let at = 0
    for (const bytes of this.#small) {
      packed.set(bytes, at)
      at += bytes.length
    }
    return packed
  }
}

function ownsMemory(bytes: Uint8Array): bytes is Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength
}

function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const owned = Buffer.allocUnsafeSlow(bytes.length)
  owned.set(bytes)
  return owned
}

/** The memory that a batch hands over. */
export function transferable(batch: Batch): ArrayBuffer[] {
  return batch.large.map((bytes) => bytes.buffer)
}

/** Calls `onEntry` for each entry, in order; the bytes are views of the batch. */
export function readBatch(
  batch: Batch,
  onEntry: (id: number, tag: number, bytes: Uint8Array) => void,
): void {
  const { heads, small, large } = batch
  let at = 0
  let nextLarge = 0
  for (let index = 0; index < heads.length; index += 3) {
    const id = heads[index] ?? 0
    const tag = heads[index + 1] ?? 0
    const length = heads[index + 2] ?? 0
    if (length < LARGE_BYTES) {
      onEntry(id, tag, small.subarray(at, at + length))
      at += length
    } else {
      onEntry(id, tag, large[nextLarge++] ?? NO_BYTES)
    }
  }
}

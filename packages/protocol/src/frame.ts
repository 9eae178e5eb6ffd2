/**
 * Frames of the socket between sidecar and runtime: a 4-byte big-endian length, then that many bytes.
 */

export const HEADER_BYTES = 4

export const DEFAULT_MAX_FRAME_BYTES = 10 * 1024 * 1024

/** What a reader makes of the bytes it was given. */
export type FrameEvent =
  | { readonly type: 'frame'; readonly body: Buffer<ArrayBuffer> }
  | { readonly type: 'too-large'; readonly announcedBytes: number; readonly limitBytes: number }

/**
 * Cuts a stream into frames. A length above the limit is refused before memory is taken for it;
 * after that the stream cannot be read any further.
 *
 * Each frame owns its memory (never a slice of a pooled or shared Buffer), so it may be kept, or
 * transferred to a worker.
 */
export class FrameReader {
  readonly #limitBytes: number
  #headerFilled = 0
  /** The bytes of the length that were read. */
  #announced = 0
  #body: Buffer<ArrayBuffer> | undefined
  #bodyFilled = 0
  #isBroken = false

  constructor(limitBytes = DEFAULT_MAX_FRAME_BYTES) {
    this.#limitBytes = limitBytes
  }

  /** True between frames: an end of the stream here cuts nothing. */
  get isAtBoundary(): boolean {
    return this.#headerFilled === 0
  }

  /** Takes the next bytes of the stream; returns the frames that they complete, in order. */
  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = []
    let at = 0
    while (!this.#isBroken && (at < chunk.length || this.#isBodyComplete())) {
      if (!this.#body) at = this.#readHeader(chunk, at, events)
      else at = this.#readBody(chunk, at, events)
    }
    return events
  }

  #isBodyComplete(): boolean {
    return this.#body !== undefined && this.#bodyFilled === this.#body.length
  }

  #readHeader(chunk: Uint8Array, start: number, events: FrameEvent[]): number {
    let at = start
    while (this.#headerFilled < HEADER_BYTES && at < chunk.length) {
      this.#announced = this.#announced * 256 + (chunk[at++] ?? 0)
      this.#headerFilled++
    }
    if (this.#headerFilled < HEADER_BYTES) return at
    const announcedBytes = this.#announced
    this.#announced = 0
    if (announcedBytes > this.#limitBytes) {
      this.#isBroken = true
      events.push({ type: 'too-large', announcedBytes, limitBytes: this.#limitBytes })
    } else {
      this.#body = Buffer.allocUnsafeSlow(announcedBytes)
      this.#bodyFilled = 0
    }
    return at
  }

  #readBody(chunk: Uint8Array, start: number, events: FrameEvent[]): number {
    const body = this.#body
    if (!body) return start
    const length = Math.min(body.length - this.#bodyFilled, chunk.length - start)
    body.set(chunk.subarray(start, start + length), this.#bodyFilled)
    this.#bodyFilled += length
    if (this.#bodyFilled === body.length) {
      this.#body = undefined
      this.#headerFilled = 0
      events.push({ type: 'frame', body })
    }
    return start + length
  }
}

/** A frame ready to be written. */
export function encodeFrame(body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  frame.writeUInt32BE(body.length, 0)
  frame.set(body, HEADER_BYTES)
  return frame
}

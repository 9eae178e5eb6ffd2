import type { Batch } from '../batch.ts'
import { createRingMemory, RingReader, RingWriter } from './ring.ts'

/**
 * How the server and the thread of an isolate talk: batches pass through rings where they fit, all
 * else through a message port.
 *
 * C1 Batches arrive in the order in which they were sent, whichever way they went.
 * C2 Any other message arrives after the batches that were sent before it.
 */

/** The memory of a channel. */
export interface Rings {
  readonly toIsolate: SharedArrayBuffer
  readonly fromIsolate: SharedArrayBuffer
}

/** Some sixty requests of 1 KB, twice. */
const RING_BYTES = 256 * 1024

export function createRings(): Rings {
  return { toIsolate: createRingMemory(RING_BYTES), fromIsolate: createRingMemory(RING_BYTES) }
}

interface Ends<Out, In> {
  readonly out: SharedArrayBuffer
  readonly in: SharedArrayBuffer
  readonly post: (message: Out, transfer: ArrayBuffer[]) => void
  /** The message that a batch from the ring stands for. */
  readonly wrap: (batch: Batch) => In
  readonly receive: (message: In) => void
}

export class Channel<Out extends object, In extends object> {
  readonly #ends: Ends<Out, In>
  readonly #writer: RingWriter
  readonly #reader: RingReader
  /** Batches that went through the port, and that came: their order among those of the rings. */
  #posted = 0
  #received = 0
  #isClosed = false

  constructor(ends: Ends<Out, In>) {
    this.#ends = ends
    this.#writer = new RingWriter(ends.out)
    this.#reader = new RingReader(ends.in)
  }

  send(message: Out, transfer: ArrayBuffer[]): void {
    if ('batch' in message) {
      if (this.#writer.write(message.batch as Batch, this.#posted)) return
      this.#posted = (this.#posted + 1) | 0
    }
    this.#ends.post(message, transfer)
  }

  /** Takes what came through the port. */
  receive(message: In): void {
    this.drain()
    this.#ends.receive(message)
    if (!('batch' in message)) return
    this.#received = (this.#received + 1) | 0
    this.drain()
  }

  /** Takes what is in the ring now. */
  drain(): void {
    for (;;) {
      const batch = this.#reader.take(this.#received)
      if (!batch) return
      this.#ends.receive(this.#ends.wrap(batch))
    }
  }

  /** Takes from the ring what comes until it is closed. That alone keeps no thread from ending. */
  async listen(): Promise<void> {
    while (!this.#isClosed) {
      this.drain()
      await this.#reader.whenWritten()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#reader.stop()
  }
}

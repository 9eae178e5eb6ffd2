import net from 'node:net'
import { FrameReader } from '@asya/protocol'

/**
 * One connection to the runtime; carries one request at a time.
 *
 * States: connecting → idle ⇄ busy → closed.
 */

export interface ConnectionEvents {
  /** A frame of the request under way. */
  onFrame(body: Buffer): void
  /** The connection is gone; nothing comes after this. */
  onClose(lost: Loss): void
}

export interface Loss {
  readonly reason: string
  /** False: the runtime cannot have read the whole request. */
  readonly wasWritten: boolean
  /**
   * The kernel reports a reset when a Unix socket is closed with unread bytes in it: the peer never
   * read what was written last (Linux, net/unix/af_unix.c, unix_release_sock).
   */
  readonly wasReset: boolean
}

/**
 * What all connections read into: a chunk is copied into its frame before the next is read. A buffer
 * for each chunk, which Node takes by default, costs a tenth of the time of a small reply.
 */
const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024)

export class RuntimeConnection {
  readonly #socket: net.Socket
  readonly #reader: FrameReader
  #events: ConnectionEvents | undefined
  #isWritten = true
  #lastError: NodeJS.ErrnoException | undefined
  /** How many requests it has carried to their end. */
  served = 0
  onIdleClose: (() => void) | undefined

  private constructor(path: string, maxFrameBytes: number) {
    const callback = (length: number, buffer: Uint8Array): boolean => {
      this.#read(buffer.subarray(0, length))
      return true
    }
    const socket = net.connect({ path, onread: { buffer: READ_BUFFER, callback } })
    this.#socket = socket
    this.#reader = new FrameReader(maxFrameBytes)
    socket.on('error', (error) => {
      this.#lastError = error
    })
    socket.on('end', () => {
      socket.destroy()
    })
    socket.on('close', () => {
      this.#closed()
    })
  }

  /** Connects; rejects with the system's error when nobody listens. */
  static open(path: string, maxFrameBytes: number): Promise<RuntimeConnection> {
    return new Promise((resolve, reject) => {
      const connection = new RuntimeConnection(path, maxFrameBytes)
      const socket = connection.#socket
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(connection)
      })
    })
  }

  get isClosed(): boolean {
    return this.#socket.destroyed
  }

  /** Sends a request, in parts; its frames go to `events` until `release` or the end of the connection. */
  send(frame: readonly Uint8Array[], events: ConnectionEvents): void {
    this.#events = events
    this.#isWritten = false
    const isSplit = frame.length > 1
    if (isSplit) this.#socket.cork()
    for (const [index, part] of frame.entries())
      this.#socket.write(part, index === frame.length - 1 ? this.#onWritten : undefined)
    if (isSplit) this.#socket.uncork()
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (!error) this.#isWritten = true
  }

  /** The request is answered: the connection may carry another. */
  release(): void {
    this.#events = undefined
    this.served++
  }

  /** Closes at once; the runtime takes it as a cancel of the request under way. */
  destroy(): void {
    this.#events = undefined
    this.#socket.destroy()
  }

  #read(chunk: Uint8Array): void {
    for (const event of this.#reader.push(chunk)) {
      if (event.type === 'frame' && this.#events) this.#events.onFrame(event.body)
      else {
        const reason =
          event.type === 'frame'
            ? 'the runtime sent a frame that nobody asked for'
            : `the runtime announced a frame of ${String(event.announcedBytes)} bytes; the limit is ${String(event.limitBytes)}`
        this.#socket.destroy(new Error(reason))
        return
      }
    }
  }

  #closed(): void {
    const events = this.#events
    this.#events = undefined
    if (!events) {
      this.onIdleClose?.()
      return
    }
    const error = this.#lastError
    events.onClose({
      reason: error ? error.message : 'the runtime closed the connection',
      wasWritten: this.#isWritten,
      wasReset: error?.code === 'ECONNRESET' || error?.code === 'EPIPE',
    })
  }
}

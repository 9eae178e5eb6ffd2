import net from 'node:net'
import { encodeFrame, FrameReader } from '@asya/protocol'

/** A frame as the peer read it. */
export type PeerFrame = unknown

/** A sidecar that does what a test says, over a real Unix socket. */
export class ScriptedPeer {
  readonly #socket: net.Socket
  readonly #reader = new FrameReader(1024 ** 3)
  readonly #frames: PeerFrame[] = []
  readonly #waiting: ((frame: PeerFrame) => void)[] = []
  /** Resolves when the connection is closed, with the error that closed it. */
  readonly closed: Promise<Error | undefined>

  private constructor(socket: net.Socket) {
    this.#socket = socket
    let lastError: Error | undefined
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    socket.on('error', (error) => {
      lastError = error
    })
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        resolve(lastError)
      })
    })
  }

  static open(path: string): Promise<ScriptedPeer> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new ScriptedPeer(socket))
      })
    })
  }

  /** How many bytes the peer has received. */
  get bytesRead(): number {
    return this.#socket.bytesRead
  }

  /** Sends a message as our sidecar does. */
  request(payload: unknown, rest: Readonly<Record<string, unknown>> = {}): void {
    this.sendJson({ id: 'm1', route: { steps: ['a'], current: 0 }, payload, ...rest })
  }

  /** Sends a request and waits for the frame that answers it. */
  async call(payload: unknown, rest: Readonly<Record<string, unknown>> = {}): Promise<PeerFrame> {
    this.request(payload, rest)
    return this.next()
  }

  sendJson(value: unknown): void {
    this.sendBody(Buffer.from(JSON.stringify(value)))
  }

  sendBody(body: Uint8Array): void {
    this.write(encodeFrame(body))
  }

  /** Writes these bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** The next frame, parsed; fails if none comes. */
  next(withinMs = 40_000): Promise<PeerFrame> {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift())
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`no frame within ${String(withinMs)} ms`))
      }, withinMs)
      this.#waiting.push((frame) => {
        clearTimeout(timer)
        resolve(frame)
      })
    })
  }

  /** Frames that came and were not asked for. */
  get unread(): readonly PeerFrame[] {
    return this.#frames
  }

  /** Closes as a process that ends does. */
  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #read(chunk: Buffer): void {
    for (const event of this.#reader.push(chunk)) {
      if (event.type !== 'frame') throw new Error('the runtime sent a frame that is too large')
      const frame: unknown = JSON.parse(event.body.toString())
      const next = this.#waiting.shift()
      if (next) next(frame)
      else this.#frames.push(frame)
    }
  }
}

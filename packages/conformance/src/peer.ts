import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFrame, FrameReader } from '@asya/protocol'
import { Mismatch } from './suite.ts'

/** The connection ended where a frame could have begun. */
export const CLOSED = Symbol('closed')

/** Both ends of a conversation read frames in the same way: bodies, in order, until the end. */
export class FrameStream {
  readonly #socket: net.Socket
  readonly #reader = new FrameReader(1024 ** 3)
  readonly #frames: Buffer[] = []
  #waiting: (() => void) | undefined
  #isClosed = false

  constructor(socket: net.Socket) {
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => {
      for (const event of this.#reader.push(chunk))
        if (event.type === 'frame') this.#frames.push(event.body)
      this.#wake()
    })
    // What closed it does not matter: 'close' follows.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The body of the next frame, or CLOSED. @throws Mismatch when neither comes in time */
  async next(withinMs = 10_000): Promise<Buffer | typeof CLOSED> {
    const timer = AbortSignal.timeout(withinMs)
    for (;;) {
      const frame = this.#frames.shift()
      if (frame) return frame
      if (this.#isClosed) return CLOSED
      if (timer.aborted) throw new Mismatch(`no frame came within ${withinMs} ms`)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
        timer.addEventListener('abort', () => {
          resolve()
        })
      })
    }
  }

  sendBody(body: Uint8Array): void {
    this.write(encodeFrame(body))
  }

  sendJson(value: unknown): void {
    this.sendBody(Buffer.from(JSON.stringify(value)))
  }

  /** Writes these bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends no more, and reads on. */
  end(): void {
    this.#socket.end()
  }

  /** Closes as a process that ends does. */
  close(): void {
    this.#socket.destroy()
  }

  #wake(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }
}

/** What a peer got for one request: the frames before the last, and the last, parsed. */
export interface Answer {
  readonly interim: readonly unknown[]
  /** CLOSED: the connection was closed without an answer. */
  readonly last: unknown
}

/** A sidecar that does what a case says. */
export class Peer extends FrameStream {
  /** Connects; a runtime that is starting again has some seconds for it. */
  static async open(path: string, withinMs = 15_000): Promise<Peer> {
    const endsAt = performance.now() + withinMs
    for (;;) {
      const socket = await connect(path)
      if (socket instanceof net.Socket) return new Peer(socket)
      if (performance.now() > endsAt) throw new Mismatch(`nobody serves ${path}: ${socket}`)
      await sleep(20)
    }
  }

  /** Sends a message as our sidecar does. */
  request(payload: unknown, rest: Readonly<Record<string, unknown>> = {}): void {
    this.sendJson({ id: 'm1', route: { steps: ['a'], current: 0 }, payload, ...rest })
  }

  /** Reads to the end of a request. */
  async answer(withinMs?: number): Promise<Answer> {
    const interim: unknown[] = []
    for (;;) {
      const frame = await this.next(withinMs)
      if (frame === CLOSED) return { interim, last: CLOSED }
      const parsed = parse(frame)
      const isInterim = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      if (!isInterim || 'status' in parsed) return { interim, last: parsed }
      interim.push(parsed)
    }
  }
}

function parse(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString()) as unknown
  } catch {
    throw new Mismatch(`a frame is no JSON: ${frame.toString('latin1').slice(0, 100)}`)
  }
}

function connect(path: string): Promise<net.Socket | string> {
  return new Promise((resolve) => {
    const socket = net.connect(path)
    socket.once('connect', () => {
      resolve(socket)
    })
    socket.once('error', (error) => {
      resolve(error.message)
    })
  })
}

import type net from 'node:net'
import { encodeFrame, FrameReader, type FrameEvent } from '@asya/protocol'
import type { Caller, Ticket } from './ticket.ts'

/**
 * One connection of a peer: requests come one after the other, and are answered in that order.
 *
 *   idle ⇄ serving
 *   idle, serving → closing → closed    (the last frame is written; what comes is thrown away)
 *   idle, serving → closed              (the peer is gone, which cancels its request)
 *
 * C1 One request at a time; the next is taken when the last one is answered.
 * C2 While a request is served the socket is read on, so that its end is seen, but no further than
 *    one request ahead.
 * C3 While there is no worker, no request is read.
 * C4 No frame is written after the answer until another request was read.
 */
type State =
  | { readonly type: 'idle' }
  | { readonly type: 'serving'; readonly ticket: Ticket }
  | { readonly type: 'closing' }
  | { readonly type: 'closed' }

/** What a connection does with what it reads. */
export interface ConnectionHost {
  readonly maxFrameBytes: number
  /** Whether requests may be read. */
  readonly isReading: boolean
  serve(body: Buffer, caller: Caller): Ticket
  cancel(ticket: Ticket): void
  /** A frame that is no request, such as `{"shutdown":true}`; true if it was dealt with. */
  handleCommand(body: Buffer): boolean
  /** The body of the frame that answers a request that is too large. */
  refuse(event: Extract<FrameEvent, { readonly type: 'too-large' }>): Uint8Array
  onClosed(connection: Connection): void
}

const IDLE: State = { type: 'idle' }
const CLOSED: State = { type: 'closed' }

/** A peer that does not read has its progress dropped beyond this. */
const MAX_UNREAD_BYTES = 1024 * 1024
/** Larger bodies are written beside their header instead of copied behind it. */
const COPY_BELOW_BYTES = 32 * 1024
/** After the last frame the peer has this long to read it and to close. */
const LINGER_MS = 1_000

export class Connection implements Caller {
  readonly #socket: net.Socket
  readonly #host: ConnectionHost
  readonly #reader: FrameReader
  readonly #ahead: FrameEvent[] = []
  #state: State = IDLE

  constructor(socket: net.Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#reader = new FrameReader(host.maxFrameBytes)
    socket.on('data', (chunk: Buffer) => {
      this.#read(chunk)
    })
    socket.on('end', () => {
      this.#leave()
    })
    // A peer that closed while it was written to; 'close' follows.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#leave()
    })
    this.steer()
  }

  get isIdle(): boolean {
    return this.#state.type === 'idle'
  }

  /** Reads, or stops reading, as its state and the workers allow (C2, C3). */
  steer(): void {
    const isRead = this.#state.type === 'idle' ? this.#host.isReading : this.#ahead.length === 0
    if (isRead && this.#socket.isPaused()) this.#socket.resume()
    else if (!isRead && !this.#socket.isPaused()) this.#socket.pause()
    if (isRead) this.#next()
  }

  tell(body: Uint8Array, isOptional: boolean): void {
    if (isOptional && this.#socket.writableLength > MAX_UNREAD_BYTES) return
    this.#write(body)
  }

  answer(body: Uint8Array): void {
    if (this.#state.type !== 'serving') return
    this.#write(body)
    this.#state = IDLE
    if (this.#ahead.length > 0 || !this.#host.isReading) this.steer()
  }

  hangUp(): void {
    this.#state = CLOSED
    this.#socket.destroy()
    this.#host.onClosed(this)
  }

  /** For the end of the server: lets an answer that was just written reach its peer. */
  finish(): void {
    if (this.#state.type === 'serving') this.hangUp()
    else if (this.#state.type === 'idle') this.#end()
  }

  #read(chunk: Buffer): void {
    if (this.#state.type === 'closing') return
    for (const event of this.#reader.push(chunk)) this.#ahead.push(event)
    if (this.#state.type === 'idle') this.#next()
    if (this.#ahead.length > 0) this.steer()
  }

  #write(body: Uint8Array): void {
    if (body.length < COPY_BELOW_BYTES) {
      this.#socket.write(encodeFrame(body))
      return
    }
    const header = Buffer.allocUnsafe(4)
    header.writeUInt32BE(body.length)
    this.#socket.cork()
    this.#socket.write(header)
    this.#socket.write(body)
    this.#socket.uncork()
  }

  /** Takes the next request (C1). */
  #next(): void {
    while (this.#state.type === 'idle' && this.#host.isReading) {
      const event = this.#ahead.shift()
      if (!event) return
      switch (event.type) {
        case 'too-large':
          // What follows cannot be told apart from the body.
          this.#closeWith(this.#host.refuse(event))
          return
        case 'frame':
          if (this.#host.handleCommand(event.body)) break
          this.#state = { type: 'serving', ticket: this.#host.serve(event.body, this) }
      }
    }
  }

  /** Writes the last frame and lets the peer read it: an abrupt end would take it from its hands. */
  #closeWith(body: Uint8Array): void {
    this.#write(body)
    this.#end()
  }

  #end(): void {
    this.#state = { type: 'closing' }
    this.#ahead.length = 0
    this.#socket.end()
    this.#socket.resume()
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref()
  }

  /** The peer is gone. */
  #leave(): void {
    const state = this.#state
    if (state.type === 'closed') return
    this.#state = CLOSED
    this.#socket.destroy()
    if (state.type === 'serving') this.#host.cancel(state.ticket)
    this.#host.onClosed(this)
  }
}

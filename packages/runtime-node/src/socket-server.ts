import type net from 'node:net'
import { encodeFailure, isShutdown, makeFailure } from '@asya/protocol'
import { Connection, type ConnectionHost } from './connection.ts'
import type { Log } from './log.ts'
import { readDeadlineMs } from './request-deadline.ts'
import { openSocket, type Opened } from './socket-file.ts'
import type { Caller, Ticket } from './ticket.ts'

/** An `import` of node:net also loads its block lists: 0.3 MiB. */
const { createServer } = process.getBuiltinModule('node:net')

/**
 * Serves the Unix socket.
 *
 *   new → listening → draining → closed
 *
 * N1 While it drains nothing is accepted or begun; what is in flight is finished.
 * N2 Connections are read only while there is a worker (`setReading`).
 */

export interface SocketServerOptions {
  readonly path: string
  /** Permissions of the socket's file. */
  readonly mode: number
  readonly maxFrameBytes: number
}

/** Who serves the requests: the supervisor. */
export interface RequestService {
  serve(body: Buffer, caller: Caller, deadlineMs: number | undefined): Ticket
  cancel(ticket: Ticket): void
  whenIdle(): Promise<void>
}

export class SocketServer {
  readonly #options: SocketServerOptions
  readonly #service: RequestService
  readonly #log: Log
  readonly #connections = new Set<Connection>()
  readonly #server: net.Server
  readonly #shutdown = Promise.withResolvers<void>()
  #isReading = false
  #isDraining = false

  constructor(options: SocketServerOptions, service: RequestService, log: Log) {
    this.#options = options
    this.#service = service
    this.#log = log
    const host = this.#createHost()
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#isDraining) socket.destroy()
      else this.#connections.add(new Connection(socket, host))
    })
  }

  /** Resolves when a peer asks the runtime to finish and exit. */
  get whenAskedToShutDown(): Promise<void> {
    return this.#shutdown.promise
  }

  /** Begins to accept, unless the path belongs to somebody else. */
  async listen(): Promise<Opened> {
    const { path, mode } = this.#options
    const opened = await openSocket(this.#server, path, mode)
    // A connection that could not be accepted, such as for want of file descriptors.
    this.#server.on('error', (error) => {
      this.#log.warn({}, `the socket: ${error.message}`)
    })
    return opened
  }

  /** Whether requests are read (N2). */
  setReading(isReading: boolean): void {
    this.#isReading = isReading && !this.#isDraining
    for (const connection of this.#connections) connection.steer()
  }

  /** Finishes what is in flight, as long as `graceMs` allows; then closes. Idempotent. */
  async close(graceMs: number): Promise<void> {
    this.#isDraining = true
    this.#isReading = false
    const closed = new Promise<void>((resolve) => {
      // Removes the file, too; called again it reports an error, which means that it is closed.
      this.#server.close(() => {
        resolve()
      })
    })
    for (const connection of this.#connections) if (connection.isIdle) connection.hangUp()
    const timer = Promise.withResolvers<void>()
    const timeout = setTimeout(timer.resolve, graceMs)
    await Promise.race([this.#service.whenIdle(), timer.promise])
    clearTimeout(timeout)
    for (const connection of this.#connections) connection.finish()
    await closed
  }

  #createHost(): ConnectionHost {
    const isReading = (): boolean => this.#isReading
    return {
      maxFrameBytes: this.#options.maxFrameBytes,
      get isReading() {
        return isReading()
      },
      serve: (body, caller) => this.#service.serve(body, caller, readDeadlineMs(body)),
      cancel: (ticket) => {
        this.#service.cancel(ticket)
      },
      handleCommand: (body) => {
        if (!asksToShutDown(body)) return false
        this.#shutdown.resolve()
        return true
      },
      refuse: ({ announcedBytes, limitBytes }) => {
        const sizes = `${String(announcedBytes)} bytes; ASYA_MAX_MESSAGE_SIZE is ${String(limitBytes)}`
        const failure = makeFailure('message_too_large', `the request has ${sizes}`)
        return encodeFailure(failure)
      },
      onClosed: (connection) => {
        this.#connections.delete(connection)
      },
    }
  }
}

/** Nearly no request has the word in it: only those that do are read here, before a worker does. */
function asksToShutDown(body: Buffer): boolean {
  return body.includes('"shutdown"') && isShutdown(body)
}

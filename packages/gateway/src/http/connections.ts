import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Bounds the connections of a server. Beyond the bound, the one that has waited longest without a whole
 * request goes: whoever holds connections only to hold them never keeps others out.
 *
 * waiting (no whole request yet) ⇄ busy (one is being answered)
 */
export class Connections {
  readonly #maxCount: number
  /** In the order in which they began to wait. */
  readonly #waiting = new Set<Socket>()
  #count = 0

  constructor(server: Server, maxCount: number) {
    this.#maxCount = maxCount
    server.on('connection', (socket) => this.#open(socket))
    server.on('request', (request, response) => this.#serve(request, response))
  }

  get count(): number {
    return this.#count
  }

  #open(socket: Socket): void {
    this.#count++
    this.#waiting.add(socket)
    socket.once('close', () => {
      this.#count--
      this.#waiting.delete(socket)
    })
    if (this.#count <= this.#maxCount) return
    const [longest = socket] = this.#waiting
    // Now, not when it is closed: several may come before that.
    this.#waiting.delete(longest)
    longest.destroy()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const begin = (): void => {
      this.#waiting.delete(socket)
    }
    if (hasBody(request)) request.once('end', begin)
    else begin()
    response.once('close', () => {
      if (!socket.destroyed) this.#waiting.add(socket)
    })
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

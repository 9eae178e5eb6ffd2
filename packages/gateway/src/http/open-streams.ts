import type { ServerResponse } from 'node:http'
import type { StreamLimits } from './stream-limits.ts'

/**
 * Streams of server-sent events that are open: kept alive while nothing happens, bounded in what waits
 * for their clients, and ended together.
 */
const HEARTBEAT_MS = 15_000

/** What may wait for a client that reads slowly. */
const MAX_WAITING_BYTES = 1024 * 1024

export class OpenStreams {
  readonly #limits: StreamLimits
  readonly #open = new Set<ServerResponse>()
  #timer: NodeJS.Timeout | undefined

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  get count(): number {
    return this.#open.size
  }

  /** Begins a stream; `client` is who is limited. Throws a Refusal when there are too many. */
  take(response: ServerResponse, client: string): void {
    const release = this.#limits.take(client)
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Proxies would keep the events until there are enough of them.
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    this.#open.add(response)
    this.#timer ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref()
    // Of the response, not the request: that one is closed when its body was read.
    response.once('close', () => {
      release()
      this.#open.delete(response)
    })
    response.on('error', () => response.destroy())
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer)
    for (const response of this.#open) response.end()
  }

  #beat(): void {
    for (const response of this.#open) writeToStream(response, ': still here\n\n')
  }
}

/** Nothing where the stream has ended; whoever does not read is cut. */
export function writeToStream(response: ServerResponse, chunk: string | Uint8Array): void {
  if (response.writableEnded || response.destroyed) return
  response.write(chunk)
  if (response.writableLength > MAX_WAITING_BYTES) response.destroy()
}

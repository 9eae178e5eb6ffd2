import type { ServerResponse } from 'node:http'
import type { Asked } from '../http/route.ts'
import type { StreamLimits } from '../http/stream-limits.ts'

/**
 * Streams of JSON-RPC messages that are ours and not the SDK's: what is heard of tasks, and what clients
 * of older revisions hear by GET.
 */
const HEARTBEAT_MS = 15_000

/** What may wait for a client that reads slowly. */
const MAX_WAITING_BYTES = 1024 * 1024

export interface MessageStream {
  readonly send: (message: object) => void
  /** Sends a last message, and ends. */
  readonly end: (message?: object) => void
}

export class MessageStreams {
  readonly #limits: StreamLimits
  readonly #open = new Map<ServerResponse, MessageStream>()
  #timer: NodeJS.Timeout | undefined

  constructor(limits: StreamLimits) {
    this.#limits = limits
  }

  /**
   * Takes the response over; `onClose` is called once, whoever ends the stream. Throws a Refusal when
   * there are too many streams.
   */
  open({ response, client }: Asked, onClose: () => void): MessageStream {
    const release = this.#limits.take(client)
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Proxies would keep the messages until there are enough of them.
      'x-accel-buffering': 'no',
    })
    response.flushHeaders()
    this.#timer ??= setInterval(() => this.#beat(), HEARTBEAT_MS).unref()
    const stream: MessageStream = {
      send: (message) => write(response, toEvent(message)),
      end: (message) => response.end(message && toEvent(message)),
    }
    this.#open.set(response, stream)
    response.once('close', () => {
      this.#open.delete(response)
      release()
      onClose()
    })
    response.on('error', () => response.destroy())
    return stream
  }

  /** Ends all of them. */
  close(): void {
    clearInterval(this.#timer)
    for (const stream of this.#open.values()) stream.end()
  }

  #beat(): void {
    for (const response of this.#open.keys()) write(response, ': still here\n\n')
  }
}

function toEvent(message: object): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`
}

function write(response: ServerResponse, text: string): void {
  if (response.writableEnded || response.destroyed) return
  response.write(text)
  if (response.writableLength > MAX_WAITING_BYTES) response.destroy()
}

import type { ServerResponse } from 'node:http'
import { OpenStreams, writeToStream } from '../http/open-streams.ts'
import type { Asked } from '../http/route.ts'
import type { StreamLimits } from '../http/stream-limits.ts'

export interface MessageStream {
  readonly send: (message: object) => void
  /** Sends a last message, and ends. */
  readonly end: (message?: object) => void
}

/**
 * Streams of JSON-RPC messages that are ours and not the SDK's: what is heard of tasks, and what clients
 * of older revisions hear by GET.
 */
export class MessageStreams {
  readonly #streams: OpenStreams

  constructor(limits: StreamLimits) {
    this.#streams = new OpenStreams(limits)
  }

  /**
   * Takes the response over; `onClose` is called once, whoever ends the stream. Throws a Refusal when
   * there are too many streams.
   */
  open({ response, client }: Asked, onClose: () => void): MessageStream {
    this.#streams.take(response, client)
    response.once('close', onClose)
    return toMessageStream(response)
  }

  /** Ends all of them. */
  close(): void {
    this.#streams.close()
  }
}

function toMessageStream(response: ServerResponse): MessageStream {
  return {
    send: (message) => writeToStream(response, toEvent(message)),
    end: (message) => response.end(message && toEvent(message)),
  }
}

function toEvent(message: object): string {
  return `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { writeToStream } from '../http/open-streams.ts'

/** What the SDK looks at. */
const HEADERS = /^(?:accept|content-type|last-event-id|mcp-.*)$/

/** The request as the SDK reads it; its body is handed over beside it. */
export function toFetchRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && HEADERS.test(name)) headers.set(name, value)
  return new Request('http://gateway/mcp', { method: 'POST', headers, signal })
}

/** Writes an answer of the SDK: a whole body, or a stream for as long as its client reads it. */
export async function writeFetchResponse(
  answer: Response,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.fromEntries(answer.headers)
  if (answer.body === null || !isStream(answer)) {
    const body = Buffer.from(await answer.arrayBuffer())
    response.writeHead(answer.status, { ...headers, 'content-length': body.length })
    response.end(body)
    return
  }
  response.writeHead(answer.status, headers)
  response.flushHeaders()
  try {
    for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
      writeToStream(response, chunk)
      if (response.destroyed) return
    }
    response.end()
  } catch {
    response.destroy()
  }
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true
}

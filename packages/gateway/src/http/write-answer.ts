import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'

/** Of a body that nobody wants: what comes within this time is thrown away. */
const LINGER_MS = 1_000

/** What is left of a body up to this size is read: the connection can be used again. */
const MAX_LEFT_BYTES = 64 * 1024

/** Answers, also where the body of the request was not read to its end. */
export function writeAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
): void {
  const isLong = leavesMuch(request)
  response.writeHead(status, {
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }),
    // What is said of jobs is for whoever asked, now.
    'cache-control': 'no-store',
    ...headers,
    ...(isLong ? { connection: 'close' } : {}),
  })
  const shown = request.method === 'HEAD' ? '' : body
  if (isLong) endLater(request, response, shown)
  else response.end(shown)
}

function leavesMuch({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > MAX_LEFT_BYTES
  )
}

/**
 * A connection that is closed while data arrives is reset, and its client may never see the answer
 * (RFC 9112, section 9.6): so it is closed a little later.
 */
function endLater(
  request: IncomingMessage,
  response: ServerResponse,
  body: string | Uint8Array,
): void {
  const end = (): void => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  response.write(body)
  response.once('close', () => clearTimeout(timer))
  request.once('end', end)
  request.resume()
}

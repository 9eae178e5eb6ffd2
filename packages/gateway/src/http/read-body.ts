import type { IncomingMessage } from 'node:http'
import { Refusal } from './answer.ts'

/** Reads a whole body; refuses one that is longer, before its rest has come. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  const [only] = chunks
  return only && chunks.length === 1 ? only : Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): Refusal {
  const message = `the body has more than ${maxBytes} bytes, the limit of this gateway (ASYA_MAX_BODY_SIZE)`
  // What is left of the body is not read: the connection cannot be used again.
  return new Refusal(413, 'body_too_large', message).with({ connection: 'close' })
}

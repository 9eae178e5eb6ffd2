import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from './answer.ts'
import type { BodyMemory } from './body-memory.ts'

export interface BodyLimits {
  readonly maxBytes: number
  readonly memory: BodyMemory
}

/** Reads a whole body; refuses one that is longer, before its rest has come. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  { maxBytes, memory }: BodyLimits,
): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Whoever is refused in the middle is to hear why: the request must stay open.
    for await (const part of request.iterator({ destroyOnReturn: false })) {
      const chunk = part as Buffer
      size += chunk.length
      if (size > maxBytes) throw tooLarge(maxBytes)
      memory.hold(response, chunk.length)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof Refusal || !request.destroyed) throw error
    throw new Refusal(400, 'body_cut_off', 'the connection ended, or was too slow, before the body')
  }
  const [only] = chunks
  return only && chunks.length === 1 ? only : Buffer.concat(chunks)
}

function tooLarge(maxBytes: number): Refusal {
  const message = `the body has more than ${maxBytes} bytes, the limit of this gateway (ASYA_MAX_BODY_SIZE)`
  return new Refusal(413, 'body_too_large', message)
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** RFC 6750, section 2.1: `Authorization: Bearer <token>`, of these characters. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i

/** Whether a header can carry it. */
export function isBearerToken(text: string): boolean {
  return /^[A-Za-z0-9\-._~+/]+=*$/.test(text)
}

/** The token of a request; undefined when it has none that could be read. */
export function readBearer(request: IncomingMessage): string | undefined {
  return BEARER.exec(request.headers.authorization ?? '')?.[1]
}

/**
 * What is kept of a token. One round of SHA-256 is enough: a token has 256 random bits, so there is no
 * list of likely ones that a slow hash would have to slow down, and each request is hashed.
 */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Takes as long wherever the two differ. */
export function isSameHash(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

import { hashToken, isBearerToken, isSameHash } from './bearer.ts'

/**
 * The tokens of sidecars: one a line, so that an old and a new one hold while pods change over. A
 * sidecar sends the first.
 */
export function parseSidecarTokens(
  text: string,
): { readonly value: readonly Buffer[] } | { readonly problem: string } {
  const tokens = text.split('\n').map((line) => line.trim())
  const found = tokens.filter((token) => token !== '')
  if (found.length === 0) return { problem: 'it is empty: expected a token a line' }
  const unfit = found.findIndex((token) => !isFitForSidecars(token))
  if (unfit >= 0) return { problem: `token ${unfit + 1} is not ${SIDECAR_TOKEN}` }
  return { value: found.map(hashToken) }
}

/** 128 bits as hexadecimal digits are 32. */
const MIN_LENGTH = 32

/** Completes "expected …". */
export const SIDECAR_TOKEN = `at least ${MIN_LENGTH} random characters of a token, such as \`openssl rand -hex 32\` makes`

export function isFitForSidecars(token: string): boolean {
  return token.length >= MIN_LENGTH && isBearerToken(token)
}

export function isSidecarToken(token: string, hashes: readonly Buffer[]): boolean {
  const hash = hashToken(token)
  return hashes.filter((known) => isSameHash(known, hash)).length > 0
}

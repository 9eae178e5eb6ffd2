import { hashToken, isSameHash } from './bearer.ts'

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
  const short = found.findIndex((token) => token.length < MIN_TOKEN_LENGTH)
  if (short >= 0)
    return {
      problem: `token ${short + 1} has fewer than ${MIN_TOKEN_LENGTH} characters: expected a random one, such as \`openssl rand -hex 32\` makes`,
    }
  return { value: found.map(hashToken) }
}

/** 128 bits as hexadecimal digits are 32. */
export const MIN_TOKEN_LENGTH = 32

export function isSidecarToken(token: string, hashes: readonly Buffer[]): boolean {
  const hash = hashToken(token)
  return hashes.filter((known) => isSameHash(known, hash)).length > 0
}

import { bytesToText, type JsonBytes } from './json-bytes.ts'

/** The beginning of a JSON value, for people, and how many bytes all of it has. */
export interface Excerpt {
  readonly text: string
  readonly bytes: number
}

/** The first `maxBytes` of a value, or up to three fewer: no character is cut. */
export function excerptOf(value: JsonBytes, maxBytes: number): Excerpt {
  let end = Math.min(value.length, maxBytes)
  if (end < value.length) while (end > 0 && isContinuation(value[end])) end--
  return { text: bytesToText(value.subarray(0, end)), bytes: value.length }
}

/** Of a character of several bytes, all but the first (RFC 3629, section 3). */
function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80
}

/** JSON values as bytes: what they are, and how small ones are read. */

/** Exactly one JSON value, without white space around it; a view, never a copy. */
export type JsonBytes = Uint8Array & { readonly __brand: 'JsonBytes' }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39

/** Views the bytes as a Buffer, for its native search and decoding; copies nothing. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** The bytes as text, without copying them first. */
export function bytesToText(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('utf8')
}

/** What a body is put together from: text of this codec, and bytes kept as they came. */
export type Part = string | Uint8Array

/**
 * Puts parts one behind the other, after `room` bytes that are left free. One by one: texts that were
 * added up are copied into one text first, and payloads are long.
 */
export function joinParts(parts: readonly Part[], room = 0): Buffer {
  let length = room
  for (const part of parts)
    length += typeof part === 'string' ? Buffer.byteLength(part) : part.length
  const bytes = Buffer.allocUnsafe(length)
  let at = room
  for (const part of parts) {
    if (typeof part === 'string') at += bytes.write(part, at)
    else {
      bytes.set(part, at)
      at += part.length
    }
  }
  return bytes
}

/** The first byte of a value tells its kind. */
export function jsonKind(
  value: Uint8Array,
): 'object' | 'array' | 'string' | 'number' | 'literal' | 'none' {
  switch (value[0]) {
    case undefined:
      return 'none'
    case 0x7b: // {
      return 'object'
    case 0x5b: // [
      return 'array'
    case QUOTE:
      return 'string'
    case 0x74: // true
    case 0x66: // false
    case 0x6e: // null
      return 'literal'
    default:
      return 'number'
  }
}

/** Parses small members; undefined when the bytes are no JSON (`undefined` is no JSON value). */
export function parseJson(bytes: JsonBytes): unknown {
  try {
    return JSON.parse(bytesToText(bytes)) as unknown
  } catch {
    return undefined
  }
}

/** Reads a string; undefined when the bytes are none. */
export function parseText(value: JsonBytes): string | undefined {
  const end = value.length - 1
  if (end < 1 || value[0] !== QUOTE || value[end] !== QUOTE) return undefined
  for (let at = 1; at < end; at++) {
    const byte = value[at] ?? 0
    if (byte !== BACKSLASH && byte >= SPACE && byte !== QUOTE) continue
    const parsed = parseJson(value)
    return typeof parsed === 'string' ? parsed : undefined
  }
  return asBuffer(value).toString('utf8', 1, end)
}

const MAX_QUOTED_LENGTH = 100

/** Quotes a text in a reason: whoever sent the message chose it, and its length. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, MAX_QUOTED_LENGTH))
}

/** More digits than a count, an index or a time on this wire ever has. */
const MAX_DIGITS = 9

/** The largest whole number that the envelope may hold. */
export const MAX_INDEX = 999_999_999

/** Reads an integer literal; `1.0` and `1e0` are none, so that all languages agree. */
export function parseIndex(value: JsonBytes): number | undefined {
  const { length } = value
  if (length === 0 || length > MAX_DIGITS || (length > 1 && value[0] === ZERO)) return undefined
  let index = 0
  for (const digit of value) {
    if (digit < ZERO || digit > NINE) return undefined
    index = index * 10 + digit - ZERO
  }
  return index
}

/** Brands bytes that are known to be one JSON value, such as the output of JSON.stringify. */
export function toJsonBytes(bytes: Uint8Array): JsonBytes {
  return bytes as JsonBytes
}

/** Serialises a value that is known to be plain JSON. */
export function stringifyToBytes(value: unknown): JsonBytes {
  return Buffer.from(JSON.stringify(value)) as unknown as JsonBytes
}

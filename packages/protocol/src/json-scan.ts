import {
  MISMATCHED,
  skipContainer,
  STRAY_BACKSLASH,
  TOO_DEEP,
  UNCLOSED,
} from './container-scanner.ts'
import { asBuffer, parseText, type JsonBytes } from './json-bytes.ts'

/**
 * Finds where JSON values begin and end without parsing them.
 *
 * The scanner proves what the envelope promises of a payload (asyncapi/README.md, "Verdicts"):
 * brackets balance, depth stays within a limit, strings are closed, and no backslash stands outside
 * of them. It does not prove that what stands between brackets is well formed: that is the runtime's
 * verdict ("payload").
 */

/** A member of an object: its decoded name, the bytes of its name, and the bytes of its value. */
export interface RawMember {
  readonly name: string
  /** The name as it was written, with quotes and escapes. */
  readonly nameBytes: JsonBytes
  readonly value: JsonBytes
}

/** How deep the value of a member may nest. */
export const MAX_DEPTH = 128

/** Members that one object of the envelope may have: each is remembered, to find duplicates. */
export const MAX_MEMBERS = 1_000

export type ScanRule =
  'invalid_json' | 'payload_unbalanced' | 'payload_too_deep' | 'too_many_members'

/** What is wrong with the bytes, and where (offset in bytes from the start of the input). */
export interface ScanFailure {
  readonly rule: ScanRule
  readonly offset: number
  readonly reason: string
}

export type Scanned<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: ScanFailure }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** Bytes of a string that are walked before a native search is worth its call. */
const WALK_BYTES = 32

/** The same after an escape: where one is, others are near (JSON or code within a string). */
const WALK_BYTES_AFTER_ESCAPE = 64

/** 1 = byte that ends a number or literal. */
const ENDS_SCALAR = new Uint8Array(256)
for (const byte of [0x20, 0x09, 0x0a, 0x0d, COMMA, COLON, QUOTE, BACKSLASH]) ENDS_SCALAR[byte] = 1
for (const byte of [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY]) ENDS_SCALAR[byte] = 1

/** Beside the results of skipContainer. Numbers, so that a hop allocates nothing. */
const NO_VALUE = -5

function skipWhitespace(bytes: Buffer, start: number): number {
  let at = start
  for (; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
  }
  return at
}

/** `start` is the byte after the opening quote; returns the offset after the closing one. */
function skipString(bytes: Buffer, start: number): number {
  const { length } = bytes
  let at = start
  let walkEnd = Math.min(length, start + WALK_BYTES)
  for (;;) {
    while (at < walkEnd) {
      const byte = bytes[at++]
      if (byte === QUOTE) return at
      if (byte === BACKSLASH) {
        at++
        walkEnd = Math.min(length, at + WALK_BYTES_AFTER_ESCAPE)
      }
    }
    // `at` is never inside an escape here, so backslashes are counted from it.
    const quote = bytes.indexOf(QUOTE, at)
    if (quote === -1) return UNCLOSED
    let slash = quote
    while (slash > at && bytes[slash - 1] === BACKSLASH) slash--
    at = quote + 1
    if ((quote - slash) % 2 === 0) return at
    walkEnd = Math.min(length, at + WALK_BYTES_AFTER_ESCAPE)
  }
}

function skipScalar(bytes: Buffer, start: number): number {
  let at = start
  while (at < bytes.length && ENDS_SCALAR[bytes[at] ?? 0] === 0) at++
  return at === start ? NO_VALUE : at
}

function skipValue(bytes: Buffer, start: number, maxDepth: number): number {
  const byte = bytes[start]
  if (byte === QUOTE) return skipString(bytes, start + 1)
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return skipContainer(bytes, start, maxDepth)
  return skipScalar(bytes, start)
}

function slice(bytes: Buffer, start: number, end: number): JsonBytes {
  return bytes.subarray(start, end) as unknown as JsonBytes
}

/** How far a scan has come. Its functions return false once they have set `failure`. */
interface Scan {
  readonly bytes: Buffer
  readonly maxDepth: number
  at: number
  failure: ScanFailure | undefined
}

function start(input: Uint8Array, wrappers: number): Scan {
  const bytes = asBuffer(input)
  const maxDepth = MAX_DEPTH + wrappers
  return { bytes, maxDepth, at: skipWhitespace(bytes, 0), failure: undefined }
}

function fail(scan: Scan, rule: ScanRule, reason: string): false {
  scan.failure = { rule, offset: scan.at, reason }
  return false
}

function failValue(scan: Scan, code: number): false {
  switch (code) {
    case TOO_DEEP:
      return fail(scan, 'payload_too_deep', `a value is nested more than ${MAX_DEPTH} deep`)
    case MISMATCHED:
      return fail(scan, 'payload_unbalanced', 'a bracket is closed by another kind of bracket')
    case UNCLOSED:
      return fail(scan, 'payload_unbalanced', 'a string or bracket is not closed')
    case STRAY_BACKSLASH:
      return fail(scan, 'invalid_json', 'a backslash stands outside of strings')
    default:
      return fail(scan, 'invalid_json', 'a value is missing')
  }
}

/** Moves over a value; returns where it began, or -1. */
function passValue(scan: Scan): number {
  const valueStart = scan.at
  const valueEnd = skipValue(scan.bytes, valueStart, scan.maxDepth)
  if (valueEnd < 0) {
    failValue(scan, valueEnd)
    return -1
  }
  scan.at = valueEnd
  return valueStart
}

/** Moves over an array; `passItem` moves over one item of it. */
function walkItems(scan: Scan, passItem: () => boolean): boolean {
  const { bytes } = scan
  if (bytes[scan.at] !== OPEN_ARRAY) return fail(scan, 'invalid_json', 'not an array')
  scan.at = skipWhitespace(bytes, scan.at + 1)
  if (bytes[scan.at] === CLOSE_ARRAY) {
    scan.at++
    return true
  }
  for (;;) {
    if (!passItem()) return false
    scan.at = skipWhitespace(bytes, scan.at)
    const separator = bytes[scan.at]
    if (separator !== COMMA && separator !== CLOSE_ARRAY)
      return fail(scan, 'invalid_json', 'expected a comma or the end')
    scan.at++
    if (separator === CLOSE_ARRAY) return true
    scan.at = skipWhitespace(bytes, scan.at)
  }
}

function readEnd(scan: Scan): boolean {
  scan.at = skipWhitespace(scan.bytes, scan.at)
  return scan.at === scan.bytes.length || fail(scan, 'invalid_json', 'bytes after the end')
}

/** Where a member lies, from its first byte to the one after its last; one object for all of a walk. */
export interface MemberSpan {
  nameStart: number
  nameEnd: number
  valueStart: number
  valueEnd: number
}

/** Is told where each member lies; false = a name that is none. */
type VisitMember = (bytes: Buffer, span: MemberSpan) => boolean

/** A loop of its own, for every message goes through it: a function for each item costs more. */
function walkMembers(scan: Scan, visit: VisitMember): boolean {
  const { bytes } = scan
  if (bytes[scan.at] !== OPEN_OBJECT) return fail(scan, 'invalid_json', 'not an object')
  scan.at = skipWhitespace(bytes, scan.at + 1)
  if (bytes[scan.at] === CLOSE_OBJECT) {
    scan.at++
    return true
  }
  const span: MemberSpan = { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 }
  for (let count = 0; ; count++) {
    if (count === MAX_MEMBERS)
      return fail(scan, 'too_many_members', `an object has more than ${MAX_MEMBERS} members`)
    if (!passMember(scan, span)) return false
    if (!visit(bytes, span)) return failName(scan, span)
    scan.at = skipWhitespace(bytes, scan.at)
    const separator = bytes[scan.at]
    if (separator !== COMMA && separator !== CLOSE_OBJECT)
      return fail(scan, 'invalid_json', 'expected a comma or the end')
    scan.at++
    if (separator === CLOSE_OBJECT) return true
    scan.at = skipWhitespace(bytes, scan.at)
  }
}

function failName(scan: Scan, span: MemberSpan): false {
  scan.at = span.nameStart
  return fail(scan, 'invalid_json', 'the name of a member is malformed')
}

/** Moves over a name, a colon and a value. */
function passMember(scan: Scan, span: MemberSpan): boolean {
  const { bytes, at } = scan
  if (bytes[at] !== QUOTE) return fail(scan, 'invalid_json', 'expected the name of a member')
  span.nameStart = at
  span.nameEnd = skipString(bytes, at + 1)
  if (span.nameEnd < 0) return fail(scan, 'invalid_json', 'the name of a member is not closed')
  scan.at = skipWhitespace(bytes, span.nameEnd)
  if (bytes[scan.at] !== COLON) return fail(scan, 'invalid_json', 'expected a colon')
  scan.at = skipWhitespace(bytes, scan.at + 1)
  span.valueStart = passValue(scan)
  span.valueEnd = scan.at
  return span.valueStart >= 0
}

/** Copies a member out of its span; undefined when its name is malformed. */
export function toRawMember(bytes: Buffer, span: MemberSpan): RawMember | undefined {
  const nameBytes = slice(bytes, span.nameStart, span.nameEnd)
  const name = parseText(nameBytes)
  if (name === undefined) return undefined
  return { name, nameBytes, value: slice(bytes, span.valueStart, span.valueEnd) }
}

function readMembers(scan: Scan, members: RawMember[]): boolean {
  return walkMembers(scan, (bytes, span) => {
    const member = toRawMember(bytes, span)
    if (!member) return false
    members.push(member)
    return true
  })
}

/**
 * Walks over an object's members without making anything of them; undefined = all of it is sound.
 * `visit` may return false for a name that is malformed.
 */
export function walkObject(input: Uint8Array, visit: VisitMember): ScanFailure | undefined {
  const scan = start(input, 0)
  if (walkMembers(scan, visit)) readEnd(scan)
  return scan.failure
}

function settle<T>(scan: Scan, value: T): Scanned<T> {
  return scan.failure ? { ok: false, failure: scan.failure } : { ok: true, value }
}

/**
 * Splits an object into its members, in order, duplicates included; at most MAX_MEMBERS.
 *
 * @param wrappers how much deeper than MAX_DEPTH a value may nest, 0 or 1
 */
export function scanObject(input: Uint8Array, wrappers = 0): Scanned<readonly RawMember[]> {
  const scan = start(input, wrappers)
  const members: RawMember[] = []
  if (readMembers(scan, members)) readEnd(scan)
  return settle(scan, members)
}

/** The members before the first mistake: what can still be read of an object that is none. */
export function scanReadableMembers(input: Uint8Array): readonly RawMember[] {
  const members: RawMember[] = []
  readMembers(start(input, 0), members)
  return members
}

/** Takes exactly one value, with the limits of a payload, out of the white space around it. */
export function scanValue(input: Uint8Array): Scanned<JsonBytes> {
  const scan = start(input, 0)
  const valueStart = passValue(scan)
  const value = slice(scan.bytes, Math.max(valueStart, 0), scan.at)
  if (valueStart >= 0) readEnd(scan)
  return settle(scan, value)
}

/** Splits an array into its items; `limit` bounds how many there may be. */
export function scanArray(input: Uint8Array, limit: number): Scanned<readonly JsonBytes[]> {
  const scan = start(input, 0)
  const items: JsonBytes[] = []
  const isRead = walkItems(scan, () => {
    if (items.length === limit) return failLimit(scan, limit)
    const itemStart = passValue(scan)
    if (itemStart < 0) return false
    items.push(slice(scan.bytes, itemStart, scan.at))
    return true
  })
  if (isRead) readEnd(scan)
  return settle(scan, items)
}

/** Splits an array of objects into the members of each, in one pass over the bytes. */
export function scanObjects(
  input: Uint8Array,
  limit: number,
): Scanned<readonly (readonly RawMember[])[]> {
  const scan = start(input, 0)
  const objects: (readonly RawMember[])[] = []
  const isRead = walkItems(scan, () => {
    if (objects.length === limit) return failLimit(scan, limit)
    const members: RawMember[] = []
    objects.push(members)
    return readMembers(scan, members)
  })
  if (isRead) readEnd(scan)
  return settle(scan, objects)
}

function failLimit(scan: Scan, limit: number): false {
  return fail(scan, 'invalid_json', `more than ${String(limit)} items`)
}

/** The bytes from the first one that is no white space. */
export function trimStart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(skipWhitespace(asBuffer(bytes), 0))
}

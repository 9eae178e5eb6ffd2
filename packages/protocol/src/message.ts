import { isUtf8 } from 'node:buffer'
import { decodeBranch, ROOT, toWireBranch, type Branch } from './branch.ts'
import { HEADER_BYTES } from './frame.ts'
import {
  bytesToText,
  jsonKind,
  MAX_INDEX,
  parseIndex,
  parseJson,
  parseText,
  quote,
  toJsonBytes,
  type JsonBytes,
  joinParts,
  type Part,
} from './json-bytes.ts'
import {
  scanObject,
  scanReadableMembers,
  toRawMember,
  walkObject,
  type MemberSpan,
  type RawMember,
  type ScanRule,
} from './json-scan.ts'
import { isId } from './names.ts'
import { ACCEPTED_FRAMES } from './reply.ts'
import { decodeRoute, namesToText, type Route, type RouteRule } from './route.ts'

/**
 * The message: what travels through queues (design, section 4). The payload and all members that
 * this version does not know are byte slices of the body they came in; nobody but the handler
 * parses them.
 */
export interface Message {
  readonly id?: string | undefined
  readonly parentId?: string | undefined
  readonly jobId?: string | undefined
  /** 1-based; written by sidecars alone. */
  readonly attempt: number
  readonly branch: Branch
  readonly route: Route
  /** An object, as bytes. */
  readonly headers?: JsonBytes | undefined
  readonly payload: JsonBytes
  /** An object, as bytes; only at `error-end`. */
  readonly error?: JsonBytes | undefined
  readonly unknown: readonly RawMember[]
}

/** A message with what only a request to a runtime carries. */
export interface Request {
  readonly message: Message
  /** Time left for the handler. */
  readonly deadlineMs?: number | undefined
  /** Kinds of interim frames that the caller reads. */
  readonly accept: readonly string[]
}

export type EnvelopeRule =
  | ScanRule
  | RouteRule
  | 'empty_message'
  | 'invalid_encoding'
  | 'duplicate_member'
  | 'missing_route'
  | 'missing_payload'
  | 'invalid_id'
  | 'invalid_attempt'
  | 'invalid_branch'
  | 'invalid_headers'
  | 'invalid_error'
  | 'invalid_deadline'
  | 'invalid_accept'

/** Why bytes are no message. `code` is the wire's failure code for it. */
export interface EnvelopeFailure {
  readonly rule: EnvelopeRule
  readonly code: 'empty_message' | 'invalid_encoding' | 'invalid_json' | 'msg_parsing_error'
  readonly reason: string
}

export type DecodedMessage =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly failure: EnvelopeFailure }

export type DecodedRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly failure: EnvelopeFailure }

function refuse(rule: EnvelopeRule, reason: string): { ok: false; failure: EnvelopeFailure } {
  const code =
    rule === 'empty_message' || rule === 'invalid_encoding' || rule === 'invalid_json'
      ? rule
      : 'msg_parsing_error'
  return { ok: false, failure: { rule, code, reason } }
}

/** What was read so far. Every message has all its members, so that the engine sees one shape. */
interface Draft {
  id: string | undefined
  parentId: string | undefined
  jobId: string | undefined
  attempt: number
  branch: Branch
  route: Route | undefined
  headers: JsonBytes | undefined
  payload: JsonBytes | undefined
  error: JsonBytes | undefined
  unknown: RawMember[]
  /** Of these; made for the first, which most messages do not have. */
  unknownNames: Set<string> | undefined
  deadlineMs: number | undefined
  accept: readonly string[]
  /** One bit for each known member that was there. */
  seen: number
  refused: ReturnType<typeof refuse> | undefined
}

function createDraft(): Draft {
  return {
    id: undefined,
    parentId: undefined,
    jobId: undefined,
    attempt: 1,
    branch: ROOT,
    route: undefined,
    headers: undefined,
    payload: undefined,
    error: undefined,
    unknown: [],
    unknownNames: undefined,
    deadlineMs: undefined,
    accept: [],
    seen: 0,
    refused: undefined,
  }
}

type ReadMember = (draft: Draft, value: JsonBytes) => ReturnType<typeof refuse> | undefined

function readId(key: 'id' | 'parentId' | 'jobId', name: string): ReadMember {
  return (draft, value) => {
    const id = parseText(value)
    if (!isId(id))
      return refuse('invalid_id', `${name} is not a string of 1 to 255 bytes without control codes`)
    draft[key] = id
    return undefined
  }
}

function readObject(key: 'headers' | 'error', rule: EnvelopeRule): ReadMember {
  return (draft, value) => {
    if (jsonKind(value) !== 'object' || parseJson(value) === undefined)
      return refuse(rule, `${key} is not an object`)
    draft[key] = value
    return undefined
  }
}

function readUnknown(draft: Draft, member: RawMember): ReturnType<typeof refuse> | undefined {
  const names = (draft.unknownNames ??= new Set())
  if (names.has(member.name)) return refuseTwice(member.name)
  if (parseJson(member.value) === undefined)
    return refuse('invalid_json', `the value of ${quote(member.name)} is no JSON`)
  names.add(member.name)
  draft.unknown.push(member)
  return undefined
}

/** What our own sidecar accepts. */
const OUR_ACCEPT = namesToText(ACCEPTED_FRAMES)

/** The members that this version knows. A Map: `__proto__` is a name like any other. */
const MEMBERS: ReadonlyMap<string, ReadMember> = new Map<string, ReadMember>([
  ['id', readId('id', 'id')],
  ['parent_id', readId('parentId', 'parent_id')],
  ['job_id', readId('jobId', 'job_id')],
  [
    'attempt',
    (draft, value) => {
      const attempt = parseIndex(value)
      if (!attempt) return refuse('invalid_attempt', 'attempt is not a whole number from 1')
      draft.attempt = attempt
      return undefined
    },
  ],
  [
    'branch',
    (draft, value) => {
      const branch = decodeBranch(value)
      if (!branch)
        return refuse('invalid_branch', 'branch is not a list of [index, count, generation]')
      draft.branch = branch
      return undefined
    },
  ],
  [
    'route',
    (draft, value) => {
      const decoded = decodeRoute(value)
      if (!decoded.ok) return refuse(decoded.rule, decoded.reason)
      draft.route = decoded.route
      return undefined
    },
  ],
  ['headers', readObject('headers', 'invalid_headers')],
  ['error', readObject('error', 'invalid_error')],
  [
    'payload',
    (draft, value) => {
      draft.payload = value
      return undefined
    },
  ],
  [
    'deadline_ms',
    (draft, value) => {
      const deadlineMs = parseIndex(value)
      if (deadlineMs === undefined)
        return refuse('invalid_deadline', 'deadline_ms is not a whole number of milliseconds')
      draft.deadlineMs = deadlineMs
      return undefined
    },
  ],
  [
    'accept',
    (draft, value) => {
      if (bytesToText(value) === OUR_ACCEPT) {
        draft.accept = ACCEPTED_FRAMES
        return undefined
      }
      const accept = parseJson(value)
      if (!Array.isArray(accept) || !accept.every((kind) => typeof kind === 'string'))
        return refuse('invalid_accept', 'accept is not a list of names')
      draft.accept = accept
      return undefined
    },
  ],
])

function refuseTwice(name: string): ReturnType<typeof refuse> {
  return refuse('duplicate_member', `the message names ${quote(name)} twice`)
}

/** A known member: how its name is nearly always written, with quotes, and its bit in `seen`. */
interface Known {
  readonly name: string
  readonly nameBytes: Uint8Array
  readonly bit: number
  readonly read: ReadMember
}

const KNOWN: ReadonlyMap<string, Known> = new Map(
  [...MEMBERS].map(([name, read], index) => {
    const nameBytes = Buffer.from(JSON.stringify(name))
    return [name, { name, nameBytes, bit: 1 << index, read }]
  }),
)

/** By the length of the name with its quotes: few are of one length, and differ early. */
const KNOWN_BY_LENGTH: (readonly Known[] | undefined)[] = []
for (const known of KNOWN.values())
  KNOWN_BY_LENGTH[known.nameBytes.length] = [
    ...(KNOWN_BY_LENGTH[known.nameBytes.length] ?? []),
    known,
  ]

/** The known member that is named here, if it is written without escapes. */
function findKnown(bytes: Buffer, span: MemberSpan): Known | undefined {
  const { nameStart } = span
  const candidates = KNOWN_BY_LENGTH[span.nameEnd - nameStart]
  if (!candidates) return undefined
  for (const known of candidates) {
    const { nameBytes } = known
    let at = 0
    while (at < nameBytes.length && bytes[nameStart + at] === nameBytes[at]) at++
    if (at === nameBytes.length) return known
  }
  return undefined
}

/** Reads a member into the draft; false when its name is malformed. The first refusal counts. */
function readMember(draft: Draft, bytes: Buffer, span: MemberSpan): boolean {
  if (draft.refused) return true
  const plain = findKnown(bytes, span)
  if (plain) {
    readKnown(draft, plain, toJsonBytes(bytes.subarray(span.valueStart, span.valueEnd)))
    return true
  }
  const member = toRawMember(bytes, span)
  if (!member) return false
  const known = KNOWN.get(member.name)
  if (known) readKnown(draft, known, member.value)
  else draft.refused = readUnknown(draft, member)
  return true
}

function readKnown(draft: Draft, known: Known, value: JsonBytes): void {
  const isSecond = (draft.seen & known.bit) !== 0
  draft.seen |= known.bit
  draft.refused = isSecond ? refuseTwice(known.name) : known.read(draft, value)
}

/** Decodes the request a runtime gets: a whole message and what belongs to this call alone. */
export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  if (bytes.length === 0) return refuse('empty_message', 'the message has no bytes')
  if (!isUtf8(bytes)) return refuse('invalid_encoding', 'the message is not UTF-8')
  const draft = createDraft()
  const failure = walkObject(bytes, (walked, span) => readMember(draft, walked, span))
  if (failure) return refuse(failure.rule, `${failure.reason} (byte ${String(failure.offset)})`)
  const { refused, route, payload, deadlineMs, accept } = draft
  if (refused) return refused
  if (!route) return refuse('missing_route', 'the message has no route')
  if (!payload) return refuse('missing_payload', 'the message has no payload')
  const { id, parentId, jobId, attempt, branch, headers, error, unknown } = draft
  const ids = { id, parentId, jobId, attempt, branch }
  const message: Message = { ...ids, route, headers, payload, error, unknown }
  return { ok: true, request: { message, deadlineMs, accept } }
}

const SALVAGED: ReadonlySet<string> = new Set(['id', 'parent_id', 'job_id', 'branch'])

/** Reads what can be read of a body that is no message, so that its job hears of it. */
export function salvageIds(
  body: Uint8Array,
): Pick<Message, 'id' | 'parentId' | 'jobId' | 'branch'> {
  const draft = createDraft()
  for (const { name, value } of scanReadableMembers(body)) {
    if (SALVAGED.has(name) && isUtf8(value)) MEMBERS.get(name)?.(draft, value)
  }
  const { id, parentId, jobId, branch } = draft
  return { id, parentId, jobId, branch }
}

/**
 * Decodes the body of a queue's message. `deadline_ms` and `accept` are reserved for the socket:
 * found here they are checked and left out.
 */
export function decodeMessage(body: Uint8Array): DecodedMessage {
  const decoded = decodeRequest(body)
  return decoded.ok ? { ok: true, message: decoded.request.message } : decoded
}

function encodeUnknown(members: readonly RawMember[]): Part[] {
  return members.flatMap((member) => [',', member.nameBytes, ':', member.value])
}

/** The members in their canonical order, all but the closing brace. */
function encodeMembers(message: Message): Part[] {
  const { id, parentId, jobId, attempt, branch, route, headers, error, unknown } = message
  let head = '{'
  if (id !== undefined) head += `"id":${JSON.stringify(id)},`
  if (parentId !== undefined) head += `"parent_id":${JSON.stringify(parentId)},`
  if (jobId !== undefined) head += `"job_id":${JSON.stringify(jobId)},`
  if (attempt !== 1) head += `"attempt":${String(attempt)},`
  if (branch.length > 0) head += `"branch":${JSON.stringify(toWireBranch(branch))},`
  head += `"route":{"steps":${namesToText(route.steps)},"current":${String(route.current)}`
  const parts: Part[] = [head, ...encodeUnknown(route.unknown)]
  if (headers) parts.push('},"headers":', headers)
  else parts.push('}')
  if (error) parts.push(',"error":', error)
  parts.push(...encodeUnknown(unknown), ',"payload":', message.payload)
  return parts
}

/** Encodes a message as a queue's body; payload and unknown members byte for byte. */
export function encodeMessage(message: Message): Buffer {
  return joinParts([...encodeMembers(message), '}'])
}

/** What stands behind the payload of a request. */
function encodeCall({ deadlineMs, accept }: Request): string {
  let call = ''
  if (deadlineMs !== undefined) call += `,"deadline_ms":${String(toIndex(deadlineMs))}`
  if (accept.length > 0) call += `,"accept":${namesToText(accept)}`
  return `${call}}`
}

/** Longer payloads are written as they are, beside the rest of their frame, instead of copied. */
const COPY_BELOW_BYTES = 32 * 1024

/** Encodes a request as a whole frame, in parts that are written one behind the other. */
export function encodeRequestFrame(request: Request): readonly Uint8Array[] {
  const { payload } = request.message
  const parts = [...encodeMembers(request.message), encodeCall(request)]
  if (payload.length < COPY_BELOW_BYTES) {
    const frame = joinParts(parts, HEADER_BYTES)
    frame.writeUInt32BE(frame.length - HEADER_BYTES)
    return [frame]
  }
  // The payload is the last member of the message.
  const head = joinParts(parts.slice(0, -2), HEADER_BYTES)
  const tail = joinParts(parts.slice(-1))
  head.writeUInt32BE(head.length - HEADER_BYTES + payload.length + tail.length)
  return [head, payload, tail]
}

/** Clocks give fractions, and a deadline may have passed: the wire knows whole numbers from 0. */
function toIndex(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), MAX_INDEX)
}

const SHUTDOWN = '{"shutdown":true}'

/** Asks the runtime to finish and exit (the frame's body, without its length). */
export function encodeShutdown(): Buffer {
  return Buffer.from(SHUTDOWN)
}

/** Far above any spelling of it: a message, which is read next, is not scanned twice. */
const MAX_SHUTDOWN_BYTES = 1_024

/** Whether a request is no message but asks to finish. */
export function isShutdown(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_SHUTDOWN_BYTES || !isUtf8(bytes)) return false
  const scanned = scanObject(bytes)
  if (!scanned.ok || scanned.value.some((member) => member.name === 'route')) return false
  const asked = scanned.value.filter((member) => member.name === 'shutdown')
  return asked.length === 1 && asked.every((member) => parseJson(member.value) === true)
}

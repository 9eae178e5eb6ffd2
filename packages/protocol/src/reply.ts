import { isUtf8 } from 'node:buffer'
import { makeFailure, severityOf, type Failure, type Severity } from './failure.ts'
import {
  bytesToText,
  joinParts,
  jsonKind,
  parseJson,
  parseText,
  quote,
  type JsonBytes,
} from './json-bytes.ts'
import {
  scanArray,
  scanObject,
  scanObjects,
  scanValue,
  trimStart,
  type RawMember,
} from './json-scan.ts'
import { decodeRoute, type Route } from './route.ts'

/** One message to send, as a handler answered it. */
export interface Output {
  readonly payload: JsonBytes
  /** The route with other steps ahead; absent = unchanged. */
  readonly route?: Route
}

/** A value that a handler measured. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: string
  readonly value: number
  readonly labels: Readonly<Record<string, string>>
}

/** What a frame from the runtime says. */
export type Reply =
  /** Closes the request: one output per message to send; none ends the pipeline. */
  | { readonly type: 'outputs'; readonly outputs: readonly Output[] }
  /** Closes the request. */
  | { readonly type: 'failed'; readonly failure: Failure }
  /** Interim frames: the request goes on. */
  | { readonly type: 'progress'; readonly percent: number; readonly message?: string }
  | { readonly type: 'metrics'; readonly metrics: readonly Metric[] }
  | { readonly type: 'output'; readonly output: Output }

export const MAX_OUTPUTS = 10_000

/** The kinds of interim frames that our sidecar reads. */
export const ACCEPTED_FRAMES: readonly string[] = ['progress', 'metrics', 'output']

type Members = ReadonlyMap<string, JsonBytes>

function malformed(reason: string): Reply {
  return { type: 'failed', failure: makeFailure('msg_parsing_error', `malformed reply: ${reason}`) }
}

/** The members by name, or the reason why they say nothing certain. */
function toMembers(members: readonly RawMember[]): Members | string {
  const named = new Map<string, JsonBytes>()
  for (const { name, value } of members) {
    if (named.has(name)) return `${quote(name)} is named twice`
    named.set(name, value)
  }
  return named
}

function readMembers(bytes: Uint8Array, wrappers = 0): Members | string {
  const scanned = scanObject(bytes, wrappers)
  return scanned.ok ? toMembers(scanned.value) : scanned.failure.reason
}

/** A member that may be left out: `null` says the same. */
function readOptional(members: Members, name: string): JsonBytes | undefined {
  const value = members.get(name)
  return value && !isNull(value) ? value : undefined
}

function isNull(value: JsonBytes): boolean {
  return value.length === 4 && bytesToText(value) === 'null'
}

function readString(value: JsonBytes | undefined): string | undefined {
  return value && parseText(value)
}

function readNumber(value: JsonBytes | undefined): number | undefined {
  if (!value || jsonKind(value) !== 'number') return undefined
  const parsed = parseJson(value)
  return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined
}

/**
 * Decodes a frame of the runtime: an array (outputs or a failure), an interim object, or the object
 * with `status` of the original's documentation. Never throws; what fits none of these is a
 * `msg_parsing_error`, and nothing of it is published.
 */
export function decodeReply(bytes: Uint8Array): Reply {
  if (!isUtf8(bytes)) return malformed('not UTF-8')
  switch (jsonKind(trimStart(bytes))) {
    case 'array':
      return decodeArray(bytes)
    case 'object':
      return decodeObject(bytes)
    case 'none':
      return malformed('an empty frame')
    case 'string':
    case 'number':
    case 'literal':
      return malformed('neither an array nor an object')
  }
}

function decodeArray(bytes: Uint8Array): Reply {
  const items = scanObjects(bytes, MAX_OUTPUTS)
  if (!items.ok) return malformed(items.failure.reason)
  const outputs: Output[] = []
  for (const [index, item] of items.value.entries()) {
    const members = toMembers(item)
    if (typeof members === 'string') return malformed(`item ${String(index)}: ${members}`)
    if (members.has('error')) {
      if (items.value.length > 1) return malformed('outputs and errors are mixed')
      if (members.has('payload')) return malformed('an item has both payload and error')
      return decodeFailure(members)
    }
    const output = decodeOutput(members)
    if (typeof output === 'string') return malformed(`item ${String(index)}: ${output}`)
    outputs.push(output)
  }
  return { type: 'outputs', outputs }
}

/** An output, or the reason why it is none. */
function decodeOutput(members: Members): Output | string {
  const payload = members.get('payload')
  if (!payload) return 'no payload'
  const routeBytes = members.get('route')
  if (!routeBytes) return { payload }
  const decoded = decodeRoute(routeBytes)
  return decoded.ok ? { payload, route: decoded.route } : decoded.reason
}

/** `{"error":CODE,"details":{…},"severity","retry_after"}` */
function decodeFailure(members: Members): Reply {
  const code = readString(members.get('error'))
  if (!code) return malformed('error is not a code')
  const detailsBytes = members.get('details')
  const details = detailsBytes && readMembers(detailsBytes)
  const said: Members = details && typeof details !== 'string' ? details : new Map()
  return failed(code, {
    message: readString(said.get('message')),
    exception: readString(said.get('type')),
    traceback: readString(said.get('traceback')),
    severity: readOptional(members, 'severity'),
    retryAfter: readOptional(members, 'retry_after'),
  })
}

interface FailureParts {
  readonly message: string | undefined
  readonly exception: string | undefined
  readonly traceback: string | undefined
  readonly severity: JsonBytes | undefined
  readonly retryAfter: JsonBytes | undefined
}

function failed(code: string, parts: FailureParts): Reply {
  const severity = parts.severity && readSeverity(parts.severity)
  if (parts.severity && !severity)
    return malformed(`the severity of ${quote(code)} is neither recoverable nor fatal`)
  const retryAfterSeconds = readNumber(parts.retryAfter)
  const failure: Failure = {
    code,
    message: parts.message ?? code,
    severity: severity ?? severityOf(code),
    ...(parts.exception === undefined ? {} : { exception: parts.exception }),
    ...(parts.traceback === undefined ? {} : { traceback: parts.traceback }),
    ...(retryAfterSeconds === undefined || retryAfterSeconds < 0
      ? {}
      : { retryAfterMs: retryAfterSeconds * 1000 }),
  }
  return { type: 'failed', failure }
}

function readSeverity(value: JsonBytes): Severity | undefined {
  const severity = readString(value)
  return severity === 'recoverable' || severity === 'fatal' ? severity : undefined
}

/** Wrappers around a payload that is not in an item: `{"output":{"payload":…}}`, `{"result":[…]}`. */
const WRAPPERS = 1

const INTERIM: ReadonlyMap<string, (value: JsonBytes) => Reply> = new Map([
  ['progress', decodeProgress],
  ['metrics', decodeMetrics],
  ['output', decodeInterimOutput],
])

function decodeObject(bytes: Uint8Array): Reply {
  const members = readMembers(bytes, WRAPPERS)
  if (typeof members === 'string') return malformed(members)
  if (members.has('status')) return decodeStatus(members)
  const [kind, another] = ACCEPTED_FRAMES.filter((name) => members.has(name))
  if (kind === undefined) return malformed('an object of no known kind')
  if (another !== undefined) return malformed(`an object of two kinds: ${kind} and ${another}`)
  const value = members.get(kind)
  const decode = INTERIM.get(kind)
  return value && decode ? decode(value) : malformed('an object of no known kind')
}

function decodeInterimOutput(bytes: JsonBytes): Reply {
  const members = readMembers(bytes)
  const output = typeof members === 'string' ? members : decodeOutput(members)
  return typeof output === 'string' ? malformed(`output: ${output}`) : { type: 'output', output }
}

/** The form that the original's documentation describes. */
function decodeStatus(members: Members): Reply {
  const status = readString(members.get('status'))
  if (status === 'error') {
    return failed(readString(members.get('error')) || 'processing_error', {
      message: readString(members.get('message')),
      exception: readString(members.get('type')),
      traceback: readString(members.get('traceback')),
      severity: readOptional(members, 'severity'),
      retryAfter: readOptional(members, 'retry_after'),
    })
  }
  const result = members.get('result')
  if (status !== 'ok' || !result) return malformed('a status without its result')
  if (isNull(result)) return { type: 'outputs', outputs: [] }
  const payloads = splitResult(result)
  if (typeof payloads === 'string') return malformed(payloads)
  return { type: 'outputs', outputs: payloads.map((payload) => ({ payload })) }
}

/** The payloads of a result, or the reason why it has none. */
function splitResult(result: JsonBytes): readonly JsonBytes[] | string {
  if (jsonKind(result) === 'array') {
    const items = scanArray(result, MAX_OUTPUTS)
    return items.ok ? items.value : items.failure.reason
  }
  const value = scanValue(result)
  return value.ok ? [value.value] : value.failure.reason
}

function decodeProgress(bytes: JsonBytes): Reply {
  const members = readMembers(bytes)
  if (typeof members === 'string') return malformed(`progress: ${members}`)
  const percent = readNumber(members.get('percent'))
  if (percent === undefined) return malformed('progress without percent')
  const message = readString(members.get('message'))
  return {
    type: 'progress',
    percent: clampPercent(percent),
    ...(message === undefined ? {} : { message }),
  }
}

function clampPercent(percent: number): number {
  return Math.min(Math.max(percent, 0), 100)
}

function decodeMetrics(bytes: JsonBytes): Reply {
  const items = parseJson(bytes)
  if (!Array.isArray(items)) return malformed('metrics is not an array')
  const metrics = (items as unknown[]).map(toMetric)
  return metrics.every((metric) => metric !== undefined)
    ? { type: 'metrics', metrics }
    : malformed('a metric is not {kind, name, value, labels?}')
}

function toMetric(item: unknown): Metric | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const { kind, name, value, labels } = item as Record<string, unknown>
  if (kind !== 'counter' && kind !== 'gauge' && kind !== 'histogram') return undefined
  if (typeof name !== 'string' || typeof value !== 'number') return undefined
  if (!Number.isFinite(value)) return undefined
  const pairs = Object.entries(typeof labels === 'object' && labels !== null ? labels : {})
  const strings = pairs.map(([label, text]): [string, string] => [label, String(text)])
  return { kind, name, value, labels: Object.fromEntries(strings) }
}

/** Text of an output's payload and, where it changed, its route. */
export interface OutputText {
  readonly payload: string
  readonly route?: Pick<Route, 'steps' | 'current'>
}

/** Encodes the frame's body that closes a request. */
export function encodeOutputs(outputs: readonly OutputText[]): Buffer {
  const texts: string[] = []
  for (const output of outputs)
    texts.push(texts.length === 0 ? '[{"payload":' : ',{"payload":', output.payload, endOf(output))
  if (texts.length === 0) texts.push('[')
  texts.push(']')
  return joinParts(texts)
}

function endOf({ route }: OutputText): string {
  if (!route) return '}'
  return `,"route":${JSON.stringify({ steps: route.steps, current: route.current })}}`
}

/** Encodes the frame's body that closes a request with a failure. */
export function encodeFailure(failure: Failure): Buffer {
  const { code, message, exception, traceback, severity, retryAfterMs } = failure
  const details = { message, type: exception, traceback }
  const retryAfter = retryAfterMs === undefined ? {} : { retry_after: retryAfterMs / 1000 }
  return Buffer.from(JSON.stringify([{ error: code, details, severity, ...retryAfter }]))
}

/** Encodes an interim frame's body. What is no number (`done / 0`) counts as no progress yet. */
export function encodeProgress(percent: number, message?: string): Buffer {
  const shown = Number.isNaN(percent) ? 0 : clampPercent(percent)
  return Buffer.from(JSON.stringify({ progress: { percent: shown, message } }))
}

/** Encodes an interim frame's body; a value that JSON cannot write is left out. */
export function encodeMetrics(metrics: readonly Metric[]): Buffer {
  const written = metrics.filter((metric) => Number.isFinite(metric.value))
  return Buffer.from(JSON.stringify({ metrics: written }))
}

/** Encodes an interim frame's body: one output of a handler that yields. */
export function encodeOutput(output: OutputText): Buffer {
  return joinParts(['{"output":{"payload":', output.payload, endOf(output), '}'])
}

import { childId, generationOf, MAX_BRANCH_DEPTH, type Branch, type BranchEntry } from './branch.ts'
import { makeFailure, type Failure } from './failure.ts'
import { MAX_INDEX, stringifyToBytes } from './json-bytes.ts'
import type { Message } from './message.ts'
import type { FinalReport } from './progress.ts'
import type { Output } from './reply.ts'
import {
  roundUpToTier,
  scheduleRetry,
  spreadDelay,
  type RetryPolicy,
  type RetryTierMs,
} from './retry.ts'
import { currentStep, explainRouteChange, type Route } from './route.ts'

/**
 * What becomes of a message after its handler: pure, so that the sidecar and `@asya/sdk/testing`
 * cannot disagree. The invariants S1–S7 are the design's (section 5).
 */

/** What the sidecar knows of its own actor. */
export interface Station {
  /** The queue it consumes; also the step's name. */
  readonly queue: string
  /** An end actor publishes to no queue of the pipeline. */
  readonly isEnd: boolean
  readonly happyEnd: string
  readonly errorEnd: string
  readonly retry: RetryPolicy
}

/** How one attempt at a message ended. */
export type Outcome =
  | { readonly type: 'outputs'; readonly outputs: readonly Output[] }
  | { readonly type: 'failed'; readonly failure: Failure }
  /** The runtime never had it, or it was only a suspect: no attempt is charged (S3, S7). */
  | { readonly type: 'not-served' }

/** A message for a queue. */
export interface Publication {
  readonly queue: string
  readonly message: Message
  /** Waits that long before it is delivered. */
  readonly delayMs?: RetryTierMs
}

export type Decision =
  /** Publish all, in order; acknowledge when every one is confirmed (S1). */
  | {
      readonly type: 'publish'
      readonly publications: readonly Publication[]
      readonly end: EndOfHop
    }
  /** At an end actor: tell the gateway, then acknowledge; publish `retry` if it cannot be told. */
  | {
      readonly type: 'report'
      readonly final: FinalReport | undefined
      readonly retry: Publication
      /** Set when the end actor's own handler gave up on the message: log it whole. */
      readonly abandoned?: Failure
    }
  /** Give the delivery back, uncharged (S3). */
  | { readonly type: 'release' }

/** What a hop came to, for metrics and logs. */
export type EndOfHop = 'routed' | 'ended' | 'retried' | 'failed'

/** A message whose id is settled: the sidecar gives it one before anything else happens. */
export type IdentifiedMessage = Message & { readonly id: string }

/** An attempt that is over. `random`: 0 ≤ random < 1, the jitter of a retry. */
export interface Attempt {
  readonly message: IdentifiedMessage
  readonly outcome: Outcome
  readonly random: number
}

/** Decides what to publish and how to settle. */
export function decide(station: Station, attempt: Attempt): Decision {
  const { outcome } = attempt
  switch (outcome.type) {
    case 'not-served':
      return { type: 'release' }
    case 'failed':
      return decideFailure(station, attempt, outcome.failure)
    case 'outputs':
      if (station.isEnd) return reportEnd(station, attempt)
      return decideOutputs(station, attempt, outcome.outputs)
  }
}

function decideOutputs(station: Station, attempt: Attempt, outputs: readonly Output[]): Decision {
  const { message } = attempt
  if (outputs.length === 0) {
    const publication = { queue: station.happyEnd, message: renew(message) }
    return { type: 'publish', publications: [publication], end: 'ended' }
  }
  const reason = explainRefusal(message, outputs)
  if (reason) return decideFailure(station, attempt, makeFailure('msg_parsing_error', reason))
  const publications = fanOut(message, outputs).map((child) => ({
    queue: currentStep(child.route) ?? station.happyEnd,
    message: child,
  }))
  return { type: 'publish', publications, end: 'routed' }
}

/** Why outputs cannot be sent; undefined when they can. */
function explainRefusal(message: Message, outputs: readonly Output[]): string | undefined {
  if (outputs.length > 1 && message.branch.length >= MAX_BRANCH_DEPTH)
    return `fan-outs are nested more than ${MAX_BRANCH_DEPTH} deep`
  for (const { route } of outputs) {
    const reason = route && explainRouteChange(message.route, route)
    if (reason) return reason
  }
  return undefined
}

/**
 * The message at the start of its next step: attempts are counted anew, and the error that it
 * carried when somebody sent it back from `error-end` is history.
 */
function renew(message: IdentifiedMessage): IdentifiedMessage {
  return { ...message, attempt: 1, error: undefined }
}

/** One output keeps id and branch; of two or more each gets an entry, a parent and a new id. */
function fanOut(message: IdentifiedMessage, outputs: readonly Output[]): Message[] {
  const [only] = outputs
  if (only && outputs.length === 1) return [advance(message, only)]
  const generation = generationOf(outputs.flatMap(bytesOf))
  const lineage = {
    parentId: message.id,
    stepIndex: message.route.current,
    step: currentStep(message.route) ?? '',
    generation,
  }
  return outputs.map((output, index) => {
    const entry: BranchEntry = { index, count: outputs.length, generation }
    const branch: Branch = [...message.branch, entry]
    const child = { ...message, id: childId(lineage, index), parentId: message.id, branch }
    return advance(child, output)
  })
}

function bytesOf(output: Output): readonly (Uint8Array | string)[] {
  return [output.payload, output.route ? JSON.stringify(output.route.steps) : '']
}

/** The message one step further, with the output's payload and the steps it chose. */
function advance(message: IdentifiedMessage, output: Output): Message {
  const { steps, current } = output.route ?? message.route
  // Never beyond the end, where nobody could read it.
  const next = Math.min(current + 1, steps.length)
  const route: Route = { steps, current: next, unknown: message.route.unknown }
  return { ...renew(message), route, payload: output.payload }
}

function decideFailure(station: Station, attempt: Attempt, failure: Failure): Decision {
  const { message, random } = attempt
  const delayMs = scheduleRetry(station.retry, { attempt: message.attempt, failure }, random)
  if (delayMs !== undefined) {
    const publications = [retryOf(station, message, delayMs)]
    return { type: 'publish', publications, end: 'retried' }
  }
  if (station.isEnd) return { ...reportEnd(station, attempt), abandoned: failure }
  const error = describeFailure(station.queue, failure, message.attempt)
  return { type: 'publish', publications: [toErrorEnd(station, message, error)], end: 'failed' }
}

function retryOf(station: Station, message: Message, delayMs: number): Publication {
  return {
    queue: station.queue,
    message: { ...message, attempt: Math.min(message.attempt + 1, MAX_INDEX) },
    delayMs: roundUpToTier(delayMs),
  }
}

function reportEnd(
  station: Station,
  attempt: Attempt,
): Extract<Decision, { readonly type: 'report' }> {
  const { message, random } = attempt
  // The gateway is told until it listens: its silence is bounded by no attempt, only slowed down.
  const delayMs = spreadDelay(station.retry, message.attempt, random)
  return {
    type: 'report',
    final: finalOf(station, message),
    retry: retryOf(station, message, delayMs),
  }
}

/** What the gateway is told; nothing when the message belongs to no job. */
function finalOf(station: Station, message: Message): FinalReport | undefined {
  const { jobId, branch, route, payload, error } = message
  if (jobId === undefined) return undefined
  if (station.queue === station.errorEnd || error) {
    return { status: 'failed', jobId, branch, error: error ?? stringifyToBytes(UNKNOWN_ERROR) }
  }
  // A branch that ended early has no result (design, section 4). A route may name the end itself.
  const isComplete = route.steps.slice(route.current).every((step) => step === station.queue)
  return { status: 'succeeded', jobId, branch, result: isComplete ? payload : NULL }
}

const NULL = stringifyToBytes(null)
const UNKNOWN_ERROR = { type: 'processing_error', message: 'the message came without its error' }

/** Longer texts say no more, and could make the message too large for its queue. */
const MAX_ERROR_MESSAGE_LENGTH = 4_096
const MAX_TRACEBACK_LENGTH = 16_384
const MAX_NAME_LENGTH = 255

/** Cuts a text, but never through the middle of a character: half of one is no text any more. */
function clip(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** The `error` member of a message at `error-end`. */
interface WireError {
  /** A failure code, `parse_error` or `unroutable`. */
  readonly type: string
  readonly message: string
  readonly step: string
  readonly exception?: string | undefined
  readonly traceback?: string | undefined
  readonly attempts: number
  readonly body_encoding?: 'base64'
  /** Index and count, when the body did not fit one message. */
  readonly body_part?: readonly [number, number]
}

function describeFailure(step: string, failure: Failure, attempts: number): WireError {
  return {
    type: clip(failure.code, MAX_NAME_LENGTH),
    message: clip(failure.message, MAX_ERROR_MESSAGE_LENGTH),
    step,
    exception: failure.exception && clip(failure.exception, MAX_NAME_LENGTH),
    traceback: failure.traceback && clip(failure.traceback, MAX_TRACEBACK_LENGTH),
    attempts,
  }
}

function toErrorEnd(station: Station, message: Message, error: WireError): Publication {
  const failed = { ...message, attempt: 1, error: stringifyToBytes(error) }
  return { queue: station.errorEnd, message: failed }
}

/** Why this message must not be served by this actor; undefined when it may. */
export function explainMisroute(station: Station, message: Message): string | undefined {
  const step = currentStep(message.route)
  if (station.isEnd || step === station.queue) return undefined
  const said = step === undefined ? 'that every step is done' : `that its step is ${step}`
  return `the message lies in queue ${station.queue}, but its route says ${said}`
}

/**
 * An output whose queue does not exist goes to `error-end` on its own, with its own route: a replay
 * resumes at the missing step (S2).
 */
export function toUnroutable(station: Station, publication: Publication): Publication {
  const { queue, message } = publication
  return toErrorEnd(station, message, {
    type: 'unroutable',
    message: `no queue is bound as ${queue}: is the actor deployed, and is its name right?`,
    step: queue,
    attempts: message.attempt,
  })
}

/** What could be read of a body that is no message. */
export interface Undecodable {
  readonly body: Uint8Array
  readonly reason: string
  readonly ids: Pick<Message, 'parentId' | 'jobId' | 'branch'> & { readonly id: string }
  /** How long a message may be; a longer one is kept in parts. */
  readonly maxBodyBytes: number
}

/** What a message around a part of a body takes beside its base64. */
const WRAPPING_BYTES = 64 * 1024

/**
 * Keeps a body that is no message: base64 in messages of their own, for `error-end`; one, or as many
 * as it takes, the first with the id of the body. Base64 is a third longer than the bytes.
 */
export function wrapUndecodable(
  station: Station,
  undecodable: Undecodable,
): readonly [Publication, ...Publication[]] {
  const { body, maxBodyBytes } = undecodable
  const partBytes = Math.max(Math.floor((maxBodyBytes - WRAPPING_BYTES) / 4) * 3, 1)
  const count = Math.max(Math.ceil(body.length / partBytes), 1)
  const wrapPart = (index: number): Publication => {
    const bytes = body.subarray(index * partBytes, (index + 1) * partBytes)
    return wrap(station, undecodable, { bytes, index, count })
  }
  return [wrapPart(0), ...Array.from({ length: count - 1 }, (_, index) => wrapPart(index + 1))]
}

interface BodyPart {
  readonly bytes: Uint8Array
  readonly index: number
  readonly count: number
}

function wrap(station: Station, { reason, ids }: Undecodable, part: BodyPart): Publication {
  const { bytes, index, count } = part
  const lineage = { parentId: ids.id, stepIndex: 0, step: station.queue, generation: 'body' }
  const message: Message = {
    ...ids,
    id: index === 0 ? ids.id : childId(lineage, index),
    attempt: 1,
    route: { steps: [station.queue], current: 0, unknown: [] },
    payload: stringifyToBytes(Buffer.from(bytes).toString('base64')),
    unknown: [],
  }
  return toErrorEnd(station, message, {
    type: 'parse_error',
    message: clip(reason, MAX_ERROR_MESSAGE_LENGTH),
    step: station.queue,
    attempts: 1,
    body_encoding: 'base64',
    ...(count > 1 ? { body_part: [index, count] } : {}),
  })
}

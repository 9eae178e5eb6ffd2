/**
 * Why a request to the API server came to nothing:
 *
 * - `unauthorized`: it does not know us (401)
 * - `forbidden`: it knows us, and a right is missing (403)
 * - `not_found`: the object, or its kind, is not there (404)
 * - `conflict`: somebody else wrote meanwhile, or the object is another one of that name (409)
 * - `exists`: an object of that name is there already (409, AlreadyExists)
 * - `expired`: the resourceVersion is too old (410)
 * - `invalid`: it refuses what was sent, and will again (400, 422 and what else is below 500; and 500
 *   for what server-side apply cannot read)
 * - `throttled`: it has too much to do, and said so for longer than we waited (429)
 * - `unavailable`: it failed itself (5xx)
 * - `network`: no answer came; whether a write was done is not known
 */
export type KubeErrorCode =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'exists'
  | 'expired'
  | 'invalid'
  | 'throttled'
  | 'unavailable'
  | 'network'

/**
 * What makes sense next:
 *
 * - `retry`: the same again, later
 * - `read`: look at the object anew, then decide again
 * - `list`: list anew; what is known is too old to go on from
 * - `change`: nothing, until what was sent, a right or an installation changes
 */
export type NextStep = 'retry' | 'read' | 'list' | 'change'

const NEXT: Readonly<Record<KubeErrorCode, NextStep>> = {
  unauthorized: 'retry',
  forbidden: 'change',
  not_found: 'read',
  conflict: 'read',
  exists: 'read',
  expired: 'list',
  invalid: 'change',
  throttled: 'retry',
  unavailable: 'retry',
  network: 'retry',
}

/** The API server refused, failed, or did not answer. `message` says to what, and why. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly code: KubeErrorCode
  readonly next: NextStep
  /** The status of HTTP; 0 where no answer came. */
  readonly status: number
  /** The API server's word for it, such as `NotFound` or `FieldManagerConflict`; empty without one. */
  readonly reason: string
  /** How long it asked us to wait; undefined where it did not. */
  readonly retryAfterMs: number | undefined

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.code = failure.code
    this.next = NEXT[failure.code]
    this.status = failure.status ?? 0
    this.reason = failure.reason ?? ''
    this.retryAfterMs = failure.retryAfterMs
  }
}

interface Failure {
  readonly code: KubeErrorCode
  readonly message: string
  readonly status?: number
  readonly reason?: string
  readonly retryAfterMs?: number | undefined
}

/** What was asked of the API server: `PATCH /apis/apps/v1/…`, without its query. */
export interface Asked {
  readonly method: string
  readonly path: string
}

export interface Refusal {
  readonly status: number
  /** The body: a Status of Kubernetes, or whatever a proxy says. */
  readonly text: string
  readonly retryAfterMs?: number | undefined
}

function describeAsked({ method, path }: Asked): string {
  return `${method} ${path.replace(/\?.*$/s, '')}`
}

/** The error for an answer above 399. */
export function explainRefusal(asked: Asked, refusal: Refusal): KubeError {
  return refuse(asked, readStatus(refusal))
}

/** The error for a Status that comes inside a watch. */
export function explainStatus(asked: Asked, status: unknown): KubeError {
  return refuse(asked, { retryAfterMs: undefined, ...pickStatus(status) })
}

interface Refused {
  readonly status: number
  readonly reason: string
  readonly said: string
  readonly retryAfterMs: number | undefined
}

function refuse(asked: Asked, { status, reason, said, retryAfterMs }: Refused): KubeError {
  const code = UNREADABLE.test(said) ? 'invalid' : classify(status, reason)
  const advice = ADVICE[code]
  const message = `${describeAsked(asked)}: ${said}${advice === undefined ? '' : ` — ${advice}`}`
  return new KubeError({ code, message, status, reason, retryAfterMs })
}

/** What the API server's own words leave open. */
const ADVICE: Readonly<Partial<Record<KubeErrorCode, string>>> = {
  unauthorized:
    'the credentials are not valid: check the token, the client certificate or kubeconfig',
  forbidden: 'give this right to the service account, as deploy/ does',
}

/**
 * A value of the wrong type, an unknown field or a doubled key in what is applied: the API server
 * answers these with 500, though it will refuse them again.
 */
const UNREADABLE = /^(?:500 )?failed to (?:create typed patch object|convert new object) /

function classify(status: number, reason: string): KubeErrorCode {
  if (status >= 500) return 'unavailable'
  switch (status) {
    case 401:
      return 'unauthorized'
    case 403:
      return 'forbidden'
    case 404:
      return 'not_found'
    case 409:
      return reason === 'AlreadyExists' ? 'exists' : 'conflict'
    case 410:
      return 'expired'
    case 429:
      return 'throttled'
    default:
      return 'invalid'
  }
}

const LONGEST_TEXT = 2_000

function readStatus({ status, text, retryAfterMs }: Refusal): Refused {
  const picked = pickStatus(parseJson(text))
  const said = picked.said || text.slice(0, LONGEST_TEXT).trim() || 'no reason was given'
  return { status, reason: picked.reason, said: `${status} ${said}`, retryAfterMs }
}

function pickStatus(body: unknown): { status: number; reason: string; said: string } {
  const { code, reason, message } = Object(body) as Readonly<Record<string, unknown>>
  return {
    status: typeof code === 'number' ? code : 500,
    reason: typeof reason === 'string' ? reason : '',
    said: typeof message === 'string' ? message : '',
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The error for a request that got no whole answer. */
export function explainCut(asked: Asked, cause: unknown): KubeError {
  const why = cause instanceof Error ? describeCause(cause) : String(cause)
  const message = `${describeAsked(asked)}: no answer from the API server: ${why}`
  return new KubeError({ code: 'network', message }, { cause })
}

/** Attempts at several addresses fail together, and then the message is empty. */
function describeCause(error: Error): string {
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}

import { asBuffer, parseIndex, parseJson, quote, type JsonBytes } from './json-bytes.ts'
import { scanObject, type RawMember } from './json-scan.ts'
import { isStepName } from './names.ts'

/** Where a message goes: queue names, and the index of the step that now holds it. */
export interface Route {
  readonly steps: readonly string[]
  /** 0 … steps.length; equal to the length when every step is done. */
  readonly current: number
  /** Members this version does not know, kept as bytes. */
  readonly unknown: readonly RawMember[]
}

/** Routes grow, for handlers may add steps; one that long is a loop without an end. */
export const MAX_STEPS = 10_000

export type RouteRule =
  'invalid_route' | 'invalid_steps' | 'too_many_steps' | 'invalid_current' | 'current_out_of_range'

export type DecodedRoute =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly rule: RouteRule; readonly reason: string }

function refuse(rule: RouteRule, reason: string): DecodedRoute {
  return { ok: false, rule, reason }
}

/**
 * Routes that were read before, by their bytes: all messages of a pipeline bring the same one to a
 * step, and to read it costs as much as the rest of the envelope.
 */
const readBefore = new Map<string, DecodedRoute>()
const MAX_REMEMBERED = 256
const MAX_REMEMBERED_BYTES = 1_024

/** Reads a route; the same bytes may give the same object again. */
export function decodeRoute(bytes: JsonBytes): DecodedRoute {
  if (bytes.length > MAX_REMEMBERED_BYTES) return readRoute(bytes)
  const key = asBuffer(bytes).toString('latin1')
  const remembered = readBefore.get(key)
  if (remembered) return remembered
  const decoded = readRoute(bytes)
  // Unknown members are views of the whole message: to remember them would keep it.
  if (!decoded.ok || decoded.route.unknown.length > 0) return decoded
  if (readBefore.size === MAX_REMEMBERED) readBefore.clear()
  readBefore.set(key, decoded)
  return decoded
}

function readRoute(bytes: JsonBytes): DecodedRoute {
  const scanned = scanObject(bytes)
  if (!scanned.ok) return refuse('invalid_route', `route: ${scanned.failure.reason}`)
  const seen = new Set<string>()
  const unknown: RawMember[] = []
  let steps: unknown
  let current: number | undefined
  for (const member of scanned.value) {
    if (seen.has(member.name))
      return refuse('invalid_route', `route names ${quote(member.name)} twice`)
    seen.add(member.name)
    if (member.name === 'steps') steps = parseJson(member.value)
    else if (member.name === 'current') current = parseIndex(member.value)
    else if (parseJson(member.value) !== undefined) unknown.push(member)
    else return refuse('invalid_route', `route: ${quote(member.name)} is no JSON`)
  }
  if (!Array.isArray(steps)) return refuse('invalid_steps', 'route.steps is not an array of names')
  if (steps.length > MAX_STEPS)
    return refuse('too_many_steps', `route.steps has more than ${MAX_STEPS} names`)
  const wrong = steps.findIndex((step) => !isStepName(step))
  if (wrong !== -1)
    return refuse('invalid_steps', `route.steps[${String(wrong)}] is not the name of a queue`)
  if (current === undefined)
    return refuse('invalid_current', 'route.current is not a whole number from 0')
  if (current > steps.length)
    return refuse(
      'current_out_of_range',
      `route.current is ${String(current)}, but there are ${String(steps.length)} steps`,
    )
  // Frozen, for messages share them, and a handler gets to see them.
  return { ok: true, route: { steps: Object.freeze(steps as string[]), current, unknown } }
}

const textsOfNames = new WeakMap<readonly string[], string>()

/** A list of names as JSON; written once for all messages that share the list. */
export function namesToText(names: readonly string[]): string {
  const written = textsOfNames.get(names)
  if (written !== undefined) return written
  const text = JSON.stringify(names)
  textsOfNames.set(names, text)
  return text
}

/** The queue that holds the message now; undefined when every step is done. */
export function currentStep(route: Route): string | undefined {
  return route.steps[route.current]
}

/**
 * Checks a route that a handler answered: it may differ only in the steps still ahead.
 * Returns the reason when it may not, else undefined.
 */
export function explainRouteChange(before: Route, after: Route): string | undefined {
  if (after.current !== before.current)
    return `the reply moved route.current from ${String(before.current)} to ${String(after.current)}`
  for (let index = 0; index <= before.current; index++) {
    if (before.steps[index] !== after.steps[index])
      return `the reply changed route.steps[${String(index)}], which is not ahead any more`
  }
  return undefined
}

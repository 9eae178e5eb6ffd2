import { stringifyToBytes, type JsonBytes } from '@asya/protocol'

/** Of W3C's trace context; they travel in the headers of messages. */
const NAMES = ['traceparent', 'tracestate', 'baggage'] as const

/** Of baggage (W3C Baggage, 3.3.2); the others are shorter. */
const MAX_LENGTH = 8_192

type Sources = Readonly<Record<string, unknown>>

/** The trace that a call belongs to, from the first source that names one; undefined without. */
export function readTraceHeaders(...sources: readonly Sources[]): JsonBytes | undefined {
  const source = sources.find((candidate) => isText(candidate['traceparent']))
  if (!source) return undefined
  const found = NAMES.flatMap((name) => {
    const value = source[name]
    return isText(value) ? [[name, value] as const] : []
  })
  return stringifyToBytes(Object.fromEntries(found))
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH
}

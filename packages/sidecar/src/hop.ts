import { decide, decodeMessage, isId, salvageIds, wrapUndecodable } from '@asya/protocol'
import type { IdentifiedMessage } from '@asya/protocol'
import type { Delivery } from '@asya/transport'
import { carryOut, publishOrRelease } from './carry-out.ts'
import type { HopParts } from './hop-parts.ts'
import { serve } from './serve.ts'

/**
 * One message's way through the sidecar: read it, have it served, decide, carry out, settle. The
 * delivery is settled exactly once, at the end, whatever happens on the way.
 */
export async function hop(delivery: Delivery, parts: HopParts): Promise<void> {
  const { metrics } = parts
  const startedAt = performance.now()
  const settlement = takeThrough(delivery, parts)
  // By now the runtime has it: counting keeps nobody waiting.
  metrics.received()
  metrics.messageSize('received', delivery.body.length)
  metrics.active(1)
  delivery.settle(await settlement)
  metrics.active(-1)
  metrics.duration('processing', (performance.now() - startedAt) / 1_000)
}

async function takeThrough(
  delivery: Delivery,
  parts: HopParts,
): Promise<'acknowledge' | 'release'> {
  const { station } = parts
  const read = readMessage(delivery, parts)
  if (read.type === 'undecodable') {
    const [{ message }] = read.publications
    const { fault } = read
    parts.logger.error({ message_id: message.id, job_id: message.jobId, fault }, 'not a message')
    // An end actor keeps it like any other: there is nowhere else to send it.
    if (station.isEnd) return takeServed({ ...message, id: read.id }, delivery, parts)
    parts.metrics.failed('parse_error')
    return publishOrRelease(read.publications, delivery, parts)
  }
  return takeServed(read.message, delivery, parts)
}

async function takeServed(
  message: IdentifiedMessage,
  delivery: Delivery,
  parts: HopParts,
): Promise<'acknowledge' | 'release'> {
  const { outcome, handlerMs } = await serve(message, parts)
  const decision = decide(parts.station, { message, outcome, random: Math.random() })
  const settlement = await carryOut(decision, { message, outcome, handlerMs, delivery }, parts)
  // By now the broker has what came of it: counting keeps nobody waiting.
  if (handlerMs !== undefined) parts.metrics.duration('runtime', handlerMs / 1_000)
  return settlement
}

type Read =
  | { readonly type: 'message'; readonly message: IdentifiedMessage }
  /** The body was no message: what it is kept as, and why. */
  | {
      readonly type: 'undecodable'
      readonly id: string
      readonly publications: ReturnType<typeof wrapUndecodable>
      readonly fault: string
    }

/** The message of a delivery, with an id. */
function readMessage({ body, messageId }: Delivery, { station, transport }: HopParts): Read {
  const decoded = decodeMessage(body)
  if (decoded.ok) {
    const { message } = decoded
    return { type: 'message', message: { ...message, id: message.id ?? toId(messageId) } }
  }
  const { rule, reason } = decoded.failure
  const salvaged = salvageIds(body)
  const ids = { ...salvaged, id: salvaged.id ?? toId(messageId) }
  const fault = `${rule}: ${reason}`
  const maxBodyBytes = station.isEnd ? Number.MAX_SAFE_INTEGER : transport.maxBodyBytes
  const publications = wrapUndecodable(station, { body, reason: fault, ids, maxBodyBytes })
  return { type: 'undecodable', id: ids.id, publications, fault }
}

/** An id for a message that brings none: the queue system's, where it is fit for one. */
function toId(messageId: string | undefined): string {
  return messageId !== undefined && isId(messageId) ? messageId : crypto.randomUUID()
}

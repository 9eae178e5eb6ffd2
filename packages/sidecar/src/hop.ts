import { randomUUID } from 'node:crypto'
import { decide, decodeMessage, isId, salvageIds, wrapUndecodable } from '@asya/protocol'
import type { IdentifiedMessage, Station } from '@asya/protocol'
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
  metrics.received()
  metrics.messageSize('received', delivery.body.length)
  metrics.active(1)
  const own = { ...parts, isLost: () => delivery.isLost }
  delivery.settle(await takeThrough(delivery, own))
  metrics.active(-1)
  metrics.duration('processing', (performance.now() - startedAt) / 1_000)
}

async function takeThrough(
  delivery: Delivery,
  parts: HopParts,
): Promise<'acknowledge' | 'release'> {
  const { station } = parts
  const { message, fault } = read(delivery, station)
  if (fault !== undefined) {
    parts.logger.error({ message_id: message.id, job_id: message.jobId, fault }, 'not a message')
    // An end actor keeps it like any other: there is nowhere else to send it.
    if (!station.isEnd) {
      parts.metrics.failed('parse_error')
      return publishOrRelease([{ queue: station.errorEnd, message }], parts)
    }
  }
  const outcome = await serve(message, parts)
  const decision = decide(station, { message, outcome, random: Math.random() })
  return carryOut(decision, { message, outcome }, parts)
}

interface Read {
  readonly message: IdentifiedMessage
  /** Why the body was no message; `message` is then its wrapping. */
  readonly fault?: string
}

/** The message of a delivery, with an id. */
function read(delivery: Delivery, station: Station): Read {
  const { body } = delivery
  const decoded = decodeMessage(body)
  const { messageId } = delivery
  const fallbackId = messageId !== undefined && isId(messageId) ? messageId : randomUUID()
  if (decoded.ok) return { message: { ...decoded.message, id: decoded.message.id ?? fallbackId } }
  const { rule, reason } = decoded.failure
  const salvaged = salvageIds(body)
  const ids = { ...salvaged, id: salvaged.id ?? fallbackId }
  const fault = `${rule}: ${reason}`
  const { message } = wrapUndecodable(station, { body, reason: fault, ids })
  return { message: { ...message, id: ids.id }, fault }
}

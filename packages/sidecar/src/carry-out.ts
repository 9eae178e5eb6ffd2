import { bytesToText, decide, encodeMessage, makeFailure } from '@asya/protocol'
import type { Decision, EndOfHop, IdentifiedMessage, Outcome, Publication } from '@asya/protocol'
import type { Delivery } from '@asya/transport'
import type { HopParts } from './hop-parts.ts'
import { publishAll, type PublishedAll } from './publish-all.ts'
import { reportProgress } from './report-progress.ts'

type Settlement = 'acknowledge' | 'release'

/** A message, what it came with, and how its attempt ended. */
interface Attempted {
  readonly message: IdentifiedMessage
  readonly delivery: Delivery
  readonly outcome: Outcome
  /** How long the handler took, if it was called. */
  readonly handlerMs: number | undefined
}

/** Does what was decided, and says how to settle the delivery. */
export async function carryOut(
  decision: Decision,
  attempted: Attempted,
  parts: HopParts,
): Promise<Settlement> {
  switch (decision.type) {
    case 'release':
      parts.metrics.processed('released')
      return 'release'
    case 'report':
      return reportEnd(decision, attempted, parts)
    case 'publish':
      return publishDecided(decision, attempted, parts)
  }
}

async function reportEnd(
  decision: Extract<Decision, { readonly type: 'report' }>,
  { message, delivery }: Attempted,
  parts: HopParts,
): Promise<Settlement> {
  const { final, abandoned } = decision
  const told = final ? await parts.reporter.final(final) : 'told'
  if (told === 'unreachable') {
    parts.logger.warn(
      { job_id: message.jobId },
      'the gateway cannot be told of the end: again later',
    )
    parts.metrics.processed('retried')
    return publishOrRelease([decision.retry], delivery, parts)
  }
  if (abandoned) {
    // The last place where this message is: say all of it.
    const body = bytesToText(encodeMessage(message))
    parts.logger.error({ message_id: message.id, failure: abandoned, body }, 'could not be kept')
    parts.metrics.failed(abandoned.code)
  }
  parts.metrics.processed(abandoned ? 'error' : 'success')
  return 'acknowledge'
}

async function publishDecided(
  decision: Extract<Decision, { readonly type: 'publish' }>,
  attempted: Attempted,
  parts: HopParts,
): Promise<Settlement> {
  const published = await publishTimed(decision.publications, attempted.delivery, parts)
  switch (published.type) {
    case 'safe':
      noteEnd(decision.end, attempted, parts)
      return 'acknowledge'
    case 'failed':
      return giveBack(published.reason, parts)
    case 'refused':
      return replaceRefused(published, attempted, parts)
  }
}

/** An output that no queue takes as it is: the original goes to error-end instead. */
async function replaceRefused(
  refused: Extract<PublishedAll, { readonly type: 'refused' }>,
  attempted: Attempted,
  parts: HopParts,
): Promise<Settlement> {
  const { message } = attempted
  if (refused.publication.queue === parts.station.errorEnd) return giveBack(refused.reason, parts)
  const reason = `an output for ${refused.publication.queue} was refused: ${refused.reason}`
  const outcome: Outcome = { type: 'failed', failure: makeFailure('message_too_large', reason) }
  const decision = decide(parts.station, { message, outcome, random: Math.random() })
  return carryOut(decision, { ...attempted, outcome }, parts)
}

/** Publishes what needs no decision, and says how to settle the delivery. */
export async function publishOrRelease(
  publications: readonly Publication[],
  delivery: Delivery,
  parts: HopParts,
): Promise<Settlement> {
  const published = await publishTimed(publications, delivery, parts)
  return published.type === 'safe' ? 'acknowledge' : giveBack(published.reason, parts)
}

function giveBack(reason: string, parts: HopParts): Settlement {
  parts.logger.warn({ reason }, 'what the message led to is not safe: it goes back to its queue')
  parts.metrics.processed('released')
  return 'release'
}

async function publishTimed(
  publications: readonly Publication[],
  delivery: Delivery,
  parts: HopParts,
): Promise<PublishedAll> {
  const { metrics, station, logger } = parts
  const startedAt = performance.now()
  const published = await publishAll(publications, delivery, parts)
  metrics.duration('queue-send', (performance.now() - startedAt) / 1_000)
  if (published.type !== 'safe') return published
  for (const { queue, message, delayMs } of publications) {
    metrics.messageSize('sent', message.payload.length)
    metrics.sent(queue, delayMs === undefined ? kindOf(queue, station) : 'retry')
  }
  for (const { queue, message } of published.unroutable) {
    logger.error({ message_id: message.id, queue }, 'no such queue: sent to error-end')
    metrics.failed('unroutable')
  }
  return published
}

function kindOf(queue: string, station: HopParts['station']): 'next' | 'happy-end' | 'error-end' {
  if (queue === station.happyEnd) return 'happy-end'
  return queue === station.errorEnd ? 'error-end' : 'next'
}

/** Counts, logs and reports how the hop ended. */
function noteEnd(end: EndOfHop, attempted: Attempted, parts: HopParts): void {
  const { message, outcome } = attempted
  const { metrics, logger } = parts
  const fields = { message_id: message.id, job_id: message.jobId, attempt: message.attempt }
  const failure = outcome.type === 'failed' ? outcome.failure : undefined
  switch (end) {
    case 'routed':
    case 'ended':
      metrics.processed(end === 'routed' ? 'success' : 'empty')
      reportProgress(message, parts, { status: 'completed', ...describeWork(attempted) })
      logger.debug(fields, end)
      return
    case 'retried':
      metrics.processed('retried')
      logger.warn(
        { ...fields, code: failure?.code, reason: failure?.message },
        'failed: again later',
      )
      return
    case 'failed':
      metrics.processed('error')
      metrics.failed(failure?.code ?? 'processing_error')
      logger.error(
        { ...fields, code: failure?.code, reason: failure?.message },
        'sent to error-end',
      )
  }
}

function describeWork({ outcome, handlerMs }: Attempted) {
  return {
    ...(handlerMs !== undefined && { durationMs: Math.round(handlerMs * 10) / 10 }),
    ...(outcome.type === 'outputs' && { bearers: outcome.outputs }),
  }
}

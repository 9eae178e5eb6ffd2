import { explainMisroute, formatDuration, makeFailure } from '@asya/protocol'
import type { Failure, IdentifiedMessage, Outcome } from '@asya/protocol'
import type { HopParts } from './hop-parts.ts'
import { reportProgress } from './report-progress.ts'
import type { CallResult } from './runtime/runtime-client.ts'

/** How a message was served, and how long the handler took the last time, if it was called. */
export interface Served {
  readonly outcome: Outcome
  readonly handlerMs?: number
}

/** Has the runtime serve a message; again, alone, as long as it is only suspected (S7). */
export async function serve(message: IdentifiedMessage, parts: HopParts): Promise<Served> {
  const misroute = explainMisroute(parts.station, message)
  if (misroute) return { outcome: fail(makeFailure('msg_parsing_error', misroute)) }
  reportProgress(message, parts, { status: 'received', bearers: [message] })
  const { turnstile } = parts
  for (let isSuspect = false; ; isSuspect = true) {
    const ticket = turnstile.tryEnter(isSuspect) ?? (await turnstile.enter(isSuspect))
    if (ticket === 'turned-away') return { outcome: NOT_SERVED }
    const startedAt = performance.now()
    const result = await callRuntime(message, parts)
    const handlerMs = performance.now() - startedAt
    if (result.type === 'lost') turnstile.noteLoss(ticket)
    turnstile.leave(ticket)
    const isOnlySuspected =
      result.type === 'lost' ? ticket.hadCompany : result.type === 'not-delivered' && isSuspect
    if (!isOnlySuspected) return { outcome: toOutcome(result, parts), handlerMs }
    parts.metrics.duration('runtime', handlerMs / 1_000)
    parts.logger.warn({ message_id: message.id }, 'the runtime died with several messages: alone')
  }
}

const NOT_SERVED: Outcome = { type: 'not-served' }

function fail(failure: Failure): Outcome {
  return { type: 'failed', failure }
}

/** Calls the runtime, and lets the gateway cancel the call. */
async function callRuntime(message: IdentifiedMessage, parts: HopParts): Promise<CallResult> {
  const watch = watchJob(message, parts)
  reportProgress(message, parts, { status: 'processing' })
  const result = await parts.runtime.call(message, {
    timeoutMs: parts.timeoutMs,
    signal: watch?.signal,
    onProgress: (percent, text) => {
      const said = text === undefined ? {} : { message: text }
      reportProgress(message, parts, { status: 'processing', percent, ...said })
    },
    onMetrics: (metrics) => {
      parts.metrics.custom(metrics)
    },
  })
  watch?.stop()
  return result
}

/** Listens for a cancel of the message's job; nothing when it has none, or nobody could tell. */
function watchJob(message: IdentifiedMessage, parts: HopParts) {
  if (message.jobId === undefined) return undefined
  const stop = parts.reporter.watch(message.jobId, () => {
    cancel.abort()
  })
  if (!stop) return undefined
  const cancel = new AbortController()
  return { signal: cancel.signal, stop }
}

function toOutcome(result: CallResult, parts: HopParts): Outcome {
  switch (result.type) {
    case 'outputs':
      return result
    case 'not-delivered':
      return NOT_SERVED
    case 'cancelled':
      return parts.signal.aborted ? NOT_SERVED : failRuntime(CANCELLED, parts)
    case 'failed':
      return failRuntime(result.failure, parts)
    case 'lost':
      return failRuntime(
        makeFailure('connection_error', `the runtime died while it served this: ${result.reason}`),
        parts,
      )
    case 'timed-out':
      return failRuntime(
        makeFailure(
          'timeout_error',
          `the handler did not answer within ${formatDuration(parts.timeoutMs)}, nor did its runtime`,
        ),
        parts,
      )
  }
}

function failRuntime(failure: Failure, parts: HopParts): Outcome {
  parts.metrics.runtimeError(failure.code)
  return fail(failure)
}

const CANCELLED = makeFailure('processing_error', 'the job was cancelled', {
  exception: 'JobCancelled',
  severity: 'fatal',
})

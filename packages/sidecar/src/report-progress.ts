import type { IdentifiedMessage, ProgressReport } from '@asya/protocol'
import type { HopParts } from './hop-parts.ts'

type Said = Pick<ProgressReport, 'status' | 'percent' | 'message' | 'durationMs'>

/** Tells the gateway how far a job is; nothing when the message belongs to none. */
export function reportProgress(message: IdentifiedMessage, parts: HopParts, said: Said): void {
  if (message.jobId === undefined || parts.station.isEnd) return
  parts.reporter.progress({
    jobId: message.jobId,
    step: parts.station.queue,
    stepIndex: message.route.current,
    totalSteps: message.route.steps.length,
    actorName: parts.actorName,
    ...said,
  })
}

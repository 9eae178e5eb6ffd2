import { branchKey, excerptOf } from '@asya/protocol'
import type { IdentifiedMessage, JsonBytes, ProgressReport } from '@asya/protocol'
import type { HopParts } from './hop-parts.ts'

/** A message, or an output of a handler. */
interface Bearer {
  readonly payload: JsonBytes
}

interface Said extends Pick<ProgressReport, 'status' | 'percent' | 'message' | 'durationMs'> {
  /** Whose payloads came to the step, or left it: told where that was asked for. */
  readonly bearers?: readonly Bearer[]
}

/** Tells the gateway how far a job is; nothing when the message belongs to none. */
export function reportProgress(message: IdentifiedMessage, parts: HopParts, said: Said): void {
  if (message.jobId === undefined || parts.station.isEnd) return
  const { bearers, ...rest } = said
  parts.reporter.progress({
    jobId: message.jobId,
    step: parts.station.queue,
    stepIndex: message.route.current,
    totalSteps: message.route.steps.length,
    actorName: parts.actorName,
    ...rest,
    ...(bearers && parts.reportsPayloads && { payloads: describePayloads(message, bearers) }),
  })
}

/** For people: more than one reads on a page. */
const MAX_EXCERPT_BYTES = 16 * 1024
const MAX_EXCERPTS = 10

function describePayloads({ branch }: IdentifiedMessage, bearers: readonly Bearer[]) {
  return {
    branch: branchKey(branch),
    excerpts: bearers
      .slice(0, MAX_EXCERPTS)
      .map(({ payload }) => excerptOf(payload, MAX_EXCERPT_BYTES)),
    count: bearers.length,
  }
}

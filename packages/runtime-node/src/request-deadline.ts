import { decodeRequest } from '@asya/protocol'

/** How our sidecar ends a request; only a member of the outermost object can end the body so. */
const OUR_ENDING = /^"deadline_ms":(0|[1-9][0-9]{0,8})(?:,"accept":\[[^\]]*\])?\}$/
const NAME = Buffer.from('"deadline_ms"')
/** Longer endings are not our sidecar's. */
const MAX_ENDING_BYTES = 256

/**
 * Finds a request's `deadline_ms` without decoding the whole request: it is decoded where it is
 * served, and the server needs this number alone. Undefined when there is none, or when the request
 * is malformed, which the isolate will say.
 */
export function readDeadlineMs(body: Buffer): number | undefined {
  const at = body.lastIndexOf(NAME)
  if (at === -1) return undefined
  if (body.length - at <= MAX_ENDING_BYTES) {
    const ending = OUR_ENDING.exec(body.toString('latin1', at))
    if (ending) return Number(ending[1])
  }
  const decoded = decodeRequest(body)
  return decoded.ok ? decoded.request.deadlineMs : undefined
}

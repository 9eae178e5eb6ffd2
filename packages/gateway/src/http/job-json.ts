import { joinParts, type Part } from '@asya/protocol'
import type { Job, JobEnd, JobUpdate } from '../jobs/job.ts'

/** A job as JSON; its results and errors as they came, byte for byte. */
export function writeJob(job: Job, end?: JobEnd): Buffer {
  const head = JSON.stringify({
    job_id: job.id,
    tool: job.tool,
    state: job.state,
    route: job.route,
    percent: Math.round(job.percent),
    stalled: job.isStalled,
    replay_of: job.replayOf,
    created_at: job.createdAt,
    started_at: job.startedAt,
    ended_at: job.endedAt,
    deadline_at: job.deadlineAt,
  })
  const progress = job.progress === undefined ? '' : `,"progress":${job.progress}`
  return close([head.slice(0, -1), progress], end)
}

/** An update as JSON, with what its job ended with. */
export function writeUpdate({ jobId, seq, at, type, data }: JobUpdate, end?: JobEnd): Buffer {
  const head = JSON.stringify({ job_id: jobId, seq, at, type })
  const rest = data === '{}' ? '' : `,${data.slice(1, -1)}`
  return close([head.slice(0, -1), rest], end)
}

/** Adds what came of a job, and the brace that closes the object. */
function close(parts: Part[], end: JobEnd | undefined): Buffer {
  if (end?.results) parts.push(',"results":', end.results)
  if (end?.errors) parts.push(',"errors":', end.errors)
  return joinParts([...parts, '}'])
}

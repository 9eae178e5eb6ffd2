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
  const parts: (string | Uint8Array)[] = [head.slice(0, -1)]
  if (job.progress !== undefined) parts.push(`,"progress":${job.progress}`)
  if (end?.results) parts.push(',"results":', end.results)
  if (end?.errors) parts.push(',"errors":', end.errors)
  parts.push('}')
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

/** An update as JSON, with what its job ended with. */
export function writeUpdate({ jobId, seq, at, type, data }: JobUpdate, end?: JobEnd): Buffer {
  const head = JSON.stringify({ job_id: jobId, seq, at, type })
  const rest = data === '{}' ? '' : `,${data.slice(1, -1)}`
  const parts: (string | Uint8Array)[] = [head.slice(0, -1), rest]
  if (end?.results) parts.push(',"results":', end.results)
  if (end?.errors) parts.push(',"errors":', end.errors)
  parts.push('}')
  return Buffer.concat(parts.map((part) => Buffer.from(part)))
}

import {
  bytesToText,
  parseJson,
  scanArray,
  toJsonBytes,
  type JsonBytes,
  type ManifestCardinality,
} from '@asya/protocol'
import type { CallToolResult } from '@modelcontextprotocol/server'
import type { EndedJob, Job } from '../jobs/job.ts'
import type { Era } from './exchange.ts'

/** How the results of a job are shown. */
export interface ResultShape {
  readonly era: Era
  /** Undefined when the tool is not offered any more. */
  readonly results: ManifestCardinality | undefined
}

const MAX_RESULTS = 1_000_000

/** Names the job of a result, for REST and for logs. */
const JOB_ID_META_KEY = 'asya.io/jobId'

/**
 * A job that ended as the result of a tool: its bytes as text, and as structured content. A job that did
 * not succeed is an error that the model can read.
 */
export function toToolResult({ job, end }: EndedJob, shape: ResultShape): CallToolResult {
  const errors = end.errors ? readErrors(end.errors) : []
  if (job.state !== 'succeeded') return toError(job, errors)
  const value = pickValue(end.results, shape.results)
  if (!value) return say(`The job ${job.id} succeeded.`, job)
  const parsed = parseJson(value)
  const text = { type: 'text' as const, text: bytesToText(value) }
  const failed = errors.length === 0 ? [] : [toText(`Branches that failed:\n${listErrors(errors)}`)]
  return {
    content: [text, ...failed],
    structuredContent:
      shape.era === 'modern'
        ? parsed
        : {
            job_id: job.id,
            state: job.state,
            result: parsed,
            ...(errors.length > 0 && { errors }),
          },
    _meta: { [JOB_ID_META_KEY]: job.id },
  }
}

/** What is answered while the job goes on. */
export function toHandle(job: Job): CallToolResult {
  const text =
    `The job ${job.id} goes on (${describeProgress(job)}). Call job_wait with ` +
    `{"job_id":${JSON.stringify(job.id)}} to wait for its result, or job_cancel to stop it.`
  return say(text, job)
}

/** A mistake of the caller, which a model can mend. */
export function toCallError(message: string): CallToolResult {
  return { content: [toText(message)], isError: true }
}

/** Says something of a job, and the same as data. */
export function say(text: string, job: Job): CallToolResult {
  return {
    content: [toText(text)],
    structuredContent: describeJob(job),
    _meta: { [JOB_ID_META_KEY]: job.id },
  }
}

function describeJob(job: Job) {
  const message = readMessage(job)
  return {
    ...{ job_id: job.id, state: job.state, percent: Math.round(job.percent) },
    ...(message !== undefined && { message }),
  }
}

/** Such as `running, 40 %, step extract: downloading`. */
export function describeProgress(job: Job): string {
  const parts = [job.state, `${Math.round(job.percent)} %`]
  const step = readProgress(job, 'step')
  const message = readMessage(job)
  if (step !== undefined) parts.push(`step ${step}${message === undefined ? '' : `: ${message}`}`)
  if (job.isStalled) parts.push('nothing was heard of it for a while')
  return parts.join(', ')
}

function toError(job: Job, errors: readonly JobError[]): CallToolResult {
  const list = errors.length === 0 ? '' : `\n${listErrors(errors)}`
  return {
    content: [
      toText(
        `The job ${job.id} was not successful: it ${job.state === 'failed' ? 'failed' : 'was cancelled'}.${list}`,
      ),
    ],
    structuredContent: { ...describeJob(job), ...(errors.length > 0 && { errors }) },
    isError: true,
    _meta: { [JOB_ID_META_KEY]: job.id },
  }
}

type JobError = Readonly<Record<string, unknown>>

/** A model reads some; the data has all. */
const MAX_LISTED = 5

function listErrors(errors: readonly JobError[]): string {
  const lines = errors.slice(0, MAX_LISTED).map(({ type, message, step }) => {
    return `${String(type)} in ${String(step)}: ${String(message)}`
  })
  if (errors.length > MAX_LISTED) lines.push(`and ${errors.length - MAX_LISTED} more`)
  return lines.join('\n')
}

export function readErrors(bytes: JsonBytes): readonly JobError[] {
  const errors = parseJson(bytes)
  return Array.isArray(errors) ? errors.filter(isJobError) : []
}

function isJobError(value: unknown): value is JobError {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What callers mean by the result: the only one of a pipeline without fan-outs, else the list. */
function pickValue(
  results: JsonBytes | undefined,
  cardinality: ManifestCardinality | undefined,
): JsonBytes | undefined {
  if (!results || cardinality === 'none') return undefined
  if (cardinality === 'many') return results
  const items = scanArray(results, MAX_RESULTS)
  const [only] = items.ok && items.value.length === 1 ? items.value : []
  return only ?? toJsonBytes(results)
}

function readMessage(job: Job): string | undefined {
  return readProgress(job, 'message')
}

function readProgress({ progress }: Job, name: string): string | undefined {
  if (progress === undefined) return undefined
  const value: unknown = Reflect.get(JSON.parse(progress) as object, name)
  return typeof value === 'string' ? value : undefined
}

function toText(text: string) {
  return { type: 'text' as const, text }
}

import { isJobId, JOB_STATES, type Job, type JobState } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { answerBytes, answerJson, Refusal, TAKEN_OVER } from './answer.ts'
import type { EventStreams } from './event-streams.ts'
import { writeJob } from './job-json.ts'
import type { Asked, Route } from './route.ts'

/** What a caller does with jobs: look, follow, cancel, run again. */
export function jobRoutes(jobs: Jobs, streams: EventStreams): readonly Route[] {
  return [
    { method: 'GET', path: '/jobs', access: 'caller', handle: (asked) => list(jobs, asked) },
    {
      method: 'GET',
      path: '/jobs/stream',
      access: 'caller',
      handle: ({ principal, client, response }) => {
        streams.openList({ principal, client, response })
        return TAKEN_OVER
      },
    },
    {
      method: 'GET',
      path: '/jobs/:id',
      access: 'caller',
      handle: async (asked) => {
        const job = await findJob(jobs, asked)
        return answerBytes(200, writeJob(job, await jobs.readEnd(job.id)))
      },
    },
    {
      method: 'GET',
      path: '/jobs/:id/stream',
      access: 'caller',
      handle: async (asked) => {
        const job = await findJob(jobs, asked)
        const seq = readCursor(asked)
        // Event sources come again whenever a stream ends, unless they are told not to.
        if (await jobs.hasEndedBefore(job, seq)) return { status: 204, body: '' }
        const { client, response } = asked
        streams.open({ jobId: job.id, seq, client, response })
        return TAKEN_OVER
      },
    },
    {
      method: 'DELETE',
      path: '/jobs/:id',
      access: 'caller',
      handle: async (asked) => {
        const job = await findJob(jobs, asked)
        const isCancelled = await jobs.cancel(job.id)
        const now = (await jobs.find(job.id, undefined)) ?? job
        if (isCancelled || now.state === 'cancelled') return answerBytes(200, writeJob(now))
        throw new Refusal(409, 'job_ended', `the job ${job.id} has ${now.state} already`)
      },
    },
    {
      method: 'POST',
      path: '/jobs/:id/replay',
      access: 'caller',
      handle: async (asked) => {
        const job = await findJob(jobs, asked)
        const started = await jobs.replay(job.id, asked.principal)
        if (!started) throw noSuchJob(job.id)
        return answerJson(202, { job_id: started.jobId, replay_of: job.id, state: 'pending' })
      },
    },
  ]
}

/** The job that the path names, if the principal may see it. Refuses with 404 otherwise. */
export async function findJob(jobs: Jobs, { params, principal }: Asked): Promise<Job> {
  const id = params['id'] ?? ''
  const job = await jobs.find(id, principal)
  if (!job) throw noSuchJob(id)
  return job
}

export function noSuchJob(id: string): Refusal {
  return new Refusal(404, 'no_such_job', `there is no job ${JSON.stringify(id.slice(0, 100))}`)
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

async function list(jobs: Jobs, { url, principal }: Asked) {
  const query = url.searchParams
  const limit =
    readNumber(query.get('limit'), { name: 'limit', min: 1, max: MAX_LIMIT }) ?? DEFAULT_LIMIT
  const found = await jobs.list({
    principal,
    states: readStates(query.getAll('state')),
    tool: query.get('tool') ?? undefined,
    text: readText(query.get('text')),
    before: readPlace(query.get('before')),
    limit: limit + 1,
  })
  const page = found.slice(0, limit)
  const next = found.length > limit ? `,"next":${JSON.stringify(page.at(-1)?.id)}` : ''
  const texts = page.map((job) => writeJob(job).toString())
  return answerBytes(200, `{"jobs":[${texts.join()}]${next}}`)
}

function readStates(texts: readonly string[]): readonly JobState[] | undefined {
  const names = texts.flatMap((text) => text.split(',')).filter((name) => name !== '')
  if (names.length === 0) return undefined
  return names.map((name) => {
    const state = JOB_STATES.find((known) => known === name)
    if (state) return state
    const message = `state is ${JSON.stringify(name.slice(0, 100))}: expected ${JOB_STATES.join(', ')}`
    throw new Refusal(400, 'bad_query', message)
  })
}

function readPlace(id: string | null): string | undefined {
  if (id === null || id === '') return undefined
  if (isJobId(id)) return id
  const message = `before is ${JSON.stringify(id.slice(0, 100))}: expected "next" of the page before`
  throw new Refusal(400, 'bad_query', message)
}

const MAX_TEXT_LENGTH = 200

function readText(text: string | null): string | undefined {
  if (text === null || text === '') return undefined
  if (text.length <= MAX_TEXT_LENGTH && !text.includes('\0')) return text
  const message = `text is no text of 1 to ${MAX_TEXT_LENGTH} characters without NUL`
  throw new Refusal(400, 'bad_query', message)
}

function readCursor({ request, url }: Asked): number {
  const header = request.headers['last-event-id']
  const text = (typeof header === 'string' ? header : undefined) ?? url.searchParams.get('after')
  return readNumber(text, { name: 'Last-Event-ID', max: 2_147_483_647 }) ?? 0
}

function readNumber(
  text: string | null,
  { name, min = 0, max }: { name: string; min?: number; max: number },
): number | undefined {
  if (text === null || text === '') return undefined
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN
  if (number >= min && number <= max) return number
  const message = `${name} is ${JSON.stringify(text.slice(0, 100))}: expected a whole number from ${min} to ${max}`
  throw new Refusal(400, 'bad_query', message)
}

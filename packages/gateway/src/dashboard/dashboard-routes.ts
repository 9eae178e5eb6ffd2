import { excerptOf, isBranchKey, parseJson, type Excerpt, type JsonBytes } from '@asya/protocol'
import { answerBytes, answerJson, Refusal, type Answer } from '../http/answer.ts'
import { findJob } from '../http/job-routes.ts'
import { writeJob, writeUpdate } from '../http/job-json.ts'
import type { Asked, Route } from '../http/route.ts'
import type { JobViews } from '../jobs/job-views.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { StepPayloads } from '../jobs/step-payloads.ts'
import { countByStep, summariseTools } from './job-counts.ts'
import { showErrors, type ShownError } from './job-errors.ts'
import { PAGE_PARTS } from './page.ts'

export interface DashboardOptions {
  /** Whether the page shows what went into jobs and what came out of them (ASYA_DASHBOARD_PAYLOADS). */
  readonly showsPayloads: boolean
}

interface Parts {
  readonly jobs: Jobs
  readonly views: JobViews
  /** What steps were given and gave; undefined where payloads are not shown. */
  readonly payloads: StepPayloads | undefined
}

/**
 * The page at `/`, and what it asks beyond the REST part. The page itself is open: it has the token
 * asked for and sends it with every question.
 */
export function dashboardRoutes(parts: Parts): readonly Route[] {
  const ask = (path: string, handle: (asked: Asked) => Promise<Answer>): Route => ({
    ...{ method: 'GET', path: `/dashboard/${path}`, access: 'caller', handle },
  })
  return [
    ...PAGE_PARTS.map(({ path, answer }): Route => ({
      method: 'GET',
      path,
      access: 'open',
      handle: () => answer,
    })),
    ask('summary', ({ principal }) => summarise(parts, principal)),
    ask('jobs/:id', (asked) => describeJob(parts, asked)),
    ask('jobs/:id/input', (asked) => readInput(parts, asked)),
    ask('jobs/:id/branch', (asked) => readBranch(parts, asked)),
    ask('jobs/:id/steps/:index', (asked) => readStep(parts, asked)),
  ]
}

async function summarise({ views }: Parts, principal: string): Promise<Answer> {
  const [counts, running] = await Promise.all([
    views.summarise(principal),
    views.readRunning(principal),
  ])
  return answerJson(200, { tools: summariseTools(counts), running: countByStep(running) })
}

/** Everything about one job that is not in its stream, also what was told after its end. */
async function describeJob({ jobs, views, payloads }: Parts, asked: Asked): Promise<Answer> {
  const showsPayloads = payloads !== undefined
  const job = await findJob(jobs, asked)
  const [end, late, tree, input] = await Promise.all([
    jobs.readEnd(job.id),
    views.readLate(job.id),
    views.readTree(job.id),
    showsPayloads ? jobs.readPayload(job.id) : undefined,
  ])
  const rest = JSON.stringify({
    shows_payloads: showsPayloads,
    input: input && excerpt(input),
    results: showsPayloads && end.results ? excerpt(end.results) : undefined,
    ...describeErrors(end.errors, showsPayloads),
    tree: {
      branches: tree.branches,
      generations: tree.generations,
      counts: tree.counts,
    },
  })
  const updates = late.map((update) => writeUpdate(update).toString()).join()
  return answerBytes(200, `{"job":${writeJob(job).toString()},"late":[${updates}],${rest.slice(1)}`)
}

/** The whole payload that the job began with. */
async function readInput({ jobs, payloads }: Parts, asked: Asked): Promise<Answer> {
  const job = await findJob(jobs, asked)
  if (!payloads) throw payloadsAreOff()
  const payload = await jobs.readPayload(job.id)
  if (!payload) throw new Refusal(404, 'no_such_job', `the job ${job.id} was deleted`)
  return answerBytes(200, payload)
}

/** How one branch of a fan-out ended. */
async function readBranch({ jobs, views, payloads }: Parts, asked: Asked): Promise<Answer> {
  const showsPayloads = payloads !== undefined
  const job = await findJob(jobs, asked)
  const key = asked.url.searchParams.get('key') ?? ''
  const branch = isBranchKey(key) ? await views.readBranch(job.id, key) : undefined
  if (!branch) throw new Refusal(404, 'no_such_branch', 'there is no such branch, or it goes on')
  const { status, body } = branch
  if (status === 'failed') {
    const list = body && Buffer.concat([Buffer.from('['), body, Buffer.from(']')])
    return answerJson(200, { status, ...describeErrors(list, showsPayloads) })
  }
  return answerJson(200, { status, result: showsPayloads && body ? excerpt(body) : undefined })
}

/** What one step of a job was given, and what it gave, message by message. */
async function readStep({ jobs, payloads }: Parts, asked: Asked): Promise<Answer> {
  const job = await findJob(jobs, asked)
  if (!payloads) throw payloadsAreOff()
  const index = asked.params['index'] ?? ''
  const messages = STEP_INDEX.test(index) ? await payloads.read(job.id, Number(index)) : []
  return answerJson(200, { messages })
}

const STEP_INDEX = /^\d{1,9}$/

function payloadsAreOff(): Refusal {
  const message = 'payloads are not shown here: set ASYA_DASHBOARD_PAYLOADS=true to show them'
  return new Refusal(403, 'payloads_are_off', message)
}

/** More than one reads on a page. */
const MAX_EXCERPT_BYTES = 64 * 1024

function excerpt(bytes: JsonBytes): Excerpt {
  return excerptOf(bytes, MAX_EXCERPT_BYTES)
}

function describeErrors(
  bytes: Uint8Array | undefined,
  showsPayloads: boolean,
): { errors: readonly ShownError[]; error_count: number } {
  const parsed: unknown = bytes && parseJson(bytes as JsonBytes)
  const errors: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  return { errors: showErrors(errors, showsPayloads), error_count: errors.length }
}

import { bytesToText, parseJson, type JsonBytes } from '@asya/protocol'
import { answerBytes, answerJson, Refusal, type Answer } from '../http/answer.ts'
import { findJob } from '../http/job-routes.ts'
import { writeJob } from '../http/job-json.ts'
import type { Asked, Route } from '../http/route.ts'
import type { JobViews } from '../jobs/job-views.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { countByStep, summariseTools } from './job-counts.ts'
import { showErrors, type ShownError } from './job-errors.ts'
import { PAGE_PARTS } from './page.ts'

export interface DashboardOptions {
  /** Whether the page shows what went into jobs and what came out of them (ASYA_DASHBOARD_PAYLOADS). */
  readonly showsPayloads: boolean
}

interface Parts extends DashboardOptions {
  readonly jobs: Jobs
  readonly views: JobViews
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
  ]
}

async function summarise({ views }: Parts, principal: string): Promise<Answer> {
  const [counts, running] = await Promise.all([
    views.summarise(principal),
    views.readRunning(principal),
  ])
  return answerJson(200, { tools: summariseTools(counts), running: countByStep(running) })
}

/** Everything about one job that is not in its stream. */
async function describeJob({ jobs, views, showsPayloads }: Parts, asked: Asked): Promise<Answer> {
  const job = await findJob(jobs, asked)
  const [end, tree, input] = await Promise.all([
    jobs.readEnd(job.id),
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
  return answerBytes(200, `{"job":${writeJob(job).toString()},${rest.slice(1)}`)
}

/** The whole payload that the job began with. */
async function readInput({ jobs, showsPayloads }: Parts, asked: Asked): Promise<Answer> {
  const job = await findJob(jobs, asked)
  if (!showsPayloads) throw payloadsAreOff()
  const payload = await jobs.readPayload(job.id)
  if (!payload) throw new Refusal(404, 'no_such_job', `the job ${job.id} was deleted`)
  return answerBytes(200, payload)
}

/** How one branch of a fan-out ended. */
async function readBranch({ jobs, views, showsPayloads }: Parts, asked: Asked): Promise<Answer> {
  const job = await findJob(jobs, asked)
  const key = asked.url.searchParams.get('key') ?? ''
  const branch = BRANCH_KEY.test(key) ? await views.readBranch(job.id, key) : undefined
  if (!branch) throw new Refusal(404, 'no_such_branch', 'there is no such branch, or it goes on')
  const { status, body } = branch
  if (status === 'failed') {
    const list = body && Buffer.concat([Buffer.from('['), body, Buffer.from(']')])
    return answerJson(200, { status, ...describeErrors(list, showsPayloads) })
  }
  return answerJson(200, { status, result: showsPayloads && body ? excerpt(body) : undefined })
}

const BRANCH_KEY = /^[\w./-]{0,10000}$/

function payloadsAreOff(): Refusal {
  const message = 'payloads are not shown here: set ASYA_DASHBOARD_PAYLOADS=true to show them'
  return new Refusal(403, 'payloads_are_off', message)
}

/** More than one reads on a page. */
const MAX_EXCERPT_BYTES = 64 * 1024

/** The beginning of a value, and how long all of it is. */
function excerpt(bytes: JsonBytes): { text: string; bytes: number } {
  return { text: bytesToText(bytes.subarray(0, MAX_EXCERPT_BYTES)), bytes: bytes.length }
}

function describeErrors(
  bytes: Uint8Array | undefined,
  showsPayloads: boolean,
): { errors: readonly ShownError[]; error_count: number } {
  const parsed: unknown = bytes && parseJson(bytes as JsonBytes)
  const errors: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  return { errors: showErrors(errors, showsPayloads), error_count: errors.length }
}

import { isId } from '@asya/protocol'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { isEndState, type Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Asker } from './asker.ts'
import type { LocalTool } from './local-tool.ts'
import { describeProgress, say, toCallError } from './tool-result.ts'
import type { ToolCalls } from './tool-calls.ts'

/** What a model does with a job that outlived its call: for clients that do not know tasks. */
export function makeJobTools(jobs: Jobs): readonly LocalTool[] {
  const withJob =
    (use: (call: JobCall) => Promise<CallToolResult>): LocalTool['call'] =>
    async (args, asker, calls) => {
      const { job_id: id, wait_ms: waitMs = MAX_WAIT_MS } = args
      if (!isId(id)) return toCallError('job_id: expected the id of a job, as a text')
      if (typeof waitMs !== 'number' || !(waitMs >= 0 && waitMs <= MAX_WAIT_MS))
        return toCallError(`wait_ms: expected a number from 0 to ${MAX_WAIT_MS}`)
      const job = await jobs.find(id, asker.exchange.principal)
      if (!job) return toCallError(`There is no job ${JSON.stringify(id.slice(0, 100))}.`)
      return use({ job, waitMs, asker, calls })
    }
  return [
    { definition: JOB_CANCEL, call: withJob(({ job }) => cancel(jobs, job)) },
    {
      definition: JOB_WAIT,
      call: withJob(({ job, waitMs, asker, calls }) => calls.wait(job, asker, waitMs)),
    },
  ]
}

interface JobCall {
  readonly job: Job
  readonly waitMs: number
  readonly asker: Asker
  readonly calls: ToolCalls
}

/** Below what clients and proxies wait for. */
const MAX_WAIT_MS = 25_000

const JOB_ID = { type: 'string', description: 'As the call of the tool answered it.' }

const JOB_WAIT: LocalTool['definition'] = {
  name: 'job_wait',
  title: 'Wait for a job',
  description:
    'Waits for a job that another tool started, and answers with its result, or with how far it is ' +
    `when it has not ended within wait_ms (default and at most ${MAX_WAIT_MS}). Call it again then.`,
  inputSchema: {
    type: 'object',
    required: ['job_id'],
    properties: {
      job_id: JOB_ID,
      wait_ms: { type: 'number', minimum: 0, maximum: MAX_WAIT_MS },
    },
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
}

const JOB_CANCEL: LocalTool['definition'] = {
  name: 'job_cancel',
  title: 'Cancel a job',
  description: 'Stops a job that another tool started. What it has done by then is not undone.',
  inputSchema: { type: 'object', required: ['job_id'], properties: { job_id: JOB_ID } },
  annotations: {
    ...{ readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  },
}

/** Names that no other tool may have. */
export const JOB_TOOL_NAMES: readonly string[] = [JOB_CANCEL.name, JOB_WAIT.name]

async function cancel(jobs: Jobs, job: Job): Promise<CallToolResult> {
  const isCancelled = await jobs.cancel(job.id)
  const now = (await jobs.find(job.id, undefined)) ?? job
  if (isCancelled) return say(`The job ${job.id} is cancelled.`, now)
  const text = isEndState(now.state) ? 'had ended already' : 'goes on'
  return say(`The job ${job.id} ${text} (${describeProgress(now)}).`, now)
}

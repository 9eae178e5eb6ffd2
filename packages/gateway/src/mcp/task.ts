import { isId } from '@asya/protocol'
import {
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { isEndState, type EndedJob, type Job } from '../jobs/job.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { ToolSet } from '../tools/tool-set.ts'
import { declaresTasks, needsTasks } from './asker.ts'
import type { LowLevelServer } from './low-level-server.ts'
import { describeProgress, readErrors, toToolResult } from './tool-result.ts'

/**
 * A job as a task of MCP (extension io.modelcontextprotocol/tasks, SEP-2663). A job that failed is a task
 * that completed, with a result that is an error: `failed` is for a job that could not even begin.
 */
type TaskStatus = 'working' | 'completed' | 'failed' | 'cancelled'

const POLL_INTERVAL_MS = 1_000

/** What `tools/call` answers. `content` is there for whoever takes it for a result. */
export function toCreatedTask(job: Job, retentionMs: number): CallToolResult {
  return { resultType: 'task', content: [], ...describe(job, 'working', retentionMs) }
}

/** Does something that asks the database, and takes notice when that is away. */
export type Notice = <T>(run: () => Promise<T>) => Promise<T>

export interface TaskSources {
  readonly jobs: Jobs
  readonly tools: ToolSet
  /** For how long a job is kept after its end. */
  readonly retentionMs: number
}

/** What `tasks/get` answers, and what is notified: the task as it is now, with its result. */
export async function readTask(job: Job, { jobs, tools, retentionMs }: TaskSources) {
  if (!isEndState(job.state)) return describe(job, 'working', retentionMs)
  const ended: EndedJob = { job, end: await jobs.readEnd(job.id) }
  switch (job.state) {
    case 'cancelled':
      return describe(job, 'cancelled', retentionMs)
    default: {
      const error = findRefusal(ended)
      if (error !== undefined) {
        const code = ProtocolErrorCode.InternalError
        return { ...describe(job, 'failed', retentionMs), error: { code, message: error } }
      }
      const results = tools.find(job.tool)?.results
      const result = toToolResult(ended, { era: 'modern', results })
      return {
        ...describe(job, 'completed', retentionMs),
        result: { resultType: 'complete', ...result },
      }
    }
  }
}

export interface TaskServing extends TaskSources {
  /** Sees its own tasks alone. */
  readonly principal: string
  readonly notice: Notice
}

/** Answers `tasks/*`. */
export function serveTasks(server: LowLevelServer, serving: TaskServing): void {
  const { jobs, principal, notice } = serving
  const find = async (id: string, ctx: ServerContext): Promise<Job> => {
    if (!declaresTasks(ctx)) throw needsTasks()
    const job = isId(id) ? await jobs.find(id, principal) : undefined
    if (job) return job
    const message = `There is no task ${JSON.stringify(id.slice(0, 100))}`
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, message)
  }
  const serve = (method: string, answer: (job: Job) => Promise<Record<string, unknown>>): void => {
    server.setRequestHandler(method, { params: TASK_PARAMS }, ({ taskId }, ctx) =>
      notice(async () => answer(await find(taskId, ctx))),
    )
  }
  serve('tasks/get', (job) => readTask(job, serving))
  // A job asks its caller for nothing: there is nothing that an update could answer.
  serve('tasks/update', async () => ({}))
  serve('tasks/cancel', async ({ id }) => {
    await jobs.cancel(id)
    return {}
  })
}

const TASK_PARAMS = z.looseObject({ taskId: z.string() })

function describe(job: Job, status: TaskStatus, retentionMs: number) {
  const { createdAt, startedAt, endedAt, deadlineAt } = job
  return {
    taskId: job.id,
    status,
    statusMessage: describeProgress(job),
    createdAt: createdAt.toISOString(),
    lastUpdatedAt: (endedAt ?? job.heardAt ?? startedAt ?? createdAt).toISOString(),
    // From its creation: it is kept at least until then, however long it takes.
    ttlMs: Math.round(deadlineAt.getTime() - createdAt.getTime() + retentionMs),
    pollIntervalMs: POLL_INTERVAL_MS,
  }
}

/** Why a job's first message was never sent. */
function findRefusal({ job, end }: EndedJob): string | undefined {
  if (job.state !== 'failed' || job.heardAt !== undefined || !end.errors) return undefined
  const [error] = readErrors(end.errors)
  return error?.['type'] === 'unroutable' ? String(error['message']) : undefined
}

import { isId } from '@asya/protocol'
import {
  classifyInboundRequest,
  CLIENT_CAPABILITIES_META_KEY,
  SERVER_INFO_META_KEY,
  SUBSCRIPTION_ID_META_KEY,
} from '@modelcontextprotocol/server'
import type { Logger } from '@asya/service/logger'
import { z } from 'zod'
import { answerJson, TAKEN_OVER, type Answer } from '../http/answer.ts'
import type { Asked } from '../http/route.ts'
import { isEndState } from '../jobs/job.ts'
import { needsTasks, TASKS_EXTENSION } from './asker.ts'
import type { MessageStreams } from './message-streams.ts'
import { readTask, type TaskSources } from './task.ts'

/**
 * `subscriptions/listen` with `taskIds`, which the SDK does not know: what it acknowledges without them
 * ends at once. The stream has each task as it is now and as it changes, and ends when all have ended.
 */
export interface TaskSubscriptionsOptions extends TaskSources {
  readonly streams: MessageStreams
  readonly serverInfo: object
  readonly logger: Logger
  /** Calls `tell` when the tools have changed, until the returned function is called. */
  readonly onToolsChanged: (tell: () => void) => () => void
}

const MAX_TASKS = 200

const LISTEN = z.object({
  id: z.union([z.string(), z.number()]),
  method: z.literal('subscriptions/listen'),
  params: z.object({
    notifications: z.object({
      taskIds: z.array(z.string()).max(MAX_TASKS),
      toolsListChanged: z.boolean().optional(),
    }),
    _meta: z.looseObject({
      [CLIENT_CAPABILITIES_META_KEY]: z.object({
        extensions: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
  }),
})

type Listen = z.infer<typeof LISTEN>

export class TaskSubscriptions {
  readonly #options: TaskSubscriptionsOptions

  constructor(options: TaskSubscriptionsOptions) {
    this.#options = options
  }

  /** Undefined when it is for the SDK to answer: also whatever is wrong with its headers. */
  async serve(asked: Asked, body: unknown): Promise<Answer | typeof TAKEN_OVER | undefined> {
    const listen = LISTEN.safeParse(body)
    if (!listen.success || !isWellSent(asked, body)) return undefined
    const { id, params } = listen.data
    const { extensions } = params._meta[CLIENT_CAPABILITIES_META_KEY]
    if (extensions?.[TASKS_EXTENSION] === undefined) {
      const { code, message, data } = needsTasks()
      return answerJson(400, { jsonrpc: '2.0', id, error: { code, message, data } })
    }
    await this.#listen(asked, listen.data)
    return TAKEN_OVER
  }

  async #listen(asked: Asked, { id, params }: Listen): Promise<void> {
    const { streams, jobs, serverInfo, onToolsChanged, logger } = this.#options
    const { principal } = asked
    const { taskIds, toolsListChanged } = params.notifications
    const found = await Promise.all(
      [...new Set(taskIds)].filter(isId).map((taskId) => jobs.find(taskId, principal)),
    )
    const tasks = found.filter((job) => job !== undefined)
    const stops: (() => void)[] = []
    const stream = streams.open(asked, () => {
      for (const stop of stops) stop()
    })
    const _meta = { [SUBSCRIPTION_ID_META_KEY]: id }
    const notify = (method: string, fields: object): void =>
      stream.send({ method, params: { ...fields, _meta } })
    const notifications = {
      taskIds: tasks.map((job) => job.id),
      ...(toolsListChanged && { toolsListChanged }),
    }
    notify('notifications/subscriptions/acknowledged', { notifications })
    if (toolsListChanged)
      stops.push(onToolsChanged(() => notify('notifications/tools/list_changed', {})))
    const open = new Set(tasks.map((job) => job.id))
    const finish = (): void => {
      if (open.size > 0 || toolsListChanged) return
      const meta = { ..._meta, [SERVER_INFO_META_KEY]: serverInfo }
      stream.end({ id, result: { resultType: 'complete', _meta: meta } })
    }
    const tell = async (taskId: string): Promise<void> => {
      const job = await jobs.find(taskId, principal)
      if (!job || !open.has(taskId)) return
      notify('notifications/tasks', await readTask(job, this.#options))
      if (isEndState(job.state)) open.delete(taskId)
      finish()
    }
    for (const job of tasks) {
      const follow = jobs.follow(job.id, 0, () => {
        tell(job.id).catch((error: unknown) => {
          logger.warn({ error: String(error) }, 'a task could not be told of')
          stream.end()
        })
      })
      stops.push(follow)
    }
    finish()
  }
}

/** The headers that have to mirror the body do. */
function isWellSent({ request }: Asked, body: unknown): boolean {
  const read = (name: string): string | undefined => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const protocolVersionHeader = read('mcp-protocol-version')
  const mcpMethodHeader = read('mcp-method')
  if (protocolVersionHeader !== '2026-07-28' || mcpMethodHeader === undefined) return false
  const headers = { protocolVersionHeader, mcpMethodHeader }
  return classifyInboundRequest({ httpMethod: 'POST', body, ...headers }).kind === 'modern'
}

import { toJsonBytes, type JsonBytes } from '@asya/protocol'
import { ProtocolError, ProtocolErrorCode, type CallToolResult } from '@modelcontextprotocol/server'
import { readTraceHeaders } from '../http/trace-headers.ts'
import type { StreamLimits } from '../http/stream-limits.ts'
import { isIdempotencyKey, MAX_KEY_LENGTH, type Job } from '../jobs/job.ts'
import type { Jobs, Started } from '../jobs/jobs.ts'
import type { GatewayTool } from '../tools/tool.ts'
import type { ToolSet } from '../tools/tool-set.ts'
import { needsTasks, type Asker } from './asker.ts'
import type { DirectCall } from './direct-call.ts'
import type { Exchange } from './exchange.ts'
import { findArguments } from './find-arguments.ts'
import type { LegacyCalls } from './legacy-calls.ts'
import { toCallError, toHandle, toToolResult } from './tool-result.ts'
import { toCreatedTask } from './task.ts'
import { waitForJob } from './wait-for-job.ts'

/**
 * Calls of tools. A job is kept before anything is answered; how its caller hears of its end depends on
 * what their client can do:
 *
 * L1 It knows tasks: a task at once, which is the job.
 * L2 It wants progress: a stream with progress until the end, or until `streamWaitMs`; then a handle.
 * L3 Neither: the end if it comes within `syncWaitMs`, else a handle, to be used with job_wait.
 *
 * C1 A client of revision 2026-07-28 that goes away has cancelled its call (basic/patterns/cancellation);
 *    one of an older revision says so, and its connection may break for other reasons.
 * C2 Who named an idempotency key will come again: their job goes on.
 */
export interface ToolCallsOptions {
  readonly tools: ToolSet
  readonly jobs: Jobs
  readonly legacyCalls: LegacyCalls
  readonly waits: McpWaits
  /** Of calls that wait; beyond them a handle is answered at once. */
  readonly limits: StreamLimits
  /** For how long jobs can be asked for after their end. */
  readonly retentionMs: number
}

export interface McpWaits {
  readonly syncWaitMs: number
  readonly streamWaitMs: number
}

export class ToolCalls {
  readonly #options: ToolCallsOptions
  readonly #closing = new AbortController()

  constructor(options: ToolCallsOptions) {
    this.#options = options
  }

  /** Answers what waits with handles, so that a replica can go. */
  close(): void {
    this.#closing.abort()
  }

  async call(tool: GatewayTool, asker: Asker): Promise<CallToolResult> {
    const { retentionMs, waits } = this.#options
    const checked = tool.toPayload(readArguments(asker))
    if (tool.tasks === 'required' && !asker.hasTasks) throw needsTasks()
    if (!checked.ok) return toCallError(`Invalid arguments: ${checked.problems.join('; ')}`)
    const idempotencyKey = readKey(asker)
    const { meta, exchange } = asker
    const payload = checked.payload
    const started = await this.#start(tool, exchange, { meta, payload, idempotencyKey })
    if (started.type === 'conflict') throw conflict(started)
    const { jobId } = started
    if (asker.hasTasks && tool.tasks !== 'never')
      return toCreatedTask(
        started.type === 'created'
          ? toNewJob(tool, exchange.principal, started)
          : await this.#read(jobId),
        retentionMs,
      )
    const stop = idempotencyKey === undefined ? this.#cancelWithCall(jobId, asker) : undefined
    try {
      return await this.#wait({
        jobId,
        seq: 0,
        tool,
        asker,
        waitMs: this.#limitOf(asker, waits.syncWaitMs),
      })
    } finally {
      stop?.()
    }
  }

  /**
   * The task of a call that asks for one, and has no idempotency key; undefined when it has to be
   * refused, or answered in another way.
   */
  async begin(tool: GatewayTool, exchange: Exchange, call: DirectCall) {
    if (tool.tasks === 'never') return undefined
    const { id, meta } = call
    const bytes = findArguments(exchange.body, id) ?? toJsonBytes(Buffer.from('{}'))
    const checked = tool.toPayload(bytes)
    if (!checked.ok) return undefined
    const started = await this.#start(tool, exchange, { meta, payload: checked.payload })
    if (started.type !== 'created') throw new Error('a job without a key was repeated')
    return toCreatedTask(toNewJob(tool, exchange.principal, started), this.#options.retentionMs)
  }

  /** Waits for a job that was started before; nothing happens to it when the caller goes away. */
  wait(job: Job, asker: Asker, waitMs: number): Promise<CallToolResult> {
    const tool = this.#options.tools.find(job.tool)
    return this.#wait({
      jobId: job.id,
      seq: job.seq,
      tool,
      asker,
      waitMs: this.#limitOf(asker, waitMs),
    })
  }

  #start(tool: GatewayTool, { principal, headers }: Exchange, call: NewCall): Promise<Started> {
    const { meta, payload, idempotencyKey } = call
    return this.#options.jobs.start({
      ...{ tool: tool.name, principal, route: tool.route, payload, idempotencyKey },
      headers: readTraceHeaders(meta, headers),
      ...{ isPartial: tool.isPartial, timeoutMs: tool.timeoutMs },
    })
  }

  /** A stream that is fed may be open for longer than an answer may be waited for. */
  #limitOf({ tell }: Asker, waitMs: number): number {
    return tell && waitMs > 0 ? Math.max(waitMs, this.#options.waits.streamWaitMs) : waitMs
  }

  async #wait(wait: JobWait): Promise<CallToolResult> {
    const { jobId, seq, tool, asker, waitMs } = wait
    const { jobs, limits } = this.#options
    const { gone, client } = asker.exchange
    const release = limits.tryTake(client)
    const signal = AbortSignal.any([gone, this.#closing.signal])
    const ended = await waitForJob(jobs, {
      ...{ jobId, seq, signal, tell: asker.tell },
      waitMs: release ? waitMs : 0,
    }).finally(release)
    if (ended) return toToolResult(ended, { era: asker.era, results: tool?.results })
    return toHandle(await this.#read(jobId))
  }

  /** Cancels the job when its call is cancelled (C1), until the returned function is called. */
  #cancelWithCall(jobId: string, asker: Asker): () => void {
    const { jobs, legacyCalls } = this.#options
    const { exchange, era } = asker
    const cancel = (): void => {
      // The job goes on if that fails, until its deadline.
      jobs.cancel(jobId).catch(() => undefined)
    }
    if (era === 'legacy') return legacyCalls.add(asker, cancel)
    if (exchange.gone.aborted) cancel()
    exchange.gone.addEventListener('abort', cancel)
    return () => exchange.gone.removeEventListener('abort', cancel)
  }

  async #read(jobId: string): Promise<Job> {
    const job = await this.#options.jobs.find(jobId, undefined)
    if (!job) throw new Error(`the job ${jobId} is gone as soon as it was made`)
    return job
  }
}

/** A job as it is when it is kept: it need not be read for that. */
function toNewJob(
  { name: tool, route, timeoutMs }: GatewayTool,
  principal: string,
  { jobId: id, createdAt }: { readonly jobId: string; readonly createdAt: Date },
): Job {
  const deadlineAt = new Date(createdAt.getTime() + timeoutMs)
  return {
    ...{ id, tool, principal, route, createdAt, deadlineAt, state: 'pending', seq: 1, percent: 0 },
    ...{ replayOf: undefined, startedAt: undefined, endedAt: undefined, heardAt: undefined },
    ...{ isStalled: false, progress: undefined },
  }
}

interface NewCall {
  readonly meta: Readonly<Record<string, unknown>>
  readonly payload: JsonBytes
  readonly idempotencyKey?: string | undefined
}

interface JobWait {
  readonly jobId: string
  readonly seq: number
  readonly tool: GatewayTool | undefined
  readonly asker: Asker
  readonly waitMs: number
}

function readArguments({ exchange, context }: Asker): JsonBytes {
  return findArguments(exchange.body, context.mcpReq.id) ?? toJsonBytes(Buffer.from('{}'))
}

const KEY_META_KEY = 'asya.io/idempotencyKey'

function readKey({ meta }: Asker): string | undefined {
  const key = meta[KEY_META_KEY]
  if (key === undefined || isIdempotencyKey(key)) return key
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `_meta["${KEY_META_KEY}"] is no text of 1 to ${MAX_KEY_LENGTH} characters`,
  )
}

function conflict({ jobId }: Started): ProtocolError {
  const message = `_meta["${KEY_META_KEY}"] was used for a call with other arguments: job ${jobId}`
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
}

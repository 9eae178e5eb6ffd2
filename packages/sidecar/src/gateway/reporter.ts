import { encodeFinal, encodeProgressBatch } from '@asya/protocol'
import type { FinalReport, ProgressReport } from '@asya/protocol'
import type { Logger } from '@asya/service/logger'
import { readTokenOf, type GatewayToken } from './gateway-token.ts'
import { postJson, type PostAnswer } from './http-post.ts'

/**
 * Tells the gateway how jobs go (design, section 4: gateway, from inside).
 *
 * P1 Progress never slows a message down: it is queued, sent in batches, and the oldest is dropped
 *    when the gateway does not keep up; beginnings of payloads are left out before.
 *    That a step is at work is not told with the news that it is over.
 * P2 A final is told or it is not: the caller decides what follows from `unreachable`.
 * P3 404, 409 and 410 to a final mean that the gateway needs to hear no more of this job.
 */
export interface Reporter {
  progress(report: ProgressReport): void
  final(report: FinalReport): Promise<'told' | 'unreachable'>
  /**
   * Keeps the job alive until the returned function is called; `onCancel` when it is cancelled.
   * Returns nothing when there is nobody to ask.
   */
  watch(jobId: string, onCancel: () => void): (() => void) | undefined
  /** Sends what is queued, within a bounded time. */
  close(): Promise<void>
}

const MAX_QUEUED = 1_000
const MAX_BATCH = 200
/** Of payloads, in characters: a batch stays well below what the gateway takes (4 MiB). */
const MAX_QUEUED_EXCERPTS = 1024 * 1024
const BATCH_WAIT_MS = 50
const FAILURE_WAIT_MS = 1_000
const TIMEOUT_MS = 5_000
const HEARTBEAT_MS = 10_000

const DONE_STATUSES: ReadonlySet<number> = new Set([404, 409, 410])

/** A reporter to the gateway; one that says nothing when there is no gateway. */
export function createReporter(
  gatewayUrl: string | undefined,
  logger: Logger,
  options: ReporterOptions = {},
): Reporter {
  return gatewayUrl === undefined
    ? createSilentReporter()
    : new HttpReporter({ heartbeatMs: HEARTBEAT_MS, ...options, gatewayUrl }, logger)
}

export interface ReporterOptions {
  /** How often a job is kept alive, which is also how long a cancel takes to be heard; 10 s. */
  readonly heartbeatMs?: number
  /** Shown to the gateway, if it asks for one. */
  readonly token?: GatewayToken | undefined
}

function createSilentReporter(): Reporter {
  return {
    progress: () => undefined,
    final: () => Promise.resolve('told'),
    watch: () => undefined,
    close: () => Promise.resolve(),
  }
}

interface HttpReporterOptions extends ReporterOptions {
  readonly gatewayUrl: string
  readonly heartbeatMs: number
}

class HttpReporter implements Reporter {
  readonly #gatewayUrl: string
  readonly #heartbeatMs: number
  readonly #logger: Logger
  readonly #readToken: (() => Promise<string>) | undefined
  readonly #queue: ProgressReport[] = []
  readonly #watches = new Set<NodeJS.Timeout>()
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #dropped = 0
  #isRefused = false

  constructor(options: HttpReporterOptions, logger: Logger) {
    this.#gatewayUrl = options.gatewayUrl
    this.#heartbeatMs = options.heartbeatMs
    this.#logger = logger
    this.#readToken = options.token && readTokenOf(options.token)
  }

  progress(report: ProgressReport): void {
    if (this.#queue.length === MAX_QUEUED) {
      this.#queue.shift()
      this.#dropped++
    }
    this.#queue.push(this.#fit(report))
    this.#schedule(BATCH_WAIT_MS)
  }

  async final(report: FinalReport): Promise<'told' | 'unreachable'> {
    const path = `/jobs/${encodeURIComponent(report.jobId)}/final`
    const answer = await this.#post(path, encodeFinal(report))
    if (!answer) return 'unreachable'
    return isSuccess(answer) || DONE_STATUSES.has(answer.status) ? 'told' : 'unreachable'
  }

  watch(jobId: string, onCancel: () => void): () => void {
    const path = `/jobs/${encodeURIComponent(jobId)}/heartbeat`
    const timer = setInterval(() => {
      void this.#post(path, Buffer.from('{}')).then((answer) => {
        if (answer && isSuccess(answer) && isCancel(answer.body)) onCancel()
      })
    }, this.#heartbeatMs)
    timer.unref()
    this.#watches.add(timer)
    return () => {
      clearInterval(timer)
      this.#watches.delete(timer)
    }
  }

  async close(): Promise<void> {
    for (const timer of this.#watches) clearInterval(timer)
    clearTimeout(this.#timer)
    await this.#sending
    if (this.#queue.length > 0) await this.#send()
  }

  /** P1: without its payloads, if there is no more room for them. */
  #fit(report: ProgressReport): ProgressReport {
    if (!report.payloads) return report
    const { payloads, ...bare } = report
    const length = countExcerpts({ payloads })
    return this.#countQueued() + length <= MAX_QUEUED_EXCERPTS ? report : bare
  }

  #countQueued(): number {
    return this.#queue.reduce((sum, report) => sum + countExcerpts(report), 0)
  }

  #schedule(waitMs: number): void {
    if (this.#timer || this.#sending) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#sending = this.#send().finally(() => {
        this.#sending = undefined
      })
    }, waitMs)
    this.#timer.unref()
  }

  async #send(): Promise<void> {
    const batch = this.#queue.splice(0, MAX_BATCH)
    const answer = await this.#post('/progress', encodeProgressBatch(dropOvertaken(batch)))
    const isTaken = answer !== undefined && isSuccess(answer)
    if (!isTaken) this.#dropped += batch.length
    else if (this.#dropped > 0) {
      this.#logger.warn({ dropped: this.#dropped }, 'the gateway missed progress reports')
      this.#dropped = 0
    }
    if (this.#queue.length > 0)
      setImmediate(() => {
        this.#schedule(isTaken ? 0 : FAILURE_WAIT_MS)
      })
  }

  /** The gateway's answer; undefined when there is none. */
  async #post(path: string, body: Uint8Array): Promise<PostAnswer | undefined> {
    try {
      const token = await this.#readToken?.()
      const options = { timeoutMs: TIMEOUT_MS, token }
      const answer = await postJson(`${this.#gatewayUrl}${path}`, body, options)
      this.#noticeRefusal(answer.status === 401)
      return answer
    } catch (error) {
      this.#logger.debug({ path, error: String(error) }, 'the gateway did not answer')
      return undefined
    }
  }

  /** Said once, not for each report. */
  #noticeRefusal(isRefused: boolean): void {
    if (isRefused && !this.#isRefused) {
      const variables = 'ASYA_GATEWAY_TOKEN or ASYA_GATEWAY_TOKEN_FILE'
      this.#logger.warn(`the gateway does not take this sidecar's token: see ${variables}`)
    }
    this.#isRefused = isRefused
  }
}

/** How many characters of payloads it holds. */
function countExcerpts({ payloads }: Pick<ProgressReport, 'payloads'>): number {
  return payloads?.excerpts.reduce((sum, { text }) => sum + text.length, 0) ?? 0
}

/** P1. For a fast step it is a third of what there is to tell, and to keep. */
function dropOvertaken(batch: readonly ProgressReport[]): readonly ProgressReport[] {
  const keyOf = ({ jobId, stepIndex }: ProgressReport): string => `${jobId} ${stepIndex}`
  const completed = new Set(batch.filter(({ status }) => status === 'completed').map(keyOf))
  return batch.filter((report) => {
    const { status, percent, message } = report
    const isBare = status === 'processing' && percent === undefined && message === undefined
    return !isBare || !completed.has(keyOf(report))
  })
}

function isSuccess(answer: PostAnswer): boolean {
  return answer.status >= 200 && answer.status < 300
}

function isCancel(body: string): boolean {
  try {
    const answer: unknown = JSON.parse(body)
    return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'cancel') === true
  } catch {
    return false
  }
}

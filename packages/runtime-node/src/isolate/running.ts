import type { Failure, Message, Metric, OutputText, Request } from '@asya/protocol'
import type { Emit, Invocation } from '@asya/sdk/invoke'
import type { HandlerLog } from './handler-log.ts'
import type { AbortCause, Run } from './isolate.ts'

/** What a run's handler reaches of its host. */
export interface RunningHost {
  createLog(message: Message): HandlerLog
  /** There is something to tell before the end. */
  plan(running: Running): void
  sendOutput(running: Running, output: OutputText): void
}

/**
 * A run whose handler was called. What few handlers ask for (signal, log, deadline) is made when they
 * do: an AbortController alone takes as long as to read a small message.
 */
export class Running implements Invocation {
  readonly id: number
  readonly message: Message
  readonly emit: Emit
  progress: { readonly percent: number; readonly message: string | undefined } | undefined
  metrics: Metric[] = []
  /** An output that fits into no frame: the run's result, whatever the handler returns. */
  oversized: Failure | undefined
  readonly #host: RunningHost
  readonly #deadlineEpochMs: number
  #controller: AbortController | undefined
  #aborted: DOMException | undefined
  #log: HandlerLog | undefined

  constructor(run: Run, request: Request, host: RunningHost) {
    this.id = run.id
    this.message = request.message
    this.#deadlineEpochMs = run.deadlineEpochMs
    this.#host = host
    this.emit = this.#createEmit(request.accept)
  }

  get deadline(): Date | undefined {
    return this.#deadlineEpochMs === 0 ? undefined : new Date(this.#deadlineEpochMs)
  }

  get log(): HandlerLog {
    return (this.#log ??= this.#host.createLog(this.message))
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#aborted)
    }
    return this.#controller.signal
  }

  abort(why: AbortCause): void {
    this.#aborted ??= toReason(why)
    this.#controller?.abort(this.#aborted)
  }

  /** Only what the request accepts (H2). */
  #createEmit(accept: readonly string[]): Emit {
    const emit = {
      progress: (percent: number, message?: string): void => {
        if (!accept.includes('progress')) return
        this.progress = { percent, message }
        this.#host.plan(this)
      },
      metric: (metric: Metric): void => {
        if (!accept.includes('metrics')) return
        this.metrics.push(metric)
        this.#host.plan(this)
      },
    }
    if (!accept.includes('output')) return emit
    return {
      ...emit,
      output: (output) => {
        this.#host.sendOutput(this, output)
      },
    }
  }
}

function toReason(why: AbortCause): DOMException {
  switch (why) {
    case 'deadline':
      return new DOMException('the deadline of this message has passed', 'TimeoutError')
    case 'cancelled':
      return new DOMException('nobody waits for this result any more', 'AbortError')
  }
}

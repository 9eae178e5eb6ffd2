import { makeFailure, salvageIds } from '@asya/protocol'
import { Alarm } from './alarm.ts'
import { describeDeath, toFailure } from './isolate/death.ts'
import type { Death, Loaded, LogLine } from './isolate/isolate.ts'
import type { Log, LogFields } from './log.ts'
import { Pool } from './pool.ts'
import type { ActiveRun, BoundCreateIsolate, InterimKind, PoolWorker } from './pool-worker.ts'
import { abandon, answer, answerFailure, dismiss, openTicket, queueAgain } from './ticket.ts'
import type { Caller, Ticket } from './ticket.ts'
import { judgeDeaf, judgeDeath, type Verdict } from './verdict.ts'

/**
 * Serves requests in workers that may be lost at any time.
 *
 *   starting → serving → closed
 *
 * W1 A request is given only to a worker that has loaded, with a free place; to one that retires
 *    only while its successor is loading, so that nobody waits for an import.
 * W2 A request is answered at its deadline, whatever its handler does; if it shares the worker, after
 *    the time that the worker has to answer a ping.
 * W3 A worker in which a request outlived its deadline retires, and ends when nobody waits for it;
 *    handlers that were aborted have a moment to clean up. If it does not answer, the judge says whether it ends at once (verdict.ts).
 * W4 Whoever was in a worker that ended and is not charged runs again; as a suspect alone in a worker
 *    of its own, one after the other, while others are served beside it. Who cannot run again is hung
 *    up on, and the sidecar does the same with it (design, S7).
 * W5 At most MAX_RETIRING workers wait for their last requests beside the one that serves, for each
 *    keeps its module in memory. Beyond that one that still answers goes on serving.
 * W6 A result that comes after its request was settled is thrown away.
 */

export interface SupervisorOptions {
  readonly createIsolate: BoundCreateIsolate
  /** Places in a worker. */
  readonly concurrency: number
  /** For requests that come without a deadline. */
  readonly defaultTimeoutMs: number | undefined
  readonly loadTimeoutMs: number
}

export interface SupervisorEvents {
  /** Whether there is a worker to give a request to. */
  onReadiness(isReady: boolean): void
  /** The actor could not be loaded again: nothing can be served any more. */
  onGivenUp(reason: string): void
}

const MAX_RETIRING = 3
const LAST_RUN_ID = 2 ** 31 - 1

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #events: SupervisorEvents
  readonly #log: Log
  readonly #pool: Pool
  readonly #waiting: Ticket[] = []
  readonly #suspects: Ticket[] = []
  readonly #alarm = new Alarm((now) => {
    this.#checkDeadlines(now)
  })
  #isReady = false
  #lastRunId = 0
  #onIdle: (() => void) | undefined

  constructor(options: SupervisorOptions, events: SupervisorEvents, log: Log) {
    this.#options = options
    this.#events = events
    this.#log = log
    this.#pool = new Pool(options, this.#listen(), log)
  }

  /** Loads the first worker. */
  async start(): Promise<Loaded> {
    const loaded = await this.#pool.loadFirst()
    if (loaded.ok) this.#reconcile()
    return loaded
  }

  /** Takes a request; what becomes of it is told to the caller, never before this returns. */
  serve(body: Uint8Array, caller: Caller, deadlineMs: number | undefined): Ticket {
    const ticket = openTicket(body, caller, deadlineMs ?? this.#options.defaultTimeoutMs)
    this.#waiting.push(ticket)
    this.#alarm.wakeAt(ticket.deadlineAt)
    // Without any time it would only cost a worker.
    if (ticket.timeoutMs !== 0) this.#dispatch()
    return ticket
  }

  /** Its caller is gone: aborts the handler, and throws the result away. */
  cancel(ticket: Ticket): void {
    const { place } = ticket
    abandon(ticket)
    switch (place.type) {
      case 'running':
        place.worker.cancel(place.runId)
        break
      case 'waiting':
        remove(this.#waiting, ticket)
        remove(this.#suspects, ticket)
        break
      case 'settled':
        return
    }
    this.#reconcile()
  }

  /** Resolves when nobody waits for anything. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.#tellIfIdle()
    })
  }

  /** Ends all workers; who still waits is not answered. Idempotent. */
  async close(): Promise<void> {
    this.#alarm.stop()
    await this.#pool.close()
  }

  #listen(): ConstructorParameters<typeof Pool>[1] {
    return {
      onInterim: (run, kind, body) => {
        this.#tell(run, kind, body)
      },
      onClosed: (worker, run, body) => {
        this.#close(worker, run, body)
      },
      onAnswer: (worker) => {
        for (const run of worker.runs) if (run.phase === 'expired') this.#timeOut(run)
        this.#reconcile()
      },
      onProbed: (worker, isDeaf) => {
        if (isDeaf) this.#judgeDeaf(worker)
        // Handlers that go on although nobody waits for them.
        else if (worker.runs.some((run) => run.phase === 'abandoned')) this.#retire(worker)
        this.#reconcile()
      },
      onLog: (line) => {
        this.#writeLine(line)
      },
      onDeath: (worker, death) => {
        this.#judgeDeath(worker, death)
        this.#reconcile()
      },
      onLoaded: () => {
        this.#reconcile()
      },
      onRetry: () => {
        this.#reconcile()
      },
      onGivenUp: (reason) => {
        this.#giveUp(reason)
      },
    }
  }

  #tell({ ticket, phase }: ActiveRun, kind: InterimKind, body: Uint8Array): void {
    if (phase !== 'live' || ticket.place.type === 'settled') return
    if (kind === 'output') ticket.hasToldOutputs = true
    ticket.caller.tell(body, kind === 'progress')
  }

  /** A handler has ended. */
  #close(worker: PoolWorker, run: ActiveRun, body: Uint8Array): void {
    switch (run.phase) {
      case 'live':
        answer(run.ticket, body)
        break
      case 'expired':
        this.#timeOut(run)
        break
      case 'abandoned':
        break
    }
    if (this.#log.isDebug) this.#log.debug(describe(run.ticket), 'a handler has ended')
    if (worker.state !== 'serving' || worker.kind === 'quarantine') this.#reconcile()
    else if (this.#waiting.length > 0) this.#dispatch()
    if (this.#onIdle) this.#tellIfIdle()
  }

  #checkDeadlines(now: number): void {
    for (const queue of [this.#waiting, this.#suspects])
      for (const ticket of queue.filter(({ deadlineAt }) => deadlineAt <= now)) {
        remove(queue, ticket)
        this.#turnAway(ticket)
      }
    for (const worker of this.#pool.workers)
      for (const run of worker.runs)
        if (run.phase === 'live' && run.deadlineAt <= now) this.#expire(worker, run)
    this.#reconcile()
    this.#setAlarm()
  }

  /** No worker was free for it in time. */
  #turnAway(ticket: Ticket): void {
    const text = 'the deadline passed before a worker was free'
    this.#log.warn(describe(ticket), text)
    // Once begun it is owed another run, which only the sidecar can still give it.
    if (ticket.timesBegun > 0) dismiss(ticket)
    else answerFailure(ticket, makeFailure('timeout_error', text))
  }

  #setAlarm(): void {
    for (const { deadlineAt } of this.#waiting) this.#alarm.wakeAt(deadlineAt)
    for (const { deadlineAt } of this.#suspects) this.#alarm.wakeAt(deadlineAt)
    for (const worker of this.#pool.workers)
      for (const run of worker.runs) if (run.phase === 'live') this.#alarm.wakeAt(run.deadlineAt)
  }

  /** W2, W3. */
  #expire(worker: PoolWorker, run: ActiveRun): void {
    worker.expire(run)
    this.#retire(worker)
    if (worker.size === 1) this.#timeOut(run)
  }

  /** W3, W5. */
  #retire(worker: PoolWorker): void {
    const isAlone = worker.size < 2
    if (isAlone || this.#pool.count('retiring') < MAX_RETIRING) worker.retire()
  }

  /** Answers a request whose time is over; its handler may go on (W6). */
  #timeOut(run: ActiveRun): void {
    const { ticket } = run
    run.phase = 'abandoned'
    const text = `the handler did not end within its deadline (${String(ticket.timeoutMs)} ms)`
    this.#log.warn(describe(ticket), text)
    answerFailure(ticket, makeFailure('timeout_error', text))
    if (this.#onIdle) this.#tellIfIdle()
  }

  #judgeDeaf(worker: PoolWorker): void {
    const { runs } = worker
    const verdict = judgeDeaf(runs, worker.isolate.blocker)
    this.#retire(worker)
    switch (verdict.type) {
      case 'spare':
        for (const run of runs) if (verdict.charged.includes(run.id)) this.#timeOut(run)
        return
      case 'end':
        this.#log.warn({ in_flight: runs.length }, 'a handler blocks its worker: the worker ends')
        this.#pool.end(worker)
        this.#carryOut(verdict, runs, (run) => {
          this.#timeOut(run)
        })
        return
    }
  }

  #judgeDeath(worker: PoolWorker, death: Death): void {
    const runs = worker.takeRuns()
    const reason = describeDeath(death)
    const stack = death.type === 'threw' ? { stack: death.stack } : {}
    this.#log.error({ in_flight: runs.length, ...stack }, `a worker died: ${reason}`)
    const verdict = judgeDeath(runs, worker.isolate.blocker, death)
    this.#carryOut(verdict, runs, (run) => {
      if (run.phase === 'expired') this.#timeOut(run)
      else answerFailure(run.ticket, toFailure(death))
    })
  }

  /** Charges the charged; everybody else who is waited for runs again (W4). */
  #carryOut(
    verdict: Extract<Verdict, { readonly type: 'end' }>,
    runs: readonly ActiveRun[],
    charge: (run: ActiveRun) => void,
  ): void {
    const queue = verdict.areSuspects ? this.#suspects : this.#waiting
    for (const run of runs) {
      if (verdict.charged.includes(run.id)) charge(run)
      else if (queueAgain(run.ticket)) queue.push(run.ticket)
    }
    this.#setAlarm()
  }

  /** Brings workers and requests together; to be called after any change, as often as one likes. */
  #reconcile(): void {
    this.#pool.ensure('regular')
    if (this.#suspects.length > 0) this.#pool.ensure('quarantine')
    this.#dispatch()
    for (const worker of [...this.#pool.workers]) if (this.#isSpent(worker)) this.#pool.end(worker)
    const isReady = [...this.#pool.workers].some(
      (worker) => worker.kind === 'regular' && this.#isOpen(worker),
    )
    if (isReady !== this.#isReady) {
      this.#isReady = isReady
      this.#events.onReadiness(isReady)
    }
    this.#tellIfIdle()
  }

  /** W1. */
  #dispatch(): void {
    for (const worker of this.#pool.workers) {
      const queue = worker.kind === 'quarantine' ? this.#suspects : this.#waiting
      const places = worker.kind === 'quarantine' ? 1 : this.#options.concurrency
      while (queue.length > 0 && worker.size < places && this.#isOpen(worker)) {
        const ticket = queue.shift()
        if (!ticket) break
        this.#lastRunId = this.#lastRunId === LAST_RUN_ID ? 1 : this.#lastRunId + 1
        worker.begin(ticket, this.#lastRunId)
      }
    }
  }

  #isOpen(worker: PoolWorker): boolean {
    return worker.state === 'serving' || this.#isBridge(worker)
  }

  /** W1: it retires, and surely answers, but there is no successor yet. */
  #isBridge(worker: PoolWorker): boolean {
    return (
      worker.state === 'retiring' &&
      worker.kind === 'regular' &&
      !worker.isInDoubt &&
      worker.size < this.#options.concurrency &&
      !this.#pool.has('regular', 'serving')
    )
  }

  /** W3, but aborted handlers have a moment to clean up; a quarantine ends with its last suspect. */
  #isSpent(worker: PoolWorker): boolean {
    if (worker.isAwaited || worker.isInGrace) return false
    if (worker.state === 'retiring') return !this.#isBridge(worker)
    return worker.kind === 'quarantine' && worker.state === 'serving' && this.#suspects.length === 0
  }

  #giveUp(reason: string): void {
    const text = `the actor cannot be loaded again: ${reason}`
    const left = [...this.#waiting.splice(0), ...this.#suspects.splice(0)]
    for (const ticket of left) answerFailure(ticket, makeFailure('processing_error', text))
    this.#events.onGivenUp(text)
  }

  #tellIfIdle(): void {
    if (!this.#onIdle || this.#waiting.length > 0 || this.#suspects.length > 0) return
    for (const worker of this.#pool.workers) if (worker.isAwaited) return
    this.#onIdle()
    this.#onIdle = undefined
  }

  #writeLine({ level, message, fields }: LogLine): void {
    this.#log[level](JSON.parse(fields) as LogFields, message)
  }
}

function remove(queue: Ticket[], ticket: Ticket): void {
  const index = queue.indexOf(ticket)
  if (index !== -1) queue.splice(index, 1)
}

/** Names a request in the log. */
function describe(ticket: Ticket): LogFields {
  const { id, jobId } = salvageIds(ticket.body)
  const duration = Math.round((performance.now() - ticket.acceptedAt) * 10) / 10
  return { message_id: id, job_id: jobId, duration_ms: duration }
}

import type { Death, FrameKind, Isolate, IsolateEvents, LogLine } from './isolate/isolate.ts'
import { begin, type Ticket } from './ticket.ts'
import type { InFlight } from './verdict.ts'

/**
 * One worker of the pool: an isolate, and what runs in it.
 *
 *   loading → serving → retiring → gone
 *   loading → gone                        (it could not be loaded)
 *
 * P1 A run that was aborted keeps its place until its handler has ended.
 * P2 A ping that is not answered within PING_MS means that a handler holds the worker.
 */
export type WorkerState = 'loading' | 'serving' | 'retiring' | 'gone'

/** `quarantine`: serves suspects, one at a time. */
export type WorkerKind = 'regular' | 'quarantine'

/** A run; its phases are the judge's. */
export interface ActiveRun extends InFlight {
  readonly ticket: Ticket
  phase: InFlight['phase']
}

export type InterimKind = Exclude<FrameKind, 'outputs' | 'failed'>

export interface PoolWorkerEvents {
  onInterim(run: ActiveRun, kind: InterimKind, body: Uint8Array): void
  onClosed(worker: PoolWorker, run: ActiveRun, body: Uint8Array): void
  /** The worker answered a ping. */
  onAnswer(worker: PoolWorker): void
  /** Some time after a ping: whether it was answered. */
  onProbed(worker: PoolWorker, isDeaf: boolean): void
  readonly onLog: (line: LogLine) => void
  onDeath(worker: PoolWorker, death: Death): void
}

export type BoundCreateIsolate = (events: IsolateEvents) => Isolate

const PING_MS = 250

/** A ping, and the time that aborted handlers have to clean up. */
type Probe =
  | { readonly type: 'none' }
  | { readonly type: 'asked'; readonly timer: NodeJS.Timeout }
  | { readonly type: 'answered'; readonly timer: NodeJS.Timeout }
  /** Time is over, and it was not answered. */
  | { readonly type: 'deaf' }

const NO_PROBE: Probe = { type: 'none' }

export class PoolWorker {
  readonly kind: WorkerKind
  readonly isolate: Isolate
  readonly #events: PoolWorkerEvents
  readonly #runs = new Map<number, ActiveRun>()
  #state: WorkerState = 'loading'
  #probe: Probe = NO_PROBE

  constructor(kind: WorkerKind, createIsolate: BoundCreateIsolate, events: PoolWorkerEvents) {
    this.kind = kind
    this.#events = events
    this.isolate = createIsolate({
      onFrame: this.#onFrame,
      onPong: this.#onPong,
      onLog: events.onLog,
      onDeath: (death) => {
        this.#leave()
        events.onDeath(this, death)
      },
    })
  }

  get state(): WorkerState {
    return this.#state
  }

  /** Places that are taken (P1). */
  get size(): number {
    return this.#runs.size
  }

  get runs(): readonly ActiveRun[] {
    return [...this.#runs.values()]
  }

  /** Whether somebody waits for one of its runs. */
  get isAwaited(): boolean {
    for (const run of this.#runs.values()) if (run.phase !== 'abandoned') return true
    return false
  }

  /** Asked whether it answers, and has not. */
  get isInDoubt(): boolean {
    return this.#probe.type === 'asked' || this.#probe.type === 'deaf'
  }

  /** Aborted handlers still have time to clean up. */
  get isInGrace(): boolean {
    return this.#runs.size > 0 && (this.#probe.type === 'asked' || this.#probe.type === 'answered')
  }

  /** Its actor is loaded. */
  serve(): void {
    if (this.#state === 'loading') this.#state = 'serving'
  }

  /** Takes no more requests. */
  retire(): void {
    if (this.#state === 'serving') this.#state = 'retiring'
  }

  begin(ticket: Ticket, runId: number): void {
    begin(ticket, { type: 'running', worker: this, runId })
    const { body, deadlineAt } = ticket
    this.#runs.set(runId, { id: runId, deadlineAt, ticket, phase: 'live' })
    const deadlineEpochMs =
      deadlineAt === Infinity ? 0 : Math.round(Date.now() + deadlineAt - performance.now())
    this.isolate.run({ id: runId, body, deadlineEpochMs })
  }

  /** The run's time is over: aborts its handler and finds out whether the worker still answers. */
  expire(run: ActiveRun): void {
    run.phase = 'expired'
    this.isolate.abort(run.id, 'deadline')
    this.#ask()
  }

  /** Nobody waits for the run any more. */
  cancel(runId: number): void {
    const run = this.#runs.get(runId)
    if (!run) return
    run.phase = 'abandoned'
    this.isolate.abort(runId, 'cancelled')
    this.#ask()
  }

  /** Ends it at once, and hands back its runs. Resolves when it is gone. */
  end(): Promise<void> {
    this.#leave()
    this.#runs.clear()
    return this.isolate.kill()
  }

  /** Takes its runs away: for its death. */
  takeRuns(): readonly ActiveRun[] {
    const { runs } = this
    this.#runs.clear()
    return runs
  }

  #leave(): void {
    this.#state = 'gone'
    this.#stopTimer()
    this.#probe = NO_PROBE
  }

  #stopTimer(): void {
    if ('timer' in this.#probe) clearTimeout(this.#probe.timer)
  }

  #ask(): void {
    this.#stopTimer()
    const timer = setTimeout(() => {
      const isDeaf = this.#probe.type === 'asked'
      this.#probe = isDeaf ? { type: 'deaf' } : NO_PROBE
      this.#events.onProbed(this, isDeaf)
    }, PING_MS)
    this.#probe = { type: 'asked', timer }
    this.isolate.ping()
  }

  readonly #onFrame = (runId: number, kind: FrameKind, body: Uint8Array): void => {
    const run = this.#runs.get(runId)
    if (!run) return
    switch (kind) {
      case 'progress':
      case 'metrics':
      case 'output':
        this.#events.onInterim(run, kind, body)
        return
      case 'outputs':
      case 'failed':
        this.#runs.delete(runId)
        this.#events.onClosed(this, run, body)
        return
    }
  }

  readonly #onPong = (): void => {
    if (!this.isInDoubt) return
    this.#probe = 'timer' in this.#probe ? { ...this.#probe, type: 'answered' } : NO_PROBE
    this.#events.onAnswer(this)
  }
}

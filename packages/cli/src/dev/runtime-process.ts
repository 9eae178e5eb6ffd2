import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { READY } from '@asya/runtime-node'
import { childEnvironment } from '../config.ts'
import { pythonRuntimeArguments, runtimeArguments } from '../programs.ts'
import { createDeferred } from './deferred.ts'
import { readLogLine, type LogBook, type NewLogLine } from './log-book.ts'

/**
 * The runtime of one actor: a process that is started again when it dies.
 *
 *   starting → serving ─┐           resting: it died, and waits a little before the next start
 *      ↑        └───────┼→ resting
 *      └────────────────┘    │
 *   stopping ←───────────────┴─ from anywhere, at `stop`
 *   stopped                     for good
 *
 * U1 At most one process at a time; after `stop` has resolved there is none.
 * U2 It rests longer after each death, until it has served for a while.
 * U3 It says once why it died, and again only when the reason changes.
 */
type Phase =
  | { readonly type: 'new' }
  | { readonly type: 'starting'; readonly child: ChildProcess }
  | { readonly type: 'serving'; readonly child: ChildProcess; readonly since: number }
  | { readonly type: 'resting'; readonly timer: NodeJS.Timeout }
  | { readonly type: 'stopping'; readonly child: ChildProcess }
  | { readonly type: 'stopped' }

export type RuntimeState = Phase['type']

export interface RuntimeOptions {
  readonly actorName: string
  /** `path.js#export`, or `module:function` */
  readonly handler: string
  /** The interpreter of an actor in Python. */
  readonly python?: string
  readonly socketPath: string
  readonly concurrency: number
  readonly projectDir: string
  /** More of its environment. */
  readonly settings?: Readonly<Record<string, string>>
}

/** How the first start ended. */
export type Started =
  { readonly type: 'serving' } | { readonly type: 'died'; readonly reason: string }

const FIRST_REST_MS = 100
const LAST_REST_MS = 10_000
/** Having served that long, the next death is the first one again. */
const HEALTHY_MS = 10_000
/** A runtime finishes what it has; then it is told in a way that it cannot miss. */
const STOP_MS = 2_000
const LAST_WORDS_MS = 200
/** What a runtime says when it was told to end. */
const CLOSING = 'closing'

export class RuntimeProcess {
  readonly #options: RuntimeOptions
  readonly #logs: LogBook
  readonly #started = createDeferred<Started>()
  readonly #stopped = createDeferred<undefined>()
  #phase: Phase = { type: 'new' }
  #restMs = FIRST_REST_MS
  #lastError = ''
  #lastReason = ''
  #deaths = 0

  constructor(options: RuntimeOptions, logs: LogBook) {
    this.#options = options
    this.#logs = logs
  }

  get state(): RuntimeState {
    return this.#phase.type
  }

  get pid(): number | undefined {
    return 'child' in this.#phase ? this.#phase.child.pid : undefined
  }

  /** How often it died. */
  get deaths(): number {
    return this.#deaths
  }

  /** Starts it; resolves when it serves, or has died for the first time. */
  start(): Promise<Started> {
    if (this.#phase.type === 'new') this.#spawn()
    return this.#started.promise
  }

  /** Ends it: resolves when the process is gone. Idempotent. */
  async stop(): Promise<void> {
    const phase = this.#phase
    switch (phase.type) {
      case 'new':
        this.#end()
        break
      case 'resting':
        clearTimeout(phase.timer)
        this.#end()
        break
      case 'starting':
      case 'serving':
        this.#phase = { type: 'stopping', child: phase.child }
        phase.child.kill('SIGTERM')
        setTimeout(() => killGroup(phase.child), STOP_MS).unref()
        break
      case 'stopping':
      case 'stopped':
        break
    }
    await this.#stopped.promise
  }

  /** Ends it at once, when there is no time to wait for anything. */
  kill(): void {
    if ('child' in this.#phase) killGroup(this.#phase.child)
  }

  #spawn(): void {
    const { handler, socketPath, actorName, concurrency, projectDir, settings } = this.#options
    const { python } = this.#options
    const args = python === undefined ? runtimeArguments() : pythonRuntimeArguments()
    const child = spawn(python ?? process.execPath, args, {
      cwd: projectDir,
      env: childEnvironment({
        ASYA_HANDLER: handler,
        ASYA_SOCKET_PATH: socketPath,
        ASYA_ACTOR_NAME: actorName,
        ASYA_CONCURRENCY: String(concurrency),
        // A cache goes by seconds: of two changes within one it would keep the first.
        ...(python !== undefined && { PYTHONDONTWRITEBYTECODE: '1' }),
        ...settings,
      }),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C in the terminal is for us, who end it in order.
      detached: true,
    })
    this.#phase = { type: 'starting', child }
    // Nothing is written to it: its end alone tells the runtime that we are gone (parent-guard).
    child.stdin.on('error', () => undefined)
    this.#readLines(child.stdout, (line) => this.#logs.add(readLogLine(actorName, line)))
    this.#readLines(child.stderr, (line) => this.#readError(line))
    child.once('error', (error) => {
      this.#died(`it cannot be started: ${error.message}`)
    })
    child.once('exit', (code, signal) => {
      // Its last words come before `close`, which a grandchild that holds its pipes would keep back.
      const end = (): void => {
        clearTimeout(timer)
        this.#died(this.#explain(code, signal))
      }
      const timer = setTimeout(end, LAST_WORDS_MS)
      child.once('close', end)
    })
  }

  #readLines(stream: Readable, tell: (line: string) => void): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', tell)
  }

  /** A line of stderr: the runtime's own log, or whatever the author's code writes there. */
  #readError(line: string): void {
    const said = readLogLine(this.#options.actorName, line)
    if (said.text === READY && this.#phase.type === 'starting') {
      this.#phase = { type: 'serving', child: this.#phase.child, since: performance.now() }
      this.#started.resolve({ type: 'serving' })
    }
    if (isComplaint(said, line)) this.#lastError = said.text
    // The dev run says that an actor has started or left, in words of its own.
    const isLifecycle = said.text === READY || said.text === CLOSING
    this.#logs.add(isLifecycle ? { ...said, level: 'debug' } : said)
  }

  #died(reason: string): void {
    const phase = this.#phase
    switch (phase.type) {
      // Told twice of one death.
      case 'new':
      case 'stopped':
      case 'resting':
        return
      case 'stopping':
        this.#end()
        return
      case 'starting':
        this.#rest(reason)
        this.#started.resolve({ type: 'died', reason })
        return
      case 'serving':
        if (performance.now() - phase.since > HEALTHY_MS) this.#restMs = FIRST_REST_MS
        this.#rest(reason)
        return
    }
  }

  #rest(reason: string): void {
    this.#deaths++
    const restMs = this.#restMs
    this.#restMs = Math.min(restMs * 2, LAST_REST_MS)
    // U3
    if (reason !== this.#lastReason) {
      const { actorName: source } = this.#options
      this.#logs.add({ source, level: 'error', text: `the runtime died: ${reason}`, fields: {} })
    }
    this.#lastReason = reason
    this.#lastError = ''
    this.#phase = { type: 'resting', timer: setTimeout(() => this.#spawn(), restMs) }
  }

  #end(): void {
    this.#phase = { type: 'stopped' }
    this.#started.resolve({ type: 'died', reason: 'it was stopped' })
    this.#stopped.resolve(undefined)
  }

  #explain(code: number | null, signal: NodeJS.Signals | null): string {
    const end = signal ?? `exit code ${code ?? '?'}`
    return this.#lastError === '' ? end : `${this.#lastError} (${end})`
  }
}

/** Kills a process with all that it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** Of a stack that Node prints at a crash, only the line that names the error says why. */
function isComplaint(said: NewLogLine, line: string): boolean {
  if (line.startsWith('{')) return said.level === 'error' || said.level === 'warn'
  return /^\s*(?:Uncaught )?\w*(?:Error|Exception)\b.*:/.test(line)
}

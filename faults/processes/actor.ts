import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CrashPlan } from '../programs/crash-points.ts'
import type { ProgramOptions } from './node-process.ts'
import { Supervised } from './supervised.ts'

export interface ActorOptions {
  /** Prefetch, connections and runtime slots. */
  readonly concurrency?: number
  readonly timeoutMs?: number
  readonly maxAttempts?: number
  /** Where the sidecar finds the broker, when not directly. */
  readonly url?: string
  /** How the sidecar's process ends, told how often it was started before; undefined = as built. */
  readonly crashes?: (incarnation: number) => CrashPlan | undefined
  /** A runtime of the harness instead of the one of Node; `absent`: started later, by `runtime`. */
  readonly runtime?: 'node' | 'absent' | { readonly socketPath: string }
  /** It is the last step of its messages: it publishes nothing. */
  readonly isEnd?: boolean
  /** Another program than the built sidecar. */
  readonly sidecarScript?: string
  /** Sets its files apart from those of another actor on the same queue. */
  readonly twin?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly runtimeEnvironment?: Readonly<Record<string, string>>
}

/** Where an actor of a trial lives. */
export interface ActorPlace {
  readonly queue: string
  readonly happyEnd: string
  readonly errorEnd: string
  readonly exchange: string
  readonly url: string
  /** For sockets and logs. */
  readonly folder: string
}

const DEFAULT_CONCURRENCY = 8

const SIDECAR = pathOf('../packages/sidecar/dist/main.js')
const CRASHING_SIDECAR = pathOf('programs/crashing-sidecar.ts')
const RUNTIME = pathOf('../packages/runtime-node/dist/main.js')

/** A sidecar and its runtime, as a pod has them: each is started again when it ends. */
export class Actor {
  readonly queue: string
  readonly concurrency: number
  readonly isEnd: boolean
  readonly sidecar: Supervised
  readonly #options: ActorOptions
  readonly #place: ActorPlace
  #runtime: Supervised | undefined

  constructor(options: ActorOptions, place: ActorPlace) {
    this.#options = options
    this.#place = place
    this.queue = place.queue
    this.concurrency = options.concurrency ?? DEFAULT_CONCURRENCY
    this.isEnd = options.isEnd ?? false
    if ((options.runtime ?? 'node') === 'node') this.startRuntime()
    this.sidecar = new Supervised((incarnation) => this.#sidecarProgram(incarnation))
  }

  get runtime(): Supervised {
    if (!this.#runtime) throw new Error('this actor has no runtime of Node')
    return this.#runtime
  }

  startRuntime(): void {
    this.#runtime = new Supervised(() => this.#runtimeProgram())
  }

  /** What its sidecar has said so far. */
  readLog(): string {
    return readFileSync(this.#fileOf('sidecar.log'), 'utf8')
  }

  async stop(): Promise<void> {
    await Promise.all([this.sidecar.stop(), this.#runtime?.stop()])
  }

  #fileOf(ending: string): string {
    const { twin = '' } = this.#options
    return join(this.#place.folder, `${this.queue}${twin}.${ending}`)
  }

  get #socketPath(): string {
    const { runtime } = this.#options
    if (typeof runtime === 'object') return runtime.socketPath
    return this.#fileOf('sock')
  }

  #sidecarProgram(incarnation: number): ProgramOptions {
    const { crashes, timeoutMs = 30_000, maxAttempts = 3, environment = {} } = this.#options
    const { sidecarScript = SIDECAR } = this.#options
    const { url, exchange, happyEnd, errorEnd } = this.#place
    const crash = crashes?.(incarnation)
    return {
      script: crash ? [CRASHING_SIDECAR, crash.step, `${crash.occurrence}`] : [sidecarScript],
      logFile: this.#fileOf('sidecar.log'),
      environment: {
        // A program of sources starts twice as fast with it; restarts are much of a trial's time.
        ...(crash ? { NODE_COMPILE_CACHE: join(this.#place.folder, 'compiled') } : {}),
        ASYA_QUEUE_NAME: this.queue,
        ASYA_IS_TERMINAL: `${this.isEnd}`,
        ASYA_SOCKET_PATH: this.#socketPath,
        ASYA_STEP_HAPPY_END: happyEnd,
        ASYA_STEP_ERROR_END: errorEnd,
        ASYA_CONCURRENCY: `${this.concurrency}`,
        ASYA_RUNTIME_TIMEOUT: `${timeoutMs}ms`,
        ASYA_RETRY_MAX_ATTEMPTS: `${maxAttempts}`,
        ASYA_RETRY_INITIAL_DELAY: '500ms',
        ASYA_METRICS_ADDR: '127.0.0.1:0',
        ASYA_SHUTDOWN_GRACE: '5s',
        ASYA_RABBITMQ_URL: this.#options.url ?? url,
        ASYA_RABBITMQ_EXCHANGE: exchange,
        ...environment,
      },
    }
  }

  #runtimeProgram(): ProgramOptions {
    return {
      script: [RUNTIME],
      folder: pathOf('actors'),
      logFile: this.#fileOf('runtime.log'),
      environment: {
        ASYA_HANDLER: 'orders.ts#orders',
        ASYA_SOCKET_PATH: this.#socketPath,
        ASYA_CONCURRENCY: `${this.concurrency}`,
        ASYA_SHUTDOWN_GRACE: '5s',
        ...this.#options.runtimeEnvironment,
      },
    }
  }
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

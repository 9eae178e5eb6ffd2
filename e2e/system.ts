import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  bytesToText,
  DEFAULT_RETRY_POLICY,
  decodeMessage,
  END_RETRY_POLICY,
  ERROR_END,
  HAPPY_END,
  JobCompletion,
  parseJson,
  type BranchEnd,
  type FinalReport,
  type Message,
  type RetryPolicy,
} from '@asya/protocol'
import { createSilentLogger } from '@asya/service/logger'
import { createMetrics, Sidecar, type Reporter } from '@asya/sidecar'
import { createMemoryBroker, type MemoryBroker } from '@asya/transport/in-memory'
import { eventually } from './eventually.ts'
import { nodeProgram, type RuntimeProgram } from './runtime-process.ts'

/** What the branches of a job came to, in order. */
export function resultsOf(ends: readonly BranchEnd[]): unknown[] {
  return ends.map((end) =>
    end.status === 'succeeded' ? (JSON.parse(bytesToText(end.result)) as unknown) : 'failed',
  )
}

/** Real sidecars and real runtime processes, as the build made them, on one in-memory broker. */
export class System {
  readonly broker: MemoryBroker = createMemoryBroker()
  readonly failed: Failed[] = []
  readonly arrived: Message[] = []
  readonly #directory = mkdtempSync(join(tmpdir(), 'asya-e2e-'))
  readonly #actors: Actor[] = []
  readonly #jobs = new Map<string, JobCompletion>()
  readonly #outside = this.broker.connect()
  #sent = 0

  /** Keeps what reaches the ends, and counts it towards its job as the end actors' sidecars do. */
  async open(): Promise<void> {
    await this.#keep(HAPPY_END, (message) => {
      this.arrived.push(message)
    })
    await this.#keep(ERROR_END, (message) => {
      const error = message.error ? parseJson(message.error) : undefined
      this.failed.push({ message, payload: parseJson(message.payload), error: error as WireError })
    })
  }

  async addActor(options: ActorOptions): Promise<Actor> {
    const socketPath = join(this.#directory, `${options.name}.sock`)
    const actor = new Actor(options, { socketPath, broker: this.broker })
    this.#actors.push(actor)
    await actor.start()
    return actor
  }

  async send(payload: unknown, steps: readonly string[] = ['faulty']): Promise<string> {
    const id = `job-${String(++this.#sent)}`
    this.#jobs.set(id, new JobCompletion())
    const body = Buffer.from(
      JSON.stringify({ id, job_id: id, route: { steps, current: 0 }, payload }),
    )
    const result = await this.#outside.publish({ queue: steps[0] ?? '', body, messageId: id })
    if (result.type !== 'confirmed') throw new Error(`not sent: ${result.type}`)
    return id
  }

  /** Waits until a job is complete; the ends of its branches, in order. */
  async complete(id: string, withinMs = 15_000): Promise<readonly BranchEnd[]> {
    const job = this.#jobs.get(id)
    if (!job) throw new Error(`there is no job ${id}`)
    await eventually(`${id} is complete`, () => job.isComplete, withinMs)
    return job.collect()
  }

  /** Waits for the failure of a message with this payload. */
  async failureOf(payload: unknown, withinMs = 15_000): Promise<Failed> {
    const text = JSON.stringify(payload)
    const find = (): Failed | undefined =>
      this.failed.find((failed) => JSON.stringify(failed.payload) === text)
    await eventually(`${text} at error-end`, () => find() !== undefined, withinMs)
    const found = find()
    if (!found) throw new Error('it was there')
    return found
  }

  async close(): Promise<void> {
    for (const actor of this.#actors) await actor.stop()
    await this.broker.close()
    rmSync(this.#directory, { recursive: true })
  }

  async #keep(queue: string, keep: (message: Message) => void): Promise<void> {
    await this.#outside.consume(queue, {
      prefetch: 1_000,
      onDelivery: (delivery) => {
        const decoded = decodeMessage(delivery.body)
        if (!decoded.ok) throw new Error(decoded.failure.reason)
        const { message } = decoded
        keep(message)
        const { jobId, branch, payload, error } = message
        const final: FinalReport | undefined =
          jobId === undefined
            ? undefined
            : error
              ? { status: 'failed', jobId, branch, error }
              : { status: 'succeeded', jobId, branch, result: payload }
        if (final) this.#jobs.get(final.jobId)?.record(final)
        delivery.settle('acknowledge')
      },
    })
  }
}

interface WireError {
  readonly type: string
  readonly message: string
  readonly step: string
  readonly exception?: string
  readonly attempts: number
}

export interface Failed {
  readonly message: Message
  readonly payload: unknown
  readonly error: WireError
}

export interface ActorOptions {
  readonly name: string
  /** A module of `e2e/actors`, with its export: `faulty.ts#faulty`. */
  readonly handler: string
  readonly concurrency?: number
  readonly timeoutMs?: number
  readonly retry?: Partial<RetryPolicy>
  readonly environment?: Readonly<Record<string, string>>
  /** What is started instead of the Node runtime. */
  readonly program?: RuntimeProgram
  /** The runtime is started later, by `startRuntime`. */
  readonly isAbsent?: boolean
}

/** A sidecar and its runtime, which is started again when it dies, as a container is. */
export class Actor {
  readonly sidecar: Sidecar
  readonly transport: ReturnType<MemoryBroker['connect']>
  readonly #options: ActorOptions
  readonly #socketPath: string
  #runtime: ChildProcess | undefined
  #isStopping = false
  /** How often the runtime process was started. */
  starts = 0
  output = ''

  constructor(
    options: ActorOptions,
    place: { readonly socketPath: string; readonly broker: MemoryBroker },
  ) {
    const { name, concurrency = 1, timeoutMs = 10_000, retry = {} } = options
    const isEnd = name === HAPPY_END || name === ERROR_END
    const defaults = isEnd ? END_RETRY_POLICY : DEFAULT_RETRY_POLICY
    const policy = { ...defaults, initialDelayMs: 1, ...retry }
    this.#options = options
    this.#socketPath = place.socketPath
    this.transport = place.broker.connect()
    this.sidecar = new Sidecar(
      {
        station: { queue: name, isEnd, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry: policy },
        actorName: name,
        socketPath: place.socketPath,
        maxMessageBytes: 10 * 1024 * 1024,
        concurrency,
        timeoutMs,
      },
      {
        transport: this.transport,
        reporter: SILENT,
        metrics: createMetrics({ namespace: 'asya_actor', queue: name, custom: [] }),
        logger: createSilentLogger(),
      },
    )
  }

  async start(): Promise<void> {
    if (this.#options.isAbsent !== true) this.#spawn()
    await this.sidecar.start()
    if (this.#options.isAbsent === true) return
    await eventually(
      `${this.#options.name} consumes; its runtime said: ${this.output}`,
      () => this.sidecar.state === 'consuming',
    )
  }

  /** Starts the runtime of an actor that was begun without it. */
  startRuntime(): void {
    this.#spawn()
  }

  get runtimePid(): number | undefined {
    return this.#runtime?.pid
  }

  /** Sends a signal to the runtime process. */
  signalRuntime(signal: NodeJS.Signals): void {
    this.#runtime?.kill(signal)
  }

  async stop(): Promise<void> {
    await this.sidecar.close(100)
    this.#isStopping = true
    const runtime = this.#runtime
    if (!runtime) return
    runtime.kill('SIGKILL')
    if (runtime.exitCode === null && runtime.signalCode === null) await once(runtime, 'exit')
  }

  #spawn(): void {
    const { name, handler, concurrency = 1, environment = {}, program } = this.#options
    this.starts++
    const { command, args } = program ?? nodeProgram(handler)
    const runtime = spawn(command, args, {
      cwd: fileURLToPath(new URL('actors', import.meta.url)),
      env: {
        PATH: process.env['PATH'],
        ASYA_HANDLER: handler,
        ASYA_ACTOR_NAME: name,
        ASYA_SOCKET_PATH: this.#socketPath,
        ASYA_CONCURRENCY: String(concurrency),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#runtime = runtime
    const keep = (chunk: Buffer): void => {
      this.output += chunk.toString()
    }
    runtime.stdout.on('data', keep)
    runtime.stderr.on('data', keep)
    runtime.once('exit', () => {
      if (!this.#isStopping) this.#spawn()
    })
  }
}

export const SILENT: Reporter = {
  progress: () => undefined,
  final: () => Promise.resolve('told'),
  watch: () => undefined,
  close: () => Promise.resolve(),
}

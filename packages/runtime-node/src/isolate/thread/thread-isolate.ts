import { Worker } from 'node:worker_threads'
import { entryUrl } from '../../entries.ts'
import { describeFailedLoad } from '../death.ts'
import type {
  AbortCause,
  Death,
  Isolate,
  IsolateEvents,
  IsolateOptions,
  Loaded,
  Run,
} from '../isolate.ts'
import { SEMI_SPACE_MIB, toStart, type FromIsolate, type IsolateStart } from '../link.ts'
import { ServerLink } from '../server-link.ts'

/** What the thread is given. */
export interface ThreadStart {
  readonly start: IsolateStart
  /** One number: the run that holds the thread, 0 = none. */
  readonly marker: Int32Array<SharedArrayBuffer>
}

/** Runs the actor in a worker thread: endless loops and a full JavaScript heap end only the thread. */
export class ThreadIsolate implements Isolate {
  readonly #worker: Worker
  readonly #link: ServerLink
  readonly #marker = new Int32Array(new SharedArrayBuffer(4))
  #death: Death | undefined
  #killed: Promise<void> | undefined

  constructor(options: IsolateOptions, events: IsolateEvents) {
    const start: ThreadStart = { start: toStart(options), marker: this.#marker }
    const locate = options.launch?.entryUrl ?? entryUrl
    const worker = new Worker(locate('isolate/thread/thread-main'), {
      workerData: start,
      ...(options.launch ? { execArgv: [...options.launch.execArgv] } : {}),
      resourceLimits: {
        maxYoungGenerationSizeMb: 3 * SEMI_SPACE_MIB,
        ...(options.heapLimitMiB === undefined
          ? {}
          : { maxOldGenerationSizeMb: options.heapLimitMiB }),
      },
    })
    this.#worker = worker
    this.#link = new ServerLink((message, transfer) => {
      worker.postMessage(message, transfer)
    }, events)
    worker.on('message', (message) => {
      this.#link.receive(message as FromIsolate)
    })
    void this.#link.whenLoaded.then(keepLoopsStoppable)
    worker.on('error', (error) => {
      this.#death = toDeath(error)
    })
    worker.on('exit', (exitCode) => {
      const death = this.#death ?? { type: 'exited', exitCode }
      const wasLoaded = this.#link.state === 'loaded'
      if (this.#link.close(describeFailedLoad(death)) && wasLoaded) events.onDeath(death)
    })
  }

  get blocker(): number | undefined {
    return Atomics.load(this.#marker, 0) || undefined
  }

  load(): Promise<Loaded> {
    return this.#link.whenLoaded
  }

  run(run: Run): void {
    this.#link.run(run)
  }

  abort(runId: number, why: AbortCause): void {
    this.#link.abort(runId, why)
  }

  ping(): void {
    this.#link.ping()
  }

  kill(): Promise<void> {
    this.#link.close('the thread was ended')
    this.#killed ??= this.#worker.terminate().then(() => undefined)
    return this.#killed
  }
}

/**
 * V8 13.6 (Node 24) forgets to look for an end in loops around one of constant length, such as the
 * one inside `new Array(1000)`, when it unrolls that: neither terminate() nor the heap's limit would
 * stop them. Told only now, for code that was cached under other flags is compiled again: the first
 * worker would start 10 ms later.
 */
function keepLoopsStoppable(): void {
  if (LOOPS_MAY_NOT_STOP) setFlagsFromString('--no-turboshaft-loop-unrolling')
}

const { setFlagsFromString } = process.getBuiltinModule('node:v8')
/** Node 22 does not unroll them. */
const LOOPS_MAY_NOT_STOP = Number.parseInt(process.versions.node) >= 24

function toDeath(error: unknown): Death {
  if (!(error instanceof Error))
    return { type: 'threw', name: 'Error', message: String(error), stack: undefined }
  const { name, message, stack } = error
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return { type: 'out-of-memory', detail: message }
  return { type: 'threw', name, message, stack }
}

import { fork, type ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
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
import { SEMI_SPACE_MIB, toStart, type FromIsolate } from '../link.ts'
import { ServerLink } from '../server-link.ts'

/** How much of what it wrote last is kept, to find what V8 said before it aborted. */
const KEPT_STDERR_CHARACTERS = 8_192
/** What a process wrote before its end arrives within this time. */
const LAST_WORDS_MS = 250

/** Runs the actor in a process of its own: whatever it does ends only that process. */
export class ProcessIsolate implements Isolate {
  readonly blocker = undefined
  readonly #child: ChildProcess
  readonly #link: ServerLink
  readonly #events: IsolateEvents
  readonly #gone = Promise.withResolvers<void>()
  #lastThrown: Death | undefined
  #stderrEnd = ''

  constructor(options: IsolateOptions, events: IsolateEvents) {
    const locate = options.launch?.entryUrl ?? entryUrl
    const child = fork(
      fileURLToPath(locate('isolate/process/process-main')),
      [JSON.stringify(toStart(options))],
      {
        execArgv: listArguments(options),
        serialization: 'advanced',
        stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      },
    )
    this.#child = child
    this.#events = events
    this.#link = new ServerLink((message) => {
      // The error of a process that is just ending is told by its end.
      if (child.connected) child.send(message, () => undefined)
    }, events)
    child.on('message', (message) => {
      this.#receive(message as FromIsolate)
    })
    child.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk)
      this.#stderrEnd = (this.#stderrEnd + chunk.toString('latin1')).slice(-KEPT_STDERR_CHARACTERS)
    })
    child.on('error', (error) => {
      this.#end({ type: 'threw', name: error.name, message: error.message, stack: undefined })
    })
    void this.#awaitEnd()
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
    this.#link.close('the process was ended')
    this.#child.kill('SIGKILL')
    return this.#gone.promise
  }

  #receive(message: FromIsolate): void {
    if (message.type === 'threw') this.#lastThrown = message
    else this.#link.receive(message)
  }

  async #awaitEnd(): Promise<void> {
    const child = this.#child
    const closed = new Promise((resolve) => child.once('close', resolve))
    const disconnected = new Promise((resolve) => child.once('disconnect', resolve))
    const [exitCode, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.once('exit', (...how) => {
        resolve(how)
      })
    })
    this.#gone.resolve()
    // Frames may still be in the channel, and V8's last words in the pipe.
    await Promise.race([Promise.all([closed, disconnected]), sleep(LAST_WORDS_MS)])
    this.#end(this.#toDeath(exitCode ?? 0, signal))
  }

  #toDeath(exitCode: number, signal: string | null): Death {
    if (signal === 'SIGKILL') return { type: 'out-of-memory', detail: 'killed, as the kernel does' }
    if (/JavaScript heap out of memory|: out of memory/i.test(this.#stderrEnd))
      return { type: 'out-of-memory', detail: 'V8 reached its heap limit' }
    if (signal !== null) return { type: 'signalled', signal }
    return exitCode !== 0 && this.#lastThrown ? this.#lastThrown : { type: 'exited', exitCode }
  }

  #end(death: Death): void {
    const wasLoaded = this.#link.state === 'loaded'
    if (this.#link.close(describeFailedLoad(death)) && wasLoaded) this.#events.onDeath(death)
  }
}

function listArguments(options: IsolateOptions): string[] {
  const { launch, heapLimitMiB } = options
  const young = `--max-semi-space-size=${String(SEMI_SPACE_MIB)}`
  const old = heapLimitMiB === undefined ? [] : [`--max-old-space-size=${String(heapLimitMiB)}`]
  return [...(launch?.execArgv ?? process.execArgv), young, ...old]
}

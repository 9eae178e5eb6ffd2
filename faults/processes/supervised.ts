import { setTimeout as sleep } from 'node:timers/promises'
import { NodeProcess, type ProgramOptions } from './node-process.ts'

/** A container: a process that is started again whenever it ends, until it is stopped. */
export class Supervised {
  readonly #next: (incarnation: number) => ProgramOptions
  #process: NodeProcess
  #isStopping = false
  starts = 0
  /** Told of each end that nobody asked for, before the next start. */
  onEnd: (() => void) | undefined

  /** @param next what to start, told how often it was started before */
  constructor(next: (incarnation: number) => ProgramOptions) {
    this.#next = next
    this.#process = this.#start()
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal)
  }

  /** Ends it; it stays ended. Resolves with the time that it took, and with its exit code. */
  async stop(
    how: NodeJS.Signals = 'SIGKILL',
  ): Promise<{ readonly tookMs: number; readonly exitCode: number | null }> {
    const startedAt = performance.now()
    this.#isStopping = true
    this.signal(how)
    await this.#process.ended
    return { tookMs: performance.now() - startedAt, exitCode: this.#process.exitCode }
  }

  /** Starts it again after `stop`. */
  restart(): void {
    this.#isStopping = false
    this.#process = this.#start()
  }

  #start(): NodeProcess {
    const startedAt = performance.now()
    const started = new NodeProcess(this.#next(this.starts))
    this.starts += 1
    const isCurrent = (): boolean => !this.#isStopping && this.#process === started
    void started.ended.then(async () => {
      if (!isCurrent()) return
      this.onEnd?.()
      // One that cannot even start is not started in a hot loop.
      if (performance.now() - startedAt < SHORT_LIFE_MS) await sleep(RESTART_MS)
      if (isCurrent()) this.#process = this.#start()
    })
    return started
  }
}

const SHORT_LIFE_MS = 1_000
const RESTART_MS = 100

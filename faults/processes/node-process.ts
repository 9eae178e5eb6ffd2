import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ProgramOptions {
  /** A script, with its arguments. */
  readonly script: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly logFile: string
  readonly folder?: string
}

/** Nothing else of what this process was started with. */
const INHERITED = {
  PATH: process.env['PATH'],
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
}

/** A Node process of the system under test; what it says goes to its log file. */
export class NodeProcess {
  readonly #child: ChildProcess
  readonly ended: Promise<void>

  constructor({ script, environment, logFile, folder }: ProgramOptions) {
    const log = openSync(logFile, 'a')
    this.#child = spawn(process.execPath, script, {
      env: { ...INHERITED, ...environment },
      stdio: ['ignore', log, log],
      ...(folder === undefined ? {} : { cwd: folder }),
    })
    closeSync(log)
    running.add(this.#child)
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        running.delete(this.#child)
        resolve()
      }
      this.#child.once('exit', end)
      this.#child.once('error', end)
    })
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Null when a signal ended it, or when it runs. */
  get exitCode(): number | null {
    return this.#child.exitCode
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.hasEnded) this.#child.kill(signal)
  }

  /** True when it ended within that time. */
  async endsWithin(ms: number): Promise<boolean> {
    await Promise.race([this.ended, sleep(ms, undefined, { ref: false })])
    return this.hasEnded
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }
}

/** Whatever ends the harness ends them too. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

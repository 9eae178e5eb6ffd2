import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { READY } from '../index.ts'
import type { LogFields } from '../log.ts'
import { testLaunch } from './launch.ts'
import { ScriptedPeer } from './scripted-peer.ts'
import { eventually, type Workshop } from './workshop.ts'

/** The runtime as it is run: a process of its own. */
export class RuntimeProcess {
  readonly child: ChildProcess
  readonly messages: unknown[] = []
  stdout = ''
  stderr = ''
  readonly #socketPath: string
  readonly #exited: Promise<number | string>
  #hasExited = false

  constructor(workshop: Workshop, environment: Readonly<Record<string, string>>) {
    this.#socketPath = workshop.socketPath
    const main = fileURLToPath(testLaunch.entryUrl('main'))
    this.child = spawn(process.execPath, [...testLaunch.execArgv, main], {
      cwd: workshop.directory,
      env: { ASYA_SOCKET_PATH: workshop.socketPath, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.child.on('message', (message) => this.messages.push(message))
    this.#exited = once(this.child, 'close').then(([code, signal]: (number | string | null)[]) => {
      this.#hasExited = true
      return code ?? signal ?? 'unknown'
    })
    workshop.onEnd(async () => {
      if (!this.#hasExited) this.child.kill('SIGTERM')
      await this.#exited
    })
  }

  /** Starts one and waits until it serves. */
  static async start(
    workshop: Workshop,
    environment: Readonly<Record<string, string>>,
  ): Promise<RuntimeProcess> {
    const runtime = new RuntimeProcess(workshop, environment)
    await eventually(() => runtime.#hasExited || runtime.says(READY), 'it serves')
    if (runtime.#hasExited) throw new Error(`it ended: ${runtime.stderr}`)
    return runtime
  }

  /** Lines on stderr, parsed; what is no JSON stands as it is. */
  get lines(): (LogFields | string)[] {
    return this.stderr
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (line.startsWith('{') ? (JSON.parse(line) as LogFields) : line))
  }

  says(message: string): boolean {
    const end = this.stderr.lastIndexOf('\n')
    return this.stderr.slice(0, end + 1).includes(`"msg":"${message}`)
  }

  /** The exit code, or the signal that ended it. */
  exited(): Promise<number | string> {
    return this.#exited
  }

  connect(): Promise<ScriptedPeer> {
    return ScriptedPeer.open(this.#socketPath)
  }
}

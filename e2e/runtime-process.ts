import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runtimePythonPath, type Python } from '@asya/runtime-python'
import { eventually } from './eventually.ts'

/** How a runtime is started: the program, and what it is told beside its socket. */
export interface RuntimeProgram {
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

const NODE_MAIN = fileURLToPath(new URL('../packages/runtime-node/dist/main.js', import.meta.url))

/** The Node runtime as it was built, with an actor of `e2e/actors`. */
export function nodeProgram(
  handler: string,
  environment: Readonly<Record<string, string>> = {},
): RuntimeProgram {
  return {
    command: process.execPath,
    args: [NODE_MAIN],
    environment: { ASYA_HANDLER: handler, ...environment },
  }
}

/** The Python runtime, with an actor of `e2e/actors`. */
export function pythonProgram(
  { command }: Python,
  handler: string,
  environment: Readonly<Record<string, string>> = {},
): RuntimeProgram {
  return {
    command,
    args: [runtimePythonPath],
    environment: { ASYA_HANDLER: handler, ...environment },
  }
}

/** A runtime of its own process, on a socket of its own. */
export class RuntimeProcess {
  readonly #directory = mkdtempSync(join(tmpdir(), 'asya-runtime-'))
  readonly socketPath = join(this.#directory, 'app.sock')
  readonly child: ChildProcess
  readonly #exited: Promise<number | string>
  stderr = ''
  stdout = ''

  constructor({ command, args, environment }: RuntimeProgram) {
    this.child = spawn(command, args, {
      cwd: fileURLToPath(new URL('actors', import.meta.url)),
      env: { PATH: process.env['PATH'], ASYA_SOCKET_PATH: this.socketPath, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()))
    this.#exited = once(this.child, 'close').then(
      ([code, signal]: (number | string | null)[]) => code ?? signal ?? 'unknown',
    )
  }

  /** Starts one and waits until it serves. */
  static async start(program: RuntimeProgram): Promise<RuntimeProcess> {
    const runtime = new RuntimeProcess(program)
    await eventually(
      'it serves, or ends',
      () => runtime.says('serving') || runtime.#hasExited(),
      60_000,
    )
    if (runtime.#hasExited()) throw new Error(`the runtime ended: ${runtime.stderr}`)
    return runtime
  }

  /** Whether a line of its log has this message. */
  says(message: string): boolean {
    return this.lines.some((line) => line['msg'] === message)
  }

  /** Lines of its log, parsed. */
  get lines(): readonly Readonly<Record<string, unknown>>[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  /** The exit code, or the signal that ended it. */
  exited(): Promise<number | string> {
    return this.#exited
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#exited
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #hasExited(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }
}

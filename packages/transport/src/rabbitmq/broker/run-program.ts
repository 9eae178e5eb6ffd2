import { spawn } from 'node:child_process'
import { childEnvironment } from './config.ts'

export interface ProgramEnd {
  readonly isOk: boolean
  /** What it printed, both streams, without space around it. */
  readonly output: string
}

export interface ProgramOptions {
  readonly settings?: Readonly<Record<string, string>>
  /** Killed when it takes longer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Runs a program to its end; never rejects: one that cannot be run has failed. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  const { settings = {}, timeoutMs, signal } = options
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: childEnvironment(settings),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => {
      resolve({ isOk: false, output: error.message })
    })
    child.once('close', (code, killedBy) => {
      const late = killedBy === null ? '' : `\nended by ${killedBy}`
      resolve({ isOk: code === 0, output: `${output.trim()}${late}` })
    })
  })
}

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Started {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** All that it has printed so far. */
  readonly output: () => string
  kill(signal: NodeJS.Signals): void
}

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Starts `asya` as a shell would, without a terminal. */
export function startCli(args: readonly string[], cwd: string, stdin = ''): Started {
  const child = spawn(process.execPath, ['--conditions=source', MAIN, ...args], { cwd })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  child.stdin.end(stdin)
  return {
    pid: child.pid ?? 0,
    ended: new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, stdout, stderr })
      })
    }),
    output: () => stdout + stderr,
    kill: (signal) => child.kill(signal),
  }
}

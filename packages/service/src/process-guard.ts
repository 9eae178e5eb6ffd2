import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs its script once: when it is told to, or when this process has ended, however it did. */
export interface Guard {
  /** Runs the script now; resolves when that is done. Idempotent. */
  fire(): Promise<void>
}

/**
 * A shell that waits at the end of a pipe from this process. It is in a process group of its own and
 * ignores what a terminal sends, so that it outlives a Ctrl-C that ends its parent.
 *
 * @param script shell, with `args` as `$1`, `$2`, …
 */
export function startGuard(script: string, args: readonly string[]): Guard {
  const waiting = `trap '' INT TERM HUP; cat >/dev/null; ${script}`
  const shell = spawn('/bin/sh', ['-c', waiting, 'asya-guard', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const ended = once(shell, 'exit').then(() => undefined)
  // Where there is no shell there was no server either.
  ended.catch(() => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  return {
    async fire() {
      shell.ref()
      shell.stdin.end()
      await ended
    },
  }
}

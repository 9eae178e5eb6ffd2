import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A directory of its own for each test, and what the test opened: closed in reverse order. */
export class Workshop implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'asya-runtime-'))
  readonly socketPath = join(this.directory, 'app.sock')
  readonly #handles = countHandles()
  readonly #closers: (() => unknown)[] = []
  #actors = 0

  /** Writes a module and returns its path. */
  write(source: string, extension = 'mjs'): string {
    const path = join(this.directory, `actor${String(++this.#actors)}.${extension}`)
    writeFileSync(path, source)
    return path
  }

  /** Calls `close` at the end of the test. */
  onEnd(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** Closes everything; a handle or a socket's file that is left over is an error. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close()
    const left = readdirSync(this.directory).filter((name) => name.endsWith('.sock'))
    rmSync(this.directory, { recursive: true })
    await eventually(() => countHandles() <= this.#handles, 'sockets and processes are closed')
    if (left.length > 0) throw new Error(`left over: ${left.join(', ')}`)
  }
}

function countHandles(): number {
  const leaking = ['PipeWrap', 'ConnectWrap', 'ProcessWrap']
  return process.getActiveResourcesInfo().filter((type) => leaking.includes(type)).length
}

/** Waits until something holds. */
export async function eventually(
  holds: () => boolean,
  what = 'it',
  withinMs = 40_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${String(withinMs)} ms`)
    await sleep(5)
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGuard, type Guard } from '@asya/service/process-guard'
import type { Broker } from './broker.ts'
import { childEnvironment } from './config.ts'
import { BrokerError } from './errors.ts'
import type { Installation } from './find-server.ts'
import { makeServerPlace, type ServerPlace } from './server-files.ts'
import { isAnswering } from './is-answering.ts'

/**
 * A server of our own: `starting` → `running` ⇄ `down` → `closed`.
 *
 * P1 It shares nothing with another broker on this machine: name, ports, name server, folder, secret.
 * P2 Its processes are known by pid files in its folder, and ended by those pids alone.
 * P3 When it is closed, or this process ends in any way, they are ended and the folder is removed.
 */
export class PrivateServer implements Broker {
  readonly how = 'started'
  readonly handle: Broker['handle']
  readonly #installation: Installation
  readonly #place: ServerPlace
  readonly #guard: Guard
  readonly #children = new Map<string, ChildProcess>()

  static async start(installation: Installation, signal?: AbortSignal): Promise<PrivateServer> {
    const server = new PrivateServer(installation, await makeServerPlace())
    try {
      await server.up(signal)
      return server
    } catch (error) {
      await server.close()
      throw error
    }
  }

  private constructor(installation: Installation, place: ServerPlace) {
    this.#installation = installation
    this.#place = place
    this.#guard = startGuard(END_ALL, [place.folder])
    const ctl = { program: installation.ctl, args: [], settings: place.settings }
    this.handle = { url: place.url, ctl }
  }

  /** The server's process; undefined while it is down. */
  get pid(): number | undefined {
    return this.#children.get('server')?.pid
  }

  /** Starts it, with the data of before. Resolves when it takes connections. */
  async up(signal?: AbortSignal): Promise<void> {
    const { epmd, server } = this.#installation
    const { epmdPort } = this.#place
    if (!this.#children.has('epmd')) {
      this.#spawn('epmd', [epmd, '-port', `${epmdPort}`, '-address', '127.0.0.1'])
    }
    this.#spawn('server', [server])
    for (const startedAt = performance.now(); !(await isAnswering(this.handle.url));) {
      signal?.throwIfAborted()
      const isLate = performance.now() - startedAt > START_TIMEOUT_MS
      if (isLate || this.pid === undefined) throw new BrokerError(this.#explain(isLate))
      await sleep(POLL_MS)
    }
  }

  /** Ends the server's process, SIGTERM (in order) or SIGKILL (as a crash). Its data stay. */
  async down(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#children.get('server')
    if (!child) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(how)
    await ended
  }

  /** P3 */
  async close(): Promise<void> {
    await this.#guard.fire()
  }

  /** P2: the shell writes the pid before it becomes the program. */
  #spawn(name: string, command: readonly string[]): void {
    const { folder, settings } = this.#place
    const pidFile = join(folder, `${name}.pid`)
    const output = openSync(join(folder, 'logs', `${name}.out`), 'a')
    const child = spawn('/bin/sh', ['-c', 'echo $$ >"$0" && exec "$@"', pidFile, ...command], {
      env: childEnvironment(settings),
      cwd: folder,
      stdio: ['ignore', output, output],
      // In a group of its own: Ctrl-C is for us, and we end it in order.
      detached: true,
    })
    closeSync(output)
    this.#children.set(name, child)
    child.unref()
    child.once('exit', () => {
      this.#children.delete(name)
      // The pid may soon be somebody else's.
      rmSync(pidFile, { force: true })
    })
    child.once('error', () => this.#children.delete(name))
  }

  #explain(isLate: boolean): string {
    const folder = join(this.#place.folder, 'logs')
    const logs = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    const lines = logs.join('\n').trim().split('\n')
    const what = isLate ? `did not answer within ${START_TIMEOUT_MS / 1_000} s` : 'ended at once'
    return `RabbitMQ was started and ${what}. Its last words:\n${lines.slice(-15).join('\n')}`
  }
}

const START_TIMEOUT_MS = 90_000
const POLL_MS = 200

/** What it has is worth nothing to anybody else, so that nothing need be stopped in order. */
const END_ALL = `
for file in "$1"/*.pid; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill -KILL "$pid" 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
done
rm -rf "$1"
`

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerSpec, HookSpec, HttpGet } from './pod-spec.ts'
import type { Surroundings } from './surroundings.ts'

/** Kubernetes waits 10 s before the second restart; here a moment, as tests have less time. */
const RESTART_MS = 100
/** What is left of the grace, it has that much from SIGTERM to SIGKILL (kubelet, minimumGracePeriodInSeconds). */
const LEAST_MS = 2_000

/** A container of a pod, as a process; started again whenever it ends, until it is killed. */
export class Container {
  readonly spec: ContainerSpec
  /** What happened to it, for people to read. */
  readonly events: string[] = []
  readonly #surroundings: Surroundings
  #process: ChildProcess | undefined
  #isWanted = false
  #output = ''

  constructor(spec: ContainerSpec, surroundings: Surroundings) {
    this.spec = spec
    this.#surroundings = surroundings
  }

  get isRunning(): boolean {
    return this.#process !== undefined
  }

  get output(): string {
    return this.#output
  }

  start(): void {
    this.#isWanted = true
    const process = this.#spawn()
    this.#process = process
    process.once('exit', (code, signal) => {
      this.#process = undefined
      this.events.push(`ended: ${code ?? signal}`)
      if (this.#isWanted) setTimeout(() => this.#isWanted && this.start(), RESTART_MS)
    })
  }

  /** Runs it once; rejects when it fails. */
  async runToEnd(): Promise<void> {
    const [code] = (await once(this.#spawn(), 'exit')) as [number | null]
    if (code !== 0) throw new Error(`${this.spec.name} failed: ${this.#output}`)
  }

  async answers({ path, port }: HttpGet): Promise<boolean> {
    const real = this.#surroundings.findPort(port, this.spec)
    const signal = AbortSignal.timeout(1_000)
    return fetch(`http://127.0.0.1:${real}${path}`, { signal }).then(
      ({ ok }) => ok,
      () => false,
    )
  }

  /**
   * Kills it as a kubelet does: its hook, its turn, SIGTERM, SIGKILL, and one grace over all of it.
   * `turn`: when those have ended that must end before.
   */
  async kill(graceMs: number, turn: Promise<unknown>): Promise<void> {
    this.#isWanted = false
    const endsAt = performance.now() + graceMs
    const left = (): number => Math.max(endsAt - performance.now(), 0)
    const hook = this.spec.lifecycle?.preStop
    if (hook !== undefined && this.isRunning) {
      await within(left(), (signal) => this.#runHook(hook, signal))
    }
    await within(left(), () => turn)
    const process = this.#process
    if (process === undefined) return
    const ended = once(process, 'exit')
    this.events.push('SIGTERM')
    process.kill('SIGTERM')
    await within(Math.max(left(), LEAST_MS), () => ended)
    if (this.#process === undefined) return
    this.events.push('SIGKILL')
    process.kill('SIGKILL')
    await ended
  }

  /** Ends it at once, for good. */
  crash(): void {
    this.#isWanted = false
    this.#process?.kill('SIGKILL')
  }

  async #runHook(hook: HookSpec, signal: AbortSignal): Promise<void> {
    if ('exec' in hook) {
      const [command = '', ...args] = hook.exec.command
      const [code] = (await once(spawn(command, args, { signal }), 'exit')) as [number]
      this.events.push(`preStop: ${code}`)
      return
    }
    const { path, port } = hook.httpGet
    const url = `http://127.0.0.1:${this.#surroundings.findPort(port, this.spec)}${path}`
    const answer = await fetch(url, { signal })
    this.events.push(`preStop: ${answer.status} ${(await answer.text()).trim()}`)
  }

  #spawn(): ChildProcess {
    const { argv, cwd } = this.#surroundings.makeCommand(this.spec)
    const [command = '', ...args] = argv
    const child = spawn(command, args, {
      cwd,
      env: { PATH: process.env['PATH'], ...this.#surroundings.makeEnvironment(this.spec) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (chunk: Buffer): void => {
      this.#output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    return child
  }
}

/** Waits for work as long as there is time; a hook that fails keeps nobody from ending. */
async function within(ms: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const over = new AbortController()
  const timer = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)
  await Promise.race([work(over.signal).catch(() => undefined), timer])
  over.abort()
}

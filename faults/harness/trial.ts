import { setTimeout as sleep } from 'node:timers/promises'
import { TcpProxy } from '../../packages/transport/src/rabbitmq/testing/tcp-proxy.ts'
import {
  ScriptedRuntime,
  type Script,
} from '../../packages/sidecar/src/testing/scripted-runtime.ts'
import { Actor, type ActorOptions } from '../processes/actor.ts'
import type { Order } from '../actors/orders.ts'
import type { BrokerFaults } from './broker-faults.ts'
import { Client, type Names } from './client.ts'
import { Ledger, type Expectation } from './ledger.ts'
import { Random } from './random.ts'

export interface TrialOptions {
  readonly row: string
  readonly seed: number
  readonly isQuick: boolean
  readonly broker: BrokerFaults
  /** For sockets and logs. */
  readonly folder: string
  /** What no log may hold; every payload does. */
  readonly canary: string
  /** For people, a line at a time. */
  readonly say: (line: string) => void
}

/** How long something took that is bounded. */
export interface Timing {
  readonly what: string
  readonly tookMs: number
  readonly limitMs: number
}

/** Something that is counted besides messages. */
export interface Count {
  readonly what: string
  readonly count: number
  /** Beyond it, the trial fails. */
  readonly limit?: number
}

export interface LoadOptions {
  readonly messages: number
  /** How many may be under way; the next one waits. */
  readonly window?: number
  readonly order?: (index: number) => Order
  readonly expectation?: Partial<Expectation>
  readonly steps?: readonly string[]
}

const DEFAULT_WINDOW = 64

/** One repetition of a fault: its own names on the broker, its own processes, its own ledger. */
export class Trial {
  readonly options: TrialOptions
  readonly random: Random
  readonly ledger: Ledger
  readonly names: Names
  readonly client: Client
  readonly recoveriesMs: number[] = []
  readonly timings: Timing[] = []
  readonly counts: Count[] = []
  faults = 0
  allowedDuplicates = 0
  readonly #actors: Actor[] = []
  readonly #lifts: (() => unknown)[] = []
  readonly #closers: (() => unknown)[] = []
  readonly #queues: string[] = []
  readonly #ended = new AbortController()
  readonly #measuring = new Set<Promise<void>>()
  #sent = 0

  static async open(options: TrialOptions): Promise<Trial> {
    trials += 1
    const prefix = `${options.row}.${options.seed}.${trials}`
    const names = {
      exchange: prefix,
      happyEnd: `${prefix}.happy-end`,
      errorEnd: `${prefix}.error-end`,
    }
    const ledger = new Ledger()
    const client = await Client.open(options.broker.url, names, ledger)
    return new Trial(options, { names, ledger, client })
  }

  private constructor(
    options: TrialOptions,
    { names, ledger, client }: Pick<Trial, 'names' | 'ledger' | 'client'>,
  ) {
    this.options = options
    this.random = new Random(options.seed)
    this.names = names
    this.ledger = ledger
    this.client = client
  }

  get broker(): BrokerFaults {
    return this.options.broker
  }

  /** The full queue name of an actor of this trial. */
  queueOf(name: string): string {
    return `${this.names.exchange}.${name}`
  }

  /** The route through all actors but end actors, in the order they were started. */
  get route(): readonly string[] {
    return toQueues(this.#actors.filter(({ isEnd }) => !isEnd))
  }

  /** Starts an actor; resolves when its queue can be sent to. */
  async startActor(name: string, options: ActorOptions = {}): Promise<Actor> {
    const { folder, broker } = this.options
    const queue = this.queueOf(name)
    const actor = new Actor(options, { ...this.names, queue, url: broker.url, folder })
    this.#actors.push(actor)
    await this.until(`the queue of ${name} is there`, () => this.client.isBound(queue))
    return actor
  }

  /** A way to the broker on which the network can fail, and the URL of it; it passes again at the end. */
  async openProxy(): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
    const url = new URL(this.broker.url)
    const proxy = await TcpProxy.open({ host: url.hostname, port: Number(url.port) })
    this.liftAtEnd(() => proxy.set('pass'))
    this.#closers.push(() => proxy.close())
    url.port = `${proxy.port}`
    return { proxy, url: url.href }
  }

  /** A runtime that does what a row says; closed with the trial. */
  async openScriptedRuntime(script: Script): Promise<ScriptedRuntime> {
    const runtime = new ScriptedRuntime(script)
    await runtime.start()
    this.#closers.push(() => runtime.close())
    return runtime
  }

  /** Undoes a fault when the trial ends, if it was not undone before. Last come, first undone. */
  liftAtEnd(lift: () => unknown): void {
    this.#lifts.push(lift)
  }

  /** Undone when the trial ends, after the faults. Last come, first undone. */
  closeAtEnd(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** A queue that no actor of the trial has; removed with it. */
  addQueue(queue: string): void {
    this.#queues.push(queue)
  }

  /** Counts a fault, and the duplicates that it may cause: what was in flight. */
  noteFault(inFlight: number): void {
    this.faults += 1
    this.allowedDuplicates += inFlight
  }

  /** Shown in the table with its limit; beyond it, the trial fails. */
  noteTime(timing: Timing): void {
    this.timings.push(timing)
    const { what, tookMs, limitMs } = timing
    if (tookMs > limitMs) this.ledger.remark(`${what} took ${tookMs} ms, and may take ${limitMs}`)
  }

  /** Shown in the table with its limit; beyond it, the trial fails. */
  noteCount(counted: Count): void {
    this.counts.push(counted)
    const { what, count, limit = Infinity } = counted
    if (count > limit) this.ledger.remark(`${what}: ${count}, and may be ${limit}`)
  }

  /** Sends messages, at most `window` under way, until that many are confirmed. */
  async load(options: LoadOptions): Promise<void> {
    const { messages, window = DEFAULT_WINDOW } = options
    const underWay = new Set<Promise<void>>()
    let confirmed = 0
    for (let index = 0; confirmed < messages; index++) {
      while (this.ledger.open + underWay.size >= window || confirmed + underWay.size >= messages) {
        if (this.#ended.signal.aborted || confirmed >= messages) return
        await sleep(2)
      }
      const sending: Promise<void> = this.send(options, index).then((id) => {
        if (id !== undefined) confirmed += 1
        underWay.delete(sending)
      })
      underWay.add(sending)
    }
  }

  /** Sends one message; its id when it is confirmed. */
  async send(options: Omit<LoadOptions, 'messages'>, index = 0): Promise<string | undefined> {
    const { order = echo, expectation = {}, steps = this.route } = options
    const id = `${this.names.exchange}-${(this.#sent += 1)}`
    const wanted = order(index)
    const payload = JSON.stringify({ ...wanted, canary: this.options.canary })
    const isFailure = expectation.place === 'error-end'
    const isKept = isFailure || wanted.do === 'echo' || wanted.do === 'wait'
    const kept = isKept ? { payload } : {}
    this.ledger.send(id, { place: 'happy-end', ...kept, ...expectation })
    const route = JSON.stringify({ steps, current: 0 })
    const body = Buffer.from(`{"id":"${id}","route":${route},"payload":${payload}}`)
    return (await this.sendBody({ queue: steps[0] ?? '', id, body })) ? id : undefined
  }

  /** Sends a body as it is; the ledger must know its id. */
  async sendBody(letter: Parameters<Client['publish']>[0]): Promise<boolean> {
    const isConfirmed = await this.client.publish(letter)
    if (isConfirmed) this.ledger.confirm(letter.id)
    else this.ledger.giveUp(letter.id)
    return isConfirmed
  }

  /** From now until a message that was sent from now on has come to an end. */
  async measureRecovery(): Promise<number> {
    const startedAt = performance.now()
    const measuring = this.#probe().then(() => {
      this.recoveriesMs.push(performance.now() - startedAt)
    })
    this.#measuring.add(measuring)
    await measuring
    this.#measuring.delete(measuring)
    return performance.now() - startedAt
  }

  /** Polls until something holds; throws when it does not within that time. */
  async until(
    what: string,
    holds: () => boolean | Promise<boolean>,
    withinMs = 60_000,
  ): Promise<void> {
    const endsAt = performance.now() + withinMs
    while (!(await holds())) {
      if (performance.now() > endsAt) throw new Error(`not within ${withinMs / 1_000} s: ${what}`)
      await sleep(20)
    }
  }

  /** Lifts all faults, and waits until everything that was sent has ended, and nothing comes. */
  async drain(withinMs: number): Promise<void> {
    await this.lift()
    const isQuiet = (): boolean =>
      this.ledger.open === 0 && performance.now() - this.ledger.lastArrivalAt > QUIET_MS
    await this.until('all has ended', isQuiet, withinMs).catch(() => undefined)
    this.#ended.abort()
    await Promise.all(this.#measuring)
  }

  async lift(): Promise<void> {
    for (const lift of this.#lifts.splice(0).reverse()) await lift()
  }

  /** 100 fresh messages must arrive: a system that is stuck loses nothing and is worth nothing. */
  async sendCanary(steps: readonly string[]): Promise<void> {
    const before = this.ledger.open
    const sends = Array.from({ length: CANARY }, () => this.send({ steps }))
    const confirmed = (await Promise.all(sends)).filter((id) => id !== undefined).length
    const hasCome = (): boolean => this.ledger.open <= before
    await this.until('the canary has arrived', hasCome, CANARY_MS).catch(() => undefined)
    const missing = CANARY - confirmed + this.ledger.open - before
    if (missing > 0)
      this.ledger.remark(`dead: ${missing} of ${CANARY} fresh messages did not arrive`)
  }

  async close(): Promise<void> {
    this.#ended.abort()
    await this.lift()
    const queues = [...toQueues(this.#actors), ...this.#queues]
    for (const queue of queues) {
      const depth = await this.client.depthOf(queue)
      if (depth) this.ledger.remark(`${depth} messages are left in ${queue}`)
    }
    await Promise.all(this.#actors.map((actor) => actor.stop()))
    for (const close of this.#closers.toReversed()) await close()
    await this.client.close(queues)
  }

  async #probe(): Promise<void> {
    const steps = this.route
    const { signal } = this.#ended
    while (!signal.aborted) {
      const id = await this.send({ steps })
      if (id === undefined) {
        // What is refused at once would leave no time for anything else.
        await sleep(PROBE_PAUSE_MS)
        continue
      }
      const dead = sleep(DEAD_MS, undefined, { ref: false, signal }).catch(() => undefined)
      await Promise.race([this.ledger.whenEnded(id), dead])
      return
    }
  }
}

/** Names are never used again: what an earlier trial left must not be counted. */
let trials = 0

const QUIET_MS = 300
const CANARY = 100
const CANARY_MS = 30_000
const DEAD_MS = 120_000
const PROBE_PAUSE_MS = 5

function toQueues(actors: readonly Actor[]): readonly string[] {
  return [...new Set(actors.map(({ queue }) => queue))]
}

function echo(): Order {
  return { do: 'echo' }
}

import {
  bytesToText,
  encodeMessage,
  isStepName,
  MAX_STEPS,
  parseText,
  scanObject,
  type Message,
  type Metric,
  type OutputText,
  type Route,
} from '@asya/protocol'
import type { Context, Labels, Log, RouteView } from '../context.ts'

/** Where a handler's side channels lead. */
export interface Emit {
  readonly progress: (percent: number, message?: string) => void
  readonly metric: (metric: Metric) => void
  /**
   * Takes the outputs of a handler that yields, one by one; the handler waits for the promise.
   * Without it they are collected.
   */
  readonly output?: (output: OutputText) => void | Promise<void>
}

/** One call of a handler. */
export interface Invocation {
  readonly message: Message
  readonly deadline?: Date | undefined
  readonly signal: AbortSignal
  readonly log: Log
  readonly emit: Emit
}

/** The route as the handler changed it. */
export interface RouteChange {
  /** The whole route for the outputs; undefined when it was not changed. */
  readonly read: () => OutputText['route']
  /** From here on the route can change no more: an output has left with it. */
  readonly close: () => void
}

/** What a handler is given, and what its caller keeps in hand. */
export interface HandlerContext {
  readonly ctx: Context
  readonly route: RouteChange
  /** The call is over: what the handler still tells would be taken for another call's. */
  readonly end: () => void
}

/** Makes what a handler is given beside its payload. */
export function makeContext(invocation: Invocation): HandlerContext {
  const call: Call = { invocation, isOver: false, route: undefined }
  return {
    ctx: new CallContext(call),
    route: {
      read: () => call.route?.change(),
      close: () => {
        routeOf(call).close()
      },
    },
    end: () => {
      call.isOver = true
    },
  }
}

/** One call of a handler, as the parts of its context share it. */
interface Call {
  readonly invocation: Invocation
  isOver: boolean
  /** Most handlers never look at their route. */
  route: CallRoute | undefined
}

function routeOf(call: Call): CallRoute {
  return (call.route ??= new CallRoute(call.invocation.message.route))
}

/**
 * A class, whose getters are made once: in an object literal the engine makes them anew for each
 * call, which takes longer than to parse a small payload. Functions are fields, so that they need no
 * `this`. What most handlers never ask for is made when it is asked for.
 */
class CallContext implements Context {
  readonly id: string
  readonly jobId: string | undefined
  readonly attempt: number
  readonly #call: Call
  #deadline: Date | undefined
  #metrics: Context['metrics'] | undefined
  #headers: Context['headers'] | undefined
  #rawMessage: string | undefined

  constructor(call: Call) {
    const { message } = call.invocation
    this.#call = call
    // Only a runtime under another sidecar meets a message without an id. The global `crypto` is
    // loaded when it is asked for; an import would cost every actor 2 to 3 MiB.
    this.id = message.id ?? crypto.randomUUID()
    this.jobId = message.jobId
    this.attempt = message.attempt
  }

  get deadline(): Date | undefined {
    return (this.#deadline ??= this.#call.invocation.deadline)
  }

  get signal(): AbortSignal {
    return this.#call.invocation.signal
  }

  get log(): Log {
    return this.#call.invocation.log
  }

  get metrics(): Context['metrics'] {
    return (this.#metrics ??= makeMetrics(this.#call))
  }

  get headers(): Context['headers'] {
    return (this.#headers ??= readHeaders(this.#call.invocation.message))
  }

  get route(): RouteView {
    return routeOf(this.#call)
  }

  get rawMessage(): string {
    return (this.#rawMessage ??= bytesToText(encodeMessage(this.#call.invocation.message)))
  }

  readonly progress = (percent: number, text?: string): void => {
    const shown = Math.min(Math.max(percent, 0), 100)
    const { isOver, invocation } = this.#call
    if (!isOver && !Number.isNaN(shown)) invocation.emit.progress(shown, text)
  }
}

/** Without a prototype: `__proto__` and `constructor` are names like any other. */
function readHeaders({ headers }: Message): Context['headers'] {
  const read = Object.create(null) as Record<string, string>
  const scanned = headers && scanObject(headers)
  if (!scanned?.ok) return read
  for (const { name, value } of scanned.value) {
    read[name] = parseText(value) ?? bytesToText(value)
  }
  return Object.freeze(read)
}

/** The route of a call, as its handler sees and changes it. */
class CallRoute implements RouteView {
  readonly current: number
  readonly #before: readonly string[]
  #steps: readonly string[]
  #isClosed = false

  constructor({ steps, current }: Route) {
    this.current = current
    this.#before = steps
    this.#steps = steps
  }

  get steps(): readonly string[] {
    return this.#steps
  }

  get done(): readonly string[] {
    return this.#steps.slice(0, this.current)
  }

  get ahead(): readonly string[] {
    return this.#steps.slice(this.current + 1)
  }

  readonly replaceAhead = (ahead: readonly string[]): void => {
    if (this.#isClosed)
      throw new TypeError('route.replaceAhead came after the first yield; call it before')
    const wrong = ahead.findIndex((step) => !isStepName(step))
    if (wrong !== -1)
      throw new TypeError(
        `route.replaceAhead: ${JSON.stringify(ahead[wrong])} is not the name of a queue`,
      )
    const steps = [...this.#steps.slice(0, this.current + 1), ...ahead]
    if (steps.length > MAX_STEPS)
      throw new TypeError(`route.replaceAhead: a route has at most ${MAX_STEPS} steps`)
    this.#steps = steps
  }

  /** The whole route for the outputs; undefined when it was not changed. */
  change(): OutputText['route'] {
    if (this.#steps === this.#before) return undefined
    return { steps: this.#steps, current: this.current }
  }

  close(): void {
    this.#isClosed = true
  }
}

const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function makeMetrics(call: Call): Context['metrics'] {
  const { emit, log } = call.invocation
  const send = (kind: Metric['kind'], name: string, measured: Measured): void => {
    const problem = explainBadMetric(kind, name, measured.value)
    if (problem !== undefined) log.warn({ metric: name, kind }, `metric dropped: ${problem}`)
    else if (!call.isOver) emit.metric({ kind, name, ...toWire(measured) })
  }
  return {
    counter: (name, value = 1, labels = {}) => send('counter', name, { value, labels }),
    gauge: (name, value, labels = {}) => send('gauge', name, { value, labels }),
    histogram: (name, value, labels = {}) => send('histogram', name, { value, labels }),
  }
}

interface Measured {
  readonly value: number
  readonly labels: Labels
}

function explainBadMetric(kind: Metric['kind'], name: string, value: number): string | undefined {
  if (!METRIC_NAME.test(name)) return 'its name is not letters, digits and underscores'
  if (!Number.isFinite(value)) return `its value is ${value}`
  if (kind === 'counter' && value < 0) return `a counter cannot go down, and its value is ${value}`
  return undefined
}

function toWire({ value, labels }: Measured): Pick<Metric, 'value' | 'labels'> {
  const texts = Object.entries(labels).map(([label, text]) => [label, String(text)] as const)
  return { value, labels: Object.fromEntries(texts) }
}

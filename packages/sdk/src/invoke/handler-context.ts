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
  readonly deadline?: Date
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

/** Makes what a handler is given beside its payload. Needs no `this` anywhere. */
export function makeContext(invocation: Invocation): HandlerContext {
  const { message, deadline, signal, log } = invocation
  const { emit, end } = makeEndable(invocation.emit)
  const { view, change } = makeRoute(message.route)
  let headers: Context['headers'] | undefined
  let rawMessage: string | undefined
  const ctx: Context = {
    // Only a runtime under another sidecar meets a message without an id. The global `crypto` is loaded
    // when it is asked for; an import would cost every actor 2 to 3 MiB.
    id: message.id ?? crypto.randomUUID(),
    jobId: message.jobId,
    attempt: message.attempt,
    deadline,
    signal,
    log,
    metrics: makeMetrics(emit, log),
    // Most handlers never look at them.
    get headers() {
      return (headers ??= readHeaders(message))
    },
    route: view,
    // Encoding it costs as much as the payload is long.
    get rawMessage() {
      return (rawMessage ??= bytesToText(encodeMessage(message)))
    },
    progress(percent, text) {
      const shown = Math.min(Math.max(percent, 0), 100)
      if (!Number.isNaN(shown)) emit.progress(shown, text)
    },
  }
  return { ctx, route: change, end }
}

type SideChannels = Pick<Emit, 'progress' | 'metric'>

function makeEndable(emit: SideChannels): { emit: SideChannels; end: () => void } {
  const state = { isOver: false }
  return {
    emit: {
      progress: (percent, message) => {
        if (!state.isOver) emit.progress(percent, message)
      },
      metric: (metric) => {
        if (!state.isOver) emit.metric(metric)
      },
    },
    end: () => {
      state.isOver = true
    },
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

function makeRoute(route: Route): { view: RouteView; change: RouteChange } {
  const { current } = route
  const state = { steps: route.steps, isClosed: false }
  const view: RouteView = {
    get steps() {
      return state.steps
    },
    current,
    get done() {
      return state.steps.slice(0, current)
    },
    get ahead() {
      return state.steps.slice(current + 1)
    },
    replaceAhead(ahead) {
      if (state.isClosed)
        throw new TypeError('route.replaceAhead came after the first yield; call it before')
      const wrong = ahead.findIndex((step) => !isStepName(step))
      if (wrong !== -1)
        throw new TypeError(
          `route.replaceAhead: ${JSON.stringify(ahead[wrong])} is not the name of a queue`,
        )
      const steps = [...state.steps.slice(0, current + 1), ...ahead]
      if (steps.length > MAX_STEPS)
        throw new TypeError(`route.replaceAhead: a route has at most ${MAX_STEPS} steps`)
      state.steps = steps
    },
  }
  const change: RouteChange = {
    read: () => (state.steps === route.steps ? undefined : { steps: state.steps, current }),
    close: () => {
      state.isClosed = true
    },
  }
  return { view, change }
}

const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function makeMetrics(emit: SideChannels, log: Log): Context['metrics'] {
  const send = (kind: Metric['kind'], name: string, measured: Measured): void => {
    const problem = explainBadMetric(kind, name, measured.value)
    if (problem === undefined) emit.metric({ kind, name, ...toWire(measured) })
    else log.warn({ metric: name, kind }, `metric dropped: ${problem}`)
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

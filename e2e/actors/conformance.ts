/** The conformance actor (docs/conformance.md) for the Node runtime. */
import { FatalError, RetryableError, ValidationError, type Context } from '@asya/sdk'

/** What the suite may ask for; each act reads the members that are its own. */
interface Order {
  readonly do: string
  readonly value: unknown
  readonly values: readonly unknown[]
  readonly to: number
  readonly depth: number
  readonly characters: number
  readonly ahead: readonly string[]
  readonly kind: string
  readonly message: string
  readonly retry_after?: number
  readonly percent?: number
  readonly ms: number
}

const acts: Readonly<Record<string, (order: Order, ctx: Context) => unknown>> = {
  echo: ({ value }) => value,
  nothing: () => undefined,
  'fan-out': ({ values }) => values,
  count: ({ to }) => Array.from({ length: to }, (_, index) => index),
  yield: ({ values }) => values[Symbol.iterator](),
  'not-a-number': () => ({ list: [1, NaN] }),
  cycle,
  nest: ({ depth }) => nest(depth),
  long: ({ characters }) => 'x'.repeat(characters),
  route: ({ ahead }, ctx) => {
    ctx.route.replaceAhead(ahead)
    return 1
  },
  fail,
  progress: ({ percent = 50, message }, ctx) => {
    ctx.progress(percent, message)
    return 'told'
  },
  measure: (_, ctx) => {
    ctx.metrics.counter('pages', 2, { language: 'en' })
    ctx.metrics.gauge('queue', 3)
    ctx.metrics.histogram('seconds', 0.5)
    return 'measured'
  },
  context: (_, ctx) => ({
    id: ctx.id,
    job_id: ctx.jobId ?? null,
    attempt: ctx.attempt,
    headers: { ...ctx.headers },
    steps: ctx.route.steps,
    current: ctx.route.current,
  }),
  sleep: async ({ ms }) => {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return 'slept'
  },
  spin: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  exhaust: () => {
    const all: unknown[] = []
    for (;;) all.push(new Array(10_000).fill({}))
  },
}

function cycle(): unknown {
  const loop: Record<string, unknown> = {}
  loop['self'] = loop
  return loop
}

function nest(depth: number): unknown {
  let nested: unknown = {}
  for (let level = 1; level < depth; level++) nested = { nested }
  return nested
}

function fail({ kind, message, retry_after: seconds = 0 }: Order): never {
  switch (kind) {
    case 'retryable':
      throw new RetryableError(message, { retryAfterMs: seconds * 1_000 })
    case 'fatal':
      throw new FatalError(message)
    case 'validation':
      throw new ValidationError(message)
    default:
      throw new Error(message)
  }
}

export function conformance(payload: unknown, ctx: Context): unknown {
  const order = payload as Order | null
  const act = typeof order === 'object' && order ? acts[order.do] : undefined
  return order && act ? act(order, ctx) : payload
}

import { setTimeout as sleep } from 'node:timers/promises'
import { defineActor } from '@asya/sdk'

export interface Order {
  /** What goes wrong; `nothing` answers the order. */
  do: string
  ms?: number
}

/** Does what its payload says, and most of it is wrong. */
export const faulty = defineActor(async (order: Order, ctx): Promise<Order> => {
  const misbehave = FAULTS[order.do]
  if (misbehave) return (await misbehave(order, ctx.signal)) as Order
  if (order.ms !== undefined) await sleep(order.ms, undefined, { signal: ctx.signal })
  return order
})

type Fault = (order: Order, signal: AbortSignal) => unknown

const FAULTS: Readonly<Record<string, Fault | undefined>> = {
  'loop for ever': () => {
    for (;;);
  },
  'wait for ever': () => new Promise(() => undefined),
  'allocate without end': () => {
    const kept: unknown[] = []
    for (;;) kept.push({ number: kept.length, text: `item ${String(kept.length)}` })
  },
  exit: () => process.exit(3),
  'kill the process': () => {
    process.kill(process.pid, 'SIGKILL')
  },
  'throw a string': () => {
    // The fault under test.
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw 'just a string'
  },
  'return a Date': () => ({ do: 'nothing', at: new Date(0) }),
  'return a cycle': () => {
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    return cycle
  },
  'reject later': () => {
    setTimeout(() => void Promise.reject(new Error('nobody awaits this')), 1)
    return sleep(1_000)
  },
}

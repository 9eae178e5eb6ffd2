import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineActor } from '@asya/sdk'

/** What a message asks of its handler; `echo` answers the order itself. */
export interface Order {
  do: 'echo' | 'wait' | 'once' | 'hang' | 'loop' | 'kill' | 'allocate' | 'fan-out' | 'grow' | 'fail'
  ms?: number
  count?: number
  bytes?: number
  /** Each run adds a line to it: the text, and the process. */
  file?: string
  text?: string
}

/** Does what its payload says. */
export const orders = defineActor(async (order: Order): Promise<Order | Order[]> => {
  if (order.file !== undefined) appendFileSync(order.file, `${order.text ?? ''} ${process.pid}\n`)
  switch (order.do) {
    case 'echo':
      return order
    case 'wait':
      await sleep(order.ms)
      return order
    case 'once':
      // What follows is no such order: the file has one line for each run of this step.
      await sleep(order.ms)
      return { do: 'echo' }
    case 'hang':
      return new Promise(() => undefined)
    case 'loop':
      for (;;);
    case 'kill':
      process.kill(process.pid, 'SIGKILL')
      return new Promise(() => undefined)
    case 'allocate': {
      const kept: unknown[] = []
      for (;;) kept.push({ number: kept.length, text: `item ${kept.length}` })
    }
    case 'fan-out':
      return Array.from({ length: order.count ?? 1 }, (_, index) => ({ do: 'echo', count: index }))
    case 'grow':
      return { do: 'echo', text: 'x'.repeat(order.bytes ?? 0) }
    case 'fail':
      throw new Error('as ordered')
  }
})

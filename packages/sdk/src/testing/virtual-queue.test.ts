import { ROOT, stringifyToBytes, type Publication, type RetryTierMs } from '@asya/protocol'
import { expect, test } from 'vitest'
import { VirtualQueue } from './virtual-queue.ts'

function makePublication(queue: string, delayMs?: RetryTierMs): Publication {
  const route = { steps: [queue], current: 0, unknown: [] }
  const payload = stringifyToBytes(null)
  const message = { attempt: 1, branch: ROOT, route, payload, unknown: [] }
  return { queue, message, ...(delayMs === undefined ? {} : { delayMs }) }
}

test('What is due first comes first, and the clock moves only to what is due.', () => {
  const queue = new VirtualQueue()
  queue.publish(makePublication('late', 5_000))
  queue.publish(makePublication('now'))
  queue.publish(makePublication('soon', 1_000))
  queue.publish(makePublication('now-too'))
  const seen: [string, number][] = []
  for (let next = queue.take(); next; next = queue.take()) {
    seen.push([next.queue, queue.nowMs])
    // Due together with what already waits: behind it.
    if (next.queue === 'now') queue.publish(makePublication('late-too', 5_000))
  }
  expect(seen).toEqual([
    ['now', 0],
    ['now-too', 0],
    ['soon', 1_000],
    ['late', 5_000],
    ['late-too', 5_000],
  ])
  expect(queue.take()).toBeUndefined()
})

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { LargeMessages } from './large-messages.ts'

const MIB = 1024 * 1024

/** Puts buffers out of use, each with a word; what it returns says how many bytes of them are still there. */
async function leaveBehind(note: (large: LargeMessages) => void): Promise<() => number> {
  const large = new LargeMessages()
  const before = process.memoryUsage().arrayBuffers
  for (let index = 0; index < 4; index++) {
    Buffer.allocUnsafeSlow(5 * MIB).fill(index)
    note(large)
    await nextTurn()
  }
  return () => process.memoryUsage().arrayBuffers - before
}

test('What large messages leave behind is collected when they have gone, and the largest have come', async () => {
  const isCollected = async (countBytes: () => number): Promise<void> => {
    // What is collected is freed by another thread.
    await vi.waitFor(() => expect(countBytes()).toBeLessThan(5 * MIB), 10_000)
  }
  await isCollected(await leaveBehind((large) => large.leave(5 * MIB)))
  await isCollected(await leaveBehind((large) => large.come(5 * MIB)))
  // The same without a word: the engine sees no need to.
  const countBytes = await leaveBehind((large) => large.leave(1))
  expect(countBytes()).toBeGreaterThan(5 * MIB)
})

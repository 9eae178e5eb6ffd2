import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { LargeMessages } from './large-messages.ts'

const MIB = 1024 * 1024

/** Puts so many buffers out of use, each with a word, and says how many bytes of them are still there. */
async function leaveBehind(count: number, note: (large: LargeMessages) => void): Promise<number> {
  const large = new LargeMessages()
  const before = process.memoryUsage().arrayBuffers
  for (let index = 0; index < count; index++) {
    Buffer.allocUnsafeSlow(5 * MIB).fill(index)
    note(large)
    await nextTurn()
  }
  return process.memoryUsage().arrayBuffers - before
}

test('What large messages leave behind is collected when they have gone, and the largest have come', async () => {
  expect(await leaveBehind(4, (large) => large.leave(5 * MIB))).toBeLessThan(5 * MIB)
  expect(await leaveBehind(4, (large) => large.come(5 * MIB))).toBeLessThan(5 * MIB)
  // The same without a word: the engine sees no need to.
  expect(await leaveBehind(4, (large) => large.leave(1))).toBeGreaterThan(5 * MIB)
})

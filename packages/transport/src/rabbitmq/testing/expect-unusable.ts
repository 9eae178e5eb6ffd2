import { expect, vi } from 'vitest'
import type { RabbitmqTransport } from '../rabbitmq-transport.ts'

/**
 * Holds until the transport says why it cannot be used: on a busy machine the first try is still under
 * way after half a second.
 */
export async function expectUnusable(transport: RabbitmqTransport, why: RegExp): Promise<void> {
  const isSaid = () => expect(transport.whenReady(500)).rejects.toThrow(why)
  await vi.waitFor(isSaid, { timeout: 20_000 })
}

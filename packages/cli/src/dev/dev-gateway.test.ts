import { setTimeout as sleep } from 'node:timers/promises'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { expect, inject, test, vi } from 'vitest'
import { Closers } from './closers.ts'
import { DevGateway } from './dev-gateway.ts'
import { LogBook } from './log-book.ts'

vi.stubEnv('ASYA_DATABASE_URL', inject('postgresUrl'))

// An error of a connection that was cut would be nobody's: the run of the tests fails by it.
test('A gateway that is given up while its tables are made ends in order.', async () => {
  for (const afterMs of [0, 20, 40, 60, 80, 100]) {
    const closers = new Closers()
    const pushed = vi.spyOn(closers, 'push')
    const transport = createMemoryBroker().connect()
    const opening = DevGateway.open({ transport, logs: new LogBook(), closers, port: undefined })
    // Now there is a database.
    await vi.waitFor(() => expect(pushed).toHaveBeenCalled(), { interval: 1 })
    await sleep(afterMs)
    await closers.close()
    await opening.catch(() => undefined)
    await transport.close()
  }
})

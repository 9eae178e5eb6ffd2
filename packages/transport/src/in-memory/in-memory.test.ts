import { describeTransport } from '../conformance.ts'
import { createMemoryBroker, type MemoryConnection } from './index.ts'

// What only the in-memory queue system promises is in broker.test.ts.
describeTransport('The in-memory transport', async () => {
  const broker = createMemoryBroker()
  return {
    connect: async () => broker.connect({ publishTimeoutMs: 1_000 }),
    cut: async (transport: MemoryConnection) => transport.cut(),
    mend: async (transport: MemoryConnection) => transport.mend(),
    close: () => broker.close(),
    deadlineMs: 5_000,
    quietMs: 10,
    isSettledAtOnce: true,
    interleavings: 300,
  }
})

import { beforeAll } from 'vitest'
import { describeTransport } from '../conformance.ts'
import { openHarness } from './testing/harness.ts'
import { openTestVhost, type TestVhost } from './testing/test-vhost.ts'

// What only RabbitMQ has is in the other test files of this folder.
let vhost: TestVhost
beforeAll(async () => {
  vhost = await openTestVhost()
})

describeTransport('The RabbitMQ transport', () =>
  openHarness(vhost, { naming: { exchange: vhost.exchange }, answerTimeoutMs: 5_000 }),
)

import { decodeMessage, DEFAULT_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import type { Outgoing, PublishResult, Transport } from '@asya/transport'
import { expect, test } from 'vitest'
import { publishAll } from './publish-all.ts'

const station = {
  queue: 'a',
  isEnd: false,
  happyEnd: HAPPY_END,
  errorEnd: ERROR_END,
  retry: DEFAULT_RETRY_POLICY,
}

const body = Buffer.from('{"id":"m1","route":{"steps":["a"],"current":1},"payload":1}')

/** Fails each publish, as a connection does that was just lost. */
function failingTransport(onPublish: (outgoing: Outgoing) => void): Transport {
  return {
    maxBodyBytes: 1_000_000,
    publish: (outgoing): Promise<PublishResult> => {
      onPublish(outgoing)
      return Promise.resolve({ type: 'failed', reason: 'the connection is lost' })
    },
    consume: () => Promise.reject(new Error('not in this test')),
    close: () => Promise.resolve(),
  }
}

test('What failed to be published is not published again once its delivery is lost', async () => {
  const decoded = decodeMessage(body)
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  const publication = { queue: HAPPY_END, message: decoded.message }
  let published = 0
  const transport = failingTransport(() => (published += 1))
  const delivery = {
    get isLost() {
      return published === 2
    },
  }
  const result = await publishAll([publication], delivery, {
    transport,
    station,
    signal: new AbortController().signal,
    patienceMs: 10_000,
  })
  expect(result).toMatchObject({ type: 'failed', reason: /lost/ })
  expect(published).toBe(2)
})

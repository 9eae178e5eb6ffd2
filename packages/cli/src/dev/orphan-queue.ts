import {
  decodeMessage,
  DEFAULT_RETRY_POLICY,
  encodeMessage,
  ERROR_END,
  HAPPY_END,
  toUnroutable,
} from '@asya/protocol'
import type { Delivery } from '@asya/transport'
import type { DevQueues } from './dev-queues.ts'

/**
 * Sends what lies in the queue of an actor that was removed, or still comes there, to error-end: as
 * if the queue did not exist, so that a job fails instead of waiting for ever. Returns what ends it.
 */
export async function forwardOrphans(
  queue: string,
  queues: DevQueues,
): Promise<() => Promise<void>> {
  const transport = queues.connect()
  const forward = async (delivery: Delivery): Promise<void> => {
    const decoded = decodeMessage(delivery.body)
    if (decoded.ok) {
      const { message } = decoded
      const lost = toUnroutable(STATION, { queue, message })
      const messageId = message.id ?? delivery.messageId ?? ''
      const body = encodeMessage(lost.message)
      const published = await transport.publish({ queue: lost.queue, body, messageId })
      if (published.type === 'failed') {
        delivery.settle('release')
        return
      }
    }
    delivery.settle('acknowledge')
  }
  await transport.consume(queue, {
    prefetch: 1,
    onDelivery: (delivery) => {
      void forward(delivery)
    },
  })
  return () => transport.close()
}

const STATION = {
  queue: ERROR_END,
  isEnd: false,
  happyEnd: HAPPY_END,
  errorEnd: ERROR_END,
  retry: DEFAULT_RETRY_POLICY,
}

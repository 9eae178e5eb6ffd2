import type { Logger } from '@asya/service/logger'
import type { Transport } from '@asya/transport'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { RabbitmqTransport, type Notice, type RabbitmqOptions } from '@asya/transport/rabbitmq'

export type TransportConfig =
  | { readonly type: 'rabbitmq'; readonly options: RabbitmqOptions }
  /** For a sidecar by itself: its queues live and die with it. */
  | { readonly type: 'memory' }

/** Opens what moves the messages; says in the log what becomes of its connections. */
export function openTransport(config: TransportConfig, logger: Logger): Transport {
  switch (config.type) {
    case 'memory':
      return createMemoryBroker().connect()
    case 'rabbitmq':
      return new RabbitmqTransport({
        ...config.options,
        notify: (notice) => log(notice, logger),
      })
  }
}

function log({ event, message }: Notice, logger: Logger): void {
  const isGood = event === 'connected' || event === 'unblocked'
  logger[isGood ? 'info' : 'warn']({ transport: 'rabbitmq', reason: message }, event)
}

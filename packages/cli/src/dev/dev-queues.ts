import { TransportError, type Transport } from '@asya/transport'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { parseRabbitmqUrl, RabbitmqTransport } from '@asya/transport/rabbitmq'
import { BrokerError, startBroker, type StartBrokerOptions } from '@asya/transport/rabbitmq/broker'
import { CommandError } from '../errors.ts'

/** The queues of a dev run: in memory, or on a real broker. */
export interface DevQueues {
  /** What it opens is closed with it, if not before. */
  connect(): Transport
  /** Declares a queue in its owner's place. */
  declare(queue: string): Promise<void>
  /** What waits in these, by queue, where that can be told; on a broker, what waited a second ago. */
  inspect(queues: readonly string[]): ReadonlyMap<string, QueueView>
  close(): Promise<void>
}

export interface QueueView {
  readonly ready: number
  /** Wait for a retry; on a broker they do so in queues that all actors share, and count for none. */
  readonly delayed: number
}

export function openMemoryQueues(): DevQueues {
  const broker = createMemoryBroker()
  return {
    connect: () => broker.connect(),
    declare: async (queue) => {
      broker.declareQueue(queue)
    },
    inspect: () => {
      const queues = broker.inspect()
      return new Map(queues.map(({ name, ready, delayed }) => [name, { ready, delayed }]))
    },
    close: () => broker.close(),
  }
}

export interface RabbitmqQueuesOptions extends StartBrokerOptions {
  /** Told when a connection is in trouble. */
  readonly warn: (line: string) => void
}

const READY_TIMEOUT_MS = 15_000
const ASKED_EVERY_MS = 1_000

/** Takes or starts a broker. Throws CommandError when there is none to be had. */
export async function openRabbitmqQueues(options: RabbitmqQueuesOptions): Promise<DevQueues> {
  try {
    return await open(options)
  } catch (error) {
    const isExpected = error instanceof BrokerError || error instanceof TransportError
    throw isExpected ? new CommandError(error.message) : error
  }
}

async function open(options: RabbitmqQueuesOptions): Promise<DevQueues> {
  const broker = await startBroker(options)
  const endpoint = parseRabbitmqUrl(broker.handle.url)
  if (!endpoint) throw new CommandError('ASYA_RABBITMQ_URL is not amqp://user:password@host:port')
  const transports: RabbitmqTransport[] = []
  const connect = (): RabbitmqTransport => {
    const transport = new RabbitmqTransport({
      endpoint,
      notify: ({ event, message }) => {
        if (event !== 'connected' && event !== 'unblocked') options.warn(`RabbitMQ: ${message}`)
      },
    })
    transports.push(transport)
    return transport
  }
  const owner = connect()
  const close = async (): Promise<void> => {
    await Promise.all(transports.map((transport) => transport.close()))
    await broker.close()
  }
  try {
    await owner.whenReady(READY_TIMEOUT_MS)
  } catch (error) {
    await close()
    throw error
  }
  return {
    connect,
    declare: async (queue) => {
      const consumer = await owner.consume(queue, {
        prefetch: 1,
        isPaused: true,
        onDelivery: (delivery) => delivery.settle('release'),
      })
      await consumer.close()
    },
    inspect: watchDepths(owner),
    close,
  }
}

/** A broker tells the depth of a queue only to who asks for it: done while somebody looks, no oftener. */
function watchDepths(transport: RabbitmqTransport): DevQueues['inspect'] {
  const known = new Map<string, QueueView>()
  let askedAt = -Infinity
  const ask = async (queue: string): Promise<void> => {
    const ready = await transport.countReady(queue)
    if (ready === undefined) known.delete(queue)
    else known.set(queue, { ready, delayed: 0 })
  }
  return (queues) => {
    if (performance.now() - askedAt > ASKED_EVERY_MS) {
      askedAt = performance.now()
      for (const queue of queues) void ask(queue)
    }
    return known
  }
}

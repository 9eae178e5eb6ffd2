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
  /** What waits, by queue, where that can be told. */
  inspect(): ReadonlyMap<string, QueueView>
  close(): Promise<void>
}

export interface QueueView {
  readonly ready: number
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
    // A broker tells the depth of a queue only to those who ask for each, again and again.
    inspect: () => new Map(),
    close,
  }
}

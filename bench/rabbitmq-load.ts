import { connect, type Channel } from 'amqplib'
import { declareActorQueue, DEFAULT_NAMING, ERROR_END } from '@asya/protocol'

/** Puts messages into a first queue and takes them from a last one, with as little work as can be. */
export interface Load {
  /** How many have arrived. */
  readonly arrived: number
  /** From now on each arrival sends the next; so many are in the system at any time. */
  keep(count: number): void
  /** Sends one, and waits for it; ms. */
  roundTrip(): Promise<number>
  /** Sends no more; rejects when anything failed on the way. */
  close(): Promise<void>
}

export interface LoadOptions {
  readonly url: string
  readonly body: Buffer
  /** In order; all of them are deleted in the end. */
  readonly queues: readonly string[]
}

export async function openLoad({ url, body, queues }: LoadOptions): Promise<Load> {
  const [first = '', last = ''] = [queues[0], queues.at(-1)]
  const model = await connect(url, { noDelay: true })
  const channel = await model.createChannel()
  await declare(channel, ERROR_END)
  await declare(channel, last)
  let arrived = 0
  let isKeeping = false
  let onArrival = (): void => undefined
  const send = (): void => {
    const properties = { persistent: true, messageId: 'bench' }
    channel.publish(DEFAULT_NAMING.exchange, first, body, properties)
  }
  const onMessage = (): void => {
    arrived += 1
    onArrival()
    if (isKeeping) send()
  }
  await channel.consume(last, onMessage, { noAck: true })
  return {
    get arrived() {
      return arrived
    },
    keep(count) {
      isKeeping = true
      for (let index = 0; index < count; index++) send()
    },
    roundTrip() {
      const startedAt = performance.now()
      return new Promise((resolve) => {
        onArrival = () => {
          resolve(performance.now() - startedAt)
        }
        send()
      })
    },
    async close() {
      isKeeping = false
      const { messageCount } = await channel.checkQueue(ERROR_END)
      for (const queue of queues) await channel.deleteQueue(queue)
      await model.close()
      if (messageCount > 0) throw new Error('messages failed: the figure means nothing')
    },
  }
}

async function declare(channel: Channel, queue: string): Promise<void> {
  const { name, arguments: settings, source, bindingKey } = declareActorQueue(queue, DEFAULT_NAMING)
  await channel.assertExchange(source.exchange, source.type)
  await channel.assertQueue(name, { arguments: settings })
  await channel.bindQueue(name, source.exchange, bindingKey)
}

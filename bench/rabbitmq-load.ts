import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type ConfirmChannel } from 'amqplib'
import { declareActorQueue, DEFAULT_NAMING, ERROR_END } from '@asya/protocol'

/** Puts messages into a first queue and sees them arrive in a last one. */
export interface Load {
  /** Puts so many into the first queue, before anything takes them; resolves when all are stored. */
  fill(count: number): Promise<void>
  /** How many lie in the last queue. */
  countArrived(): Promise<number>
  /** Resolves when at least `count` have arrived, or after `timeoutMs`. */
  waitFor(count: number, timeoutMs: number): Promise<void>
  /** Sends one, and waits until it has been taken from the last queue; ms. */
  roundTrip(): Promise<number>
  /** Sends so many, at most `window` under way; resolves when all were taken from the last queue. */
  pass(count: number, window: number): Promise<void>
  /** Rejects when anything failed on the way. */
  close(): Promise<void>
}

export interface LoadOptions {
  readonly url: string
  readonly body: Buffer
  /** In order; all of them are deleted in the end. */
  readonly queues: readonly string[]
}

/** Often enough to end soon after the last arrival, and too rarely to be noticed. */
const POLL_MS = 50

export async function openLoad({ url, body, queues }: LoadOptions): Promise<Load> {
  const [first = '', last = ''] = [queues[0], queues.at(-1)]
  const model = await connect(url, { noDelay: true })
  const channel = await model.createConfirmChannel()
  for (const queue of [...queues, ERROR_END]) await declare(channel, queue)
  let onArrival: (() => void) | undefined
  const send = (): boolean => {
    const properties = { persistent: true, messageId: 'bench' }
    return channel.publish(DEFAULT_NAMING.exchange, first, body, properties)
  }
  const countIn = async (queue: string): Promise<number> =>
    (await channel.checkQueue(queue)).messageCount
  return {
    async fill(count) {
      for (let index = 0; index < count; index++) {
        if (!send()) await channel.waitForConfirms()
      }
      await channel.waitForConfirms()
    },
    countArrived: () => countIn(last),
    async waitFor(count, timeoutMs) {
      const endsAt = performance.now() + timeoutMs
      while (performance.now() < endsAt && (await countIn(last)) < count) await sleep(POLL_MS)
    },
    async roundTrip() {
      if (!onArrival) await channel.consume(last, () => onArrival?.(), { noAck: true })
      const startedAt = performance.now()
      return new Promise((resolve) => {
        onArrival = () => {
          resolve(performance.now() - startedAt)
        }
        send()
      })
    },
    async pass(count, window) {
      let arrived = 0
      onArrival = () => (arrived += 1)
      await channel.consume(last, () => onArrival?.(), { noAck: true })
      for (let sent = 0; sent < count; sent++) {
        while (sent - arrived >= window) await sleep(1)
        send()
      }
      while (arrived < count) await sleep(POLL_MS)
    },
    async close() {
      const failed = await countIn(ERROR_END)
      for (const queue of queues) await channel.deleteQueue(queue)
      await model.close()
      if (failed > 0) throw new Error('messages failed: the figure means nothing')
    },
  }
}

async function declare(channel: ConfirmChannel, queue: string): Promise<void> {
  const { name, arguments: settings, source, bindingKey } = declareActorQueue(queue, DEFAULT_NAMING)
  await channel.assertExchange(source.exchange, source.type)
  await channel.assertQueue(name, { arguments: settings })
  await channel.bindQueue(name, source.exchange, bindingKey)
}

import { connect, type ChannelModel } from 'amqplib'
import type { Harness } from '../../conformance.ts'
import type { Consumer, ConsumeOptions, Transport } from '../../transport.ts'
import type { RabbitmqOptions } from '../options.ts'
import { RabbitmqTransport } from '../rabbitmq-transport.ts'
import { TcpProxy } from './tcp-proxy.ts'
import type { TestVhost } from './test-vhost.ts'

/** What the conformance suite needs of RabbitMQ: each transport behind a proxy that can cut it. */
export async function openHarness(
  vhost: TestVhost,
  options: Partial<RabbitmqOptions>,
): Promise<Harness> {
  const probe = await connect(vhost.url, { noDelay: true })
  probe.on('error', () => undefined)
  const transports = new Set<CuttableTransport>()
  const toCuttable = (transport: Transport): CuttableTransport => {
    if (!(transport instanceof CuttableTransport)) throw new Error('not of this harness')
    return transport
  }
  return {
    connect: async () => {
      const proxy = await TcpProxy.open(vhost.endpoint)
      const endpoint = { ...vhost.endpoint, host: '127.0.0.1', port: proxy.port }
      const inner = new RabbitmqTransport({ ...options, endpoint })
      await inner.whenReady(10_000)
      const transport = new CuttableTransport(inner, proxy, probe)
      transports.add(transport)
      return transport
    },
    cut: (transport) => toCuttable(transport).cut(),
    mend: async (transport) => toCuttable(transport).mend(),
    close: async () => {
      await Promise.all([...transports].map((transport) => transport.end()))
      await probe.close()
    },
    deadlineMs: 15_000,
    quietMs: 150,
    isSettledAtOnce: false,
    interleavings: 20,
  }
}

/**
 * In this time the broker notices a cut. It is not told of a consumer that has no room after a pause,
 * as what it was delivered before fills its prefetch: nothing will be seen to go then.
 */
const NOTICED_MS = 1_000

/** A transport that remembers what it consumes, to see when the broker has noticed a cut. */
class CuttableTransport implements Transport {
  readonly maxBodyBytes: number
  readonly #inner: RabbitmqTransport
  readonly #proxy: TcpProxy
  readonly #probe: ChannelModel
  readonly #consumers: { readonly queue: string; readonly consumer: Consumer }[] = []

  constructor(inner: RabbitmqTransport, proxy: TcpProxy, probe: ChannelModel) {
    this.maxBodyBytes = inner.maxBodyBytes
    this.#inner = inner
    this.#proxy = proxy
    this.#probe = probe
  }

  publish(...args: Parameters<Transport['publish']>): ReturnType<Transport['publish']> {
    return this.#inner.publish(...args)
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    const consumer = await this.#inner.consume(queue, options)
    this.#consumers.push({ queue, consumer })
    return consumer
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  /** The broker gives back what a connection held in the step in which it forgets its consumers. */
  async cut(): Promise<void> {
    const consuming = this.#consumers.filter(({ consumer }) => consumer.state === 'consuming')
    const expected = new Map<string, number>()
    for (const { queue } of consuming) {
      const known = expected.get(queue) ?? (await this.#countConsumers(queue))
      expected.set(queue, known - 1)
    }
    this.#proxy.set('refuse')
    const endsAt = performance.now() + NOTICED_MS
    for (const [queue, count] of expected) {
      while ((await this.#countConsumers(queue)) > count && performance.now() < endsAt) {
        await delay(5)
      }
    }
    // A paused consumer is none to the broker, and what it held goes back all the same.
    await delay(30)
  }

  mend(): void {
    this.#proxy.set('pass')
  }

  async end(): Promise<void> {
    await this.#inner.close()
    this.#proxy.close()
  }

  async #countConsumers(queue: string): Promise<number> {
    const channel = await this.#probe.createChannel()
    channel.on('error', () => undefined)
    const { consumerCount } = await channel.checkQueue(queue)
    await channel.close()
    return consumerCount
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

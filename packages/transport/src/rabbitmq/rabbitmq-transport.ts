import type { Channel, ChannelModel } from 'amqplib'
import { declareActorQueue, declareRetryQueue } from '@asya/protocol'
import { assertConsumable, explainRefusal } from '../limits.ts'
import {
  TransportError,
  type ConsumeOptions,
  type Consumer,
  type Outgoing,
  type PublishResult,
  type Transport,
} from '../transport.ts'
import { RabbitmqConsumer } from './consumer.ts'
import { withDeadline } from './deadline.ts'
import { explainError, isRefusal } from './explain-error.ts'
import { gatherWrites } from './gather-writes.ts'
import { Link } from './link.ts'
import { toSettings, type RabbitmqOptions, type Settings } from './options.ts'
import { Publisher, type Line } from './publisher.ts'
import { declareQueue, mendBinding, onOwnChannel } from './topology.ts'

/**
 * The transport of production. It has two connections, because a broker under pressure stops reading
 * from those that publish: on one connection for both, nothing could be settled either.
 *
 * X1 The connection that consumes never publishes.
 * X2 Nothing is asked of the broker without a deadline, and both connections are remade for ever.
 * X3 `close` is bounded: what the broker does not answer in time is cut.
 */
export class RabbitmqTransport implements Transport {
  readonly maxBodyBytes: number
  readonly #settings: Settings
  readonly #publisher: Publisher
  readonly #publishing: Link<Line>
  readonly #consumers = new Set<RabbitmqConsumer>()
  #consuming: Link<ChannelModel> | undefined
  #closing: Promise<void> | undefined

  constructor(options: RabbitmqOptions) {
    const settings = toSettings(options)
    this.#settings = settings
    this.maxBodyBytes = settings.maxBodyBytes
    this.#publisher = new Publisher({
      exchange: settings.naming.exchange,
      tierExchange: (tierMs) => declareRetryQueue(tierMs, settings.naming).source.exchange,
      timeoutMs: settings.answerTimeoutMs,
    })
    this.#publishing = this.#openPublishing()
  }

  /** Resolves when it can publish; rejects with a TransportError when it cannot in time. */
  async whenReady(timeoutMs: number): Promise<void> {
    await this.#publishing.whenOpen(timeoutMs)
  }

  publish(outgoing: Outgoing): Promise<PublishResult> {
    const refusal = this.#closing ? undefined : explainRefusal(outgoing, this.maxBodyBytes)
    if (refusal !== undefined) return Promise.resolve({ type: 'refused', reason: refusal })
    return this.#publisher.publish(outgoing)
  }

  async consume(queue: string, options: ConsumeOptions): Promise<Consumer> {
    assertConsumable(queue, options.prefetch)
    if (this.#closing) {
      throw new TransportError(`Queue "${queue}" cannot be consumed: the transport is closed`)
    }
    const link = (this.#consuming ??= this.#openConsuming())
    const consumer: RabbitmqConsumer = new RabbitmqConsumer({
      declaration: declareActorQueue(queue, this.#settings.naming),
      options,
      settings: this.#settings,
      onUnusable: (reason) => link.remake(reason),
      onDone: () => this.#consumers.delete(consumer),
    })
    try {
      await this.#linkFirst(consumer, link)
    } catch (error) {
      this.#consumers.delete(consumer)
      await consumer.end()
      throw error
    }
    return consumer
  }

  /** How many messages wait in a queue; undefined where that cannot be told now. For people to see. */
  async countReady(queue: string): Promise<number | undefined> {
    const model = this.#consuming?.current
    if (!model || this.#closing) return undefined
    const counting = this.#ask(model, queue, (channel) => channel.checkQueue(queue))
    return counting.then(
      ({ messageCount }) => messageCount,
      // Such as that there is no such queue yet.
      () => undefined,
    )
  }

  /** Works on a channel of its own, and not for ever. */
  #ask<T>(model: ChannelModel, what: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    return withDeadline(onOwnChannel(model, work), this.#settings.answerTimeoutMs, what)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /** The connection may be lost meanwhile: that is no refusal, and tried again until the deadline. */
  async #linkFirst(consumer: RabbitmqConsumer, link: Link<ChannelModel>): Promise<void> {
    const endsAt = performance.now() + this.#settings.patienceMs
    for (;;) {
      const model = await link.whenOpen(endsAt - performance.now())
      try {
        await consumer.link(model)
        // From now on it follows the connection, which may be another by now.
        this.#consumers.add(consumer)
        if (link.current !== model) consumer.unlink()
        if (link.current && link.current !== model) void consumer.linkPersistently(link.current)
        return
      } catch (error) {
        const cause = error instanceof TransportError ? (error.cause ?? error) : error
        const isFinal = link.current === model || isRefusal(cause)
        if (isFinal || performance.now() > endsAt) throw error
      }
    }
  }

  #openPublishing(): Link<Line> {
    const publisher = this.#publisher
    const link = new Link<Line>({
      name: 'publishing',
      settings: this.#settings,
      prepare: (model) => this.#prepareLine(model, (reason) => link.remake(reason)),
      onOpen: (line) => {
        publisher.attach(line)
        // It may have ended because somebody removed the exchange, and all bindings with it.
        for (const consumer of this.#consumers) consumer.tend()
      },
      onLost: (reason) => publisher.detach(reason),
    })
    return link
  }

  async #prepareLine(model: ChannelModel, onEnd: (reason: string) => void): Promise<Line> {
    const { naming, notify } = this.#settings
    await onOwnChannel(model, async (channel) => {
      await channel.assertExchange(naming.exchange, 'topic', { durable: true })
    })
    const channel = await model.createConfirmChannel()
    // A channel that ends with its connection says nothing, and the connection says why.
    channel.on('error', (error) => onEnd(explainError(error)))
    model.on('blocked', (why) => {
      notify({ event: 'blocked', message: `the broker takes no messages: ${why}` })
      this.#publisher.setBlocked(true)
    })
    model.on('unblocked', () => {
      notify({ event: 'unblocked', message: 'the broker takes messages again' })
      this.#publisher.setBlocked(false)
    })
    return {
      channel,
      gatherWrites: gatherWrites(model),
      declareTier: (tierMs) =>
        this.#ask(model, `declare tier ${tierMs}`, (own) =>
          declareQueue(own, declareRetryQueue(tierMs, naming)),
        ),
      // The queue is its owner's to declare; the way to one that is there is always the same.
      mendWay: (queue) =>
        this.#ask(model, `bind ${queue}`, (own) =>
          mendBinding(own, declareActorQueue(queue, naming)),
        ),
    }
  }

  #openConsuming(): Link<ChannelModel> {
    return new Link({
      name: 'consuming',
      settings: this.#settings,
      prepare: (model) => Promise.resolve(model),
      onOpen: (model) => {
        for (const consumer of this.#consumers) void consumer.linkPersistently(model)
      },
      onLost: () => {
        for (const consumer of this.#consumers) consumer.unlink()
      },
    })
  }

  /** X3 */
  async #close(): Promise<void> {
    this.#publisher.close()
    const ending = Promise.all([...this.#consumers].map((consumer) => consumer.end()))
    await withDeadline(ending, CLOSE_TIMEOUT_MS, 'close').catch(() => undefined)
    this.#consumers.clear()
    await Promise.all([
      this.#publishing.close(CLOSE_TIMEOUT_MS),
      this.#consuming?.close(CLOSE_TIMEOUT_MS),
    ])
  }
}

/** For each of two steps: together well below what is left of a process after its grace time. */
const CLOSE_TIMEOUT_MS = 1_500

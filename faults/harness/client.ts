import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type ChannelModel, type ConfirmChannel, type ConsumeMessage } from 'amqplib'
import { decodeMessage, RETRY_TIERS_MS } from '@asya/protocol'
import type { Ledger, Place } from './ledger.ts'

/** The names that a trial has on the broker: its own, so that trials can run side by side. */
export interface Names {
  readonly exchange: string
  readonly happyEnd: string
  readonly errorEnd: string
}

/** A message as a client of the system sends it. */
export interface Letter {
  readonly queue: string
  readonly id: string
  readonly body: Uint8Array
}

/**
 * The outside of the system: it sends, and keeps what comes to the ends. It uses amqplib alone,
 * nothing of what it judges, and is connected to the broker directly.
 */
export class Client {
  readonly #url: string
  readonly #names: Names
  readonly #ledger: Ledger
  readonly #pending = new Set<(isConfirmed: boolean) => void>()
  readonly #returned = new Set<string>()
  #channel: ConfirmChannel | undefined
  #model: ChannelModel | undefined
  /** For what is done to the broker: the client's own connection ends with the exchange it sends to. */
  #tools: Promise<ChannelModel> | undefined
  #isClosed = false

  private constructor(url: string, names: Names, ledger: Ledger) {
    this.#url = url
    this.#names = names
    this.#ledger = ledger
  }

  static async open(url: string, names: Names, ledger: Ledger): Promise<Client> {
    const client = new Client(url, names, ledger)
    await client.#connect()
    return client
  }

  /** True when the broker has confirmed it; false when it may be lost. */
  async publish({ queue, id, body }: Letter): Promise<boolean> {
    const channel = await this.#whenConnected()
    return new Promise((resolve) => {
      const answer = (isConfirmed: boolean): void => {
        this.#pending.delete(answer)
        resolve(isConfirmed && !this.#returned.delete(id))
      }
      this.#pending.add(answer)
      const options = { persistent: true, mandatory: true, messageId: id }
      try {
        channel.publish(this.#names.exchange, queue, Buffer.from(body), options, (error) => {
          answer(!error)
        })
      } catch {
        answer(false)
      }
    })
  }

  /** Works on a channel of its own: what the broker refuses there touches nothing else. */
  async onChannel<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    await this.#whenConnected()
    const model = await (this.#tools ??= this.#openTools())
    const channel = await model.createConfirmChannel()
    channel.on('error', () => undefined)
    try {
      return await work(channel)
    } finally {
      await channel.close().catch(() => undefined)
    }
  }

  /** Messages that wait in a queue; undefined when there is no such queue. */
  async depthOf(queue: string): Promise<number | undefined> {
    try {
      return await this.onChannel(async (channel) => (await channel.checkQueue(queue)).messageCount)
    } catch {
      return undefined
    }
  }

  /** True when what is sent to the queue gets there: its binding is made after it. */
  async isBound(queue: string): Promise<boolean> {
    if ((await this.depthOf(queue)) === undefined) return false
    await this.onChannel((channel) => channel.bindQueue(queue, this.#names.exchange, queue))
    return true
  }

  /** Removes what the trial had on the broker. */
  async close(queues: readonly string[]): Promise<void> {
    await this.onChannel(async (channel) => {
      const { happyEnd, errorEnd, exchange } = this.#names
      for (const queue of [...queues, happyEnd, errorEnd]) await channel.deleteQueue(queue)
      for (const retry of RETRY_TIERS_MS.map((tierMs) => `${exchange}.retry.${tierMs}`)) {
        await channel.deleteQueue(retry)
        await channel.deleteExchange(retry)
      }
      await channel.deleteExchange(exchange)
    }).catch(() => undefined)
    this.#isClosed = true
    const tools = await this.#tools?.catch(() => undefined)
    for (const model of [tools, this.#model]) await model?.close().catch(() => undefined)
  }

  async #openTools(): Promise<ChannelModel> {
    const forget = (): void => {
      this.#tools = undefined
    }
    try {
      const model = await this.#openModel()
      model.on('close', forget)
      return model
    } catch (error) {
      forget()
      throw error
    }
  }

  async #openModel(): Promise<ChannelModel> {
    const model = await connect(`${this.#url}?heartbeat=0`, { noDelay: true, timeout: 10_000 })
    model.on('error', () => undefined)
    return model
  }

  async #whenConnected(): Promise<ConfirmChannel> {
    while (!this.#channel) await sleep(POLL_MS)
    return this.#channel
  }

  async #connect(): Promise<void> {
    const model = await this.#openModel()
    model.on('close', () => {
      this.#lose()
    })
    const channel = await model.createConfirmChannel()
    // The broker closes the channel when its exchange is gone: begin anew, which declares it again.
    channel.on('error', () => void model.close().catch(() => undefined))
    channel.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)))
    await channel.assertExchange(this.#names.exchange, 'topic', { durable: true })
    await channel.prefetch(1_000)
    await this.#keep(channel, this.#names.happyEnd, 'happy-end')
    await this.#keep(channel, this.#names.errorEnd, 'error-end')
    this.#model = model
    this.#channel = channel
  }

  async #keep(channel: ConfirmChannel, queue: string, place: Place): Promise<void> {
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    await channel.bindQueue(queue, this.#names.exchange, queue)
    await channel.consume(queue, (delivery) => {
      if (!delivery) return
      this.#read(place, delivery)
      channel.ack(delivery)
    })
  }

  #read(place: Place, { content, fields }: ConsumeMessage): void {
    const decoded = decodeMessage(content)
    if (decoded.ok) {
      const { message } = decoded
      this.#ledger.arrive({ place, message, isRedelivered: fields.redelivered })
    } else this.#ledger.remark(`${place} has what is no message: ${decoded.failure.reason}`)
  }

  /** What was not confirmed may have arrived, or not. */
  #lose(): void {
    this.#channel = undefined
    this.#model = undefined
    for (const answer of this.#pending) answer(false)
    if (!this.#isClosed) void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.#connect()
        return
      } catch {
        await sleep(POLL_MS)
      }
    }
  }
}

/** Short: what the client waits is part of what is measured. */
const POLL_MS = 25

import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import type { QueueDeclaration } from '@asya/protocol'
import { TransportError } from '../transport.ts'
import type { ConsumeOptions, Consumer, ConsumerState, Delivery } from '../transport.ts'
import { backOffMs } from './backoff.ts'
import { planConsumerTimeout } from './consumer-timeout.ts'
import { withDeadline } from './deadline.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { explainDeclaration, explainError } from './explain-error.ts'
import type { Settings } from './options.ts'
import { declareQueue, mendBinding } from './topology.ts'

/**
 * A consumer of one queue. What it was asked for (`consuming`, `paused`, `closed`) outlives its
 * channels:
 *
 *   unlinked → linking → linked → unlinked … ; from each of them → ended
 *
 * R1 A channel is a generation: a delivery holds on to the one that it came from, and settles nothing
 *    when that is not the present one. Tags begin anew with each channel, so that an old one would
 *    settle a stranger's message.
 * R2 At most `prefetch` deliveries are unsettled, also over pauses (T4): the broker counts for each
 *    of its consumers alone, so what a cancelled one left unsettled is taken off the next one's.
 * R3 Settles of one turn of the event loop go out together, at its end, and always before the channel
 *    is closed.
 * R4 A queue or channel that goes while the connection stays is made anew, until it works.
 * R5 Only one change of what the broker is asked for is under way at a time, always from what holds now.
 */
type Phase =
  | { readonly type: 'unlinked'; readonly retry: NodeJS.Timeout | undefined }
  | Linking
  | Linked
  | { readonly type: 'ended' }

/** Known by itself: a newer attempt is another. */
interface Linking {
  readonly type: 'linking'
}

interface Linked {
  readonly type: 'linked'
  readonly channel: Channel
  readonly window: DeliveryWindow
  /** The broker's consumers of this channel: tag → prefetch. */
  readonly consumers: Map<string, number>
  readonly tending: NodeJS.Timeout
}

export interface ConsumerParts {
  readonly declaration: QueueDeclaration
  readonly options: ConsumeOptions
  readonly settings: Settings
  /** The connection is of no use any more: it does not answer. */
  readonly onUnusable: (reason: string) => void
  /** It is closed, and holds nothing. */
  readonly onDone: () => void
}

/**
 * How often exchange and binding are made sure of, for who publishes by other means than ours, which
 * notice by themselves that a way is gone: well within the patience of publishers (S2).
 */
const TEND_MS = 10_000

export class RabbitmqConsumer implements Consumer {
  readonly #parts: ConsumerParts
  #asked: 'consuming' | 'paused' | 'closed'
  #phase: Phase = { type: 'unlinked', retry: undefined }
  #model: ChannelModel | undefined
  #failures = 0
  #ending: Promise<void> | undefined
  /** R5 */
  #steering: Promise<void> = Promise.resolve()

  constructor(parts: ConsumerParts) {
    this.#parts = parts
    this.#asked = parts.options.isPaused === true ? 'paused' : 'consuming'
  }

  get state(): ConsumerState {
    return this.#phase.type === 'linked' || this.#asked === 'closed' ? this.#asked : 'interrupted'
  }

  pause(): Promise<void> {
    if (this.#asked === 'consuming') this.#asked = 'paused'
    return this.#steer()
  }

  resume(): Promise<void> {
    if (this.#asked === 'paused') this.#asked = 'consuming'
    return this.#steer()
  }

  async close(): Promise<void> {
    this.#asked = 'closed'
    await this.#steer()
    this.#checkDone()
  }

  /** Goes on, on a new connection. Rejects when the queue cannot be had; it is then tried no more. */
  async link(model: ChannelModel): Promise<void> {
    if (this.#phase.type === 'ended') return
    this.#leavePhase()
    this.#model = model
    const attempt: Linking = { type: 'linking' }
    this.#phase = attempt
    const { settings, declaration } = this.#parts
    const opening = this.#openChannel(model, attempt)
    await withDeadline(opening, settings.answerTimeoutMs, `consume ${declaration.name}`)
    this.#failures = 0
    await this.#steer()
  }

  /** As `link`, again and again as long as the connection lives (R4). */
  async linkPersistently(model: ChannelModel): Promise<void> {
    try {
      await this.link(model)
    } catch (error) {
      this.#tryAgainLater(model, explainError(error))
    }
  }

  /** The connection is gone. */
  unlink(): void {
    if (this.#phase.type === 'ended') return
    this.#leavePhase()
    this.#model = undefined
    this.#phase = { type: 'unlinked', retry: undefined }
    this.#checkDone()
  }

  /** Makes sure of the way to the queue (R4). */
  tend(): void {
    if (this.#phase.type !== 'linked') return
    // A channel that is gone tells so itself.
    mendBinding(this.#phase.channel, this.#parts.declaration).catch(() => undefined)
  }

  /** Tells the broker what was settled, and gives the rest back. Resolves when the broker has it. */
  end(): Promise<void> {
    return (this.#ending ??= this.#end())
  }

  async #end(): Promise<void> {
    this.#asked = 'closed'
    const phase = this.#phase
    if (phase.type === 'ended') return
    if (phase.type === 'linked') tellSettled(phase)
    this.#leavePhase()
    this.#phase = { type: 'ended' }
    // Closing the channel in order is what proves that the broker has read the settles before it.
    if (phase.type === 'linked') await phase.channel.close().catch(() => undefined)
  }

  async #openChannel(model: ChannelModel, attempt: Linking): Promise<void> {
    const { declaration } = this.#parts
    const { queueArguments } = this.#planTimeout(model)
    const channel = await model.createChannel()
    let lostBecause: string | undefined
    channel.on('error', (error) => {
      lostBecause = explainError(error)
    })
    try {
      const settings = { ...declaration.arguments, ...queueArguments }
      await declareQueue(channel, { ...declaration, arguments: settings })
    } catch (error) {
      throw new TransportError(explainDeclaration(declaration.name, error), { cause: error })
    }
    if (this.#phase !== attempt) {
      // It came too late.
      await channel.close()
      return
    }
    const linked: Linked = {
      type: 'linked',
      channel,
      window: new DeliveryWindow(),
      consumers: new Map(),
      tending: setInterval(() => this.tend(), TEND_MS).unref(),
    }
    channel.on('close', () => {
      this.#loseChannel(linked, lostBecause ?? 'its channel was closed')
    })
    this.#phase = linked
  }

  /** Throws a TransportError when this broker would take messages back while they are served. */
  #planTimeout(model: ChannelModel): {
    readonly queueArguments: Readonly<Record<string, number>>
    readonly consumerArguments: Readonly<Record<string, number>>
  } {
    const { version } = model.connection.serverProperties
    const plan = planConsumerTimeout({ ...this.#parts.settings, version })
    const none = { queueArguments: {}, consumerArguments: {} }
    if (plan.type === 'fits') return none
    if (plan.type === 'refused') throw new TransportError(plan.reason)
    const asked = { 'x-consumer-timeout': plan.timeoutMs }
    if (plan.where === 'queue') return { ...none, queueArguments: asked }
    return { ...none, consumerArguments: asked }
  }

  /** Brings what the broker is asked for to what was asked of us (R5). Never rejects. */
  #steer(): Promise<void> {
    this.#steering = this.#steering.then(async () => {
      const phase = this.#phase
      if (phase.type !== 'linked') return
      const { settings, declaration, onUnusable } = this.#parts
      const changing = this.#asked === 'consuming' ? this.#ask(phase) : this.#cancel(phase)
      try {
        await withDeadline(changing, settings.answerTimeoutMs, `steer ${declaration.name}`)
      } catch (error) {
        // A channel that was closed has told so itself; one that is silent has not.
        if (this.#phase === phase) onUnusable(explainError(error))
      }
    })
    return this.#steering
  }

  /**
   * R2: the first of the broker's consumers has what room there is; a second one has the rest when all
   * is settled that was delivered before it.
   */
  async #ask(phase: Linked): Promise<void> {
    const { channel, window, consumers } = phase
    const { options, declaration } = this.#parts
    const inUse = [...consumers.values()].reduce((sum, prefetch) => sum + prefetch, window.retired)
    const room = options.prefetch - inUse
    if (room <= 0 || (consumers.size > 0 && window.retired > 0)) return
    await channel.prefetch(room)
    const { consumerTag } = await channel.consume(
      declaration.name,
      (message) => this.#take(phase, message),
      this.#model ? { arguments: this.#planTimeout(this.#model).consumerArguments } : {},
    )
    consumers.set(consumerTag, room)
  }

  async #cancel({ channel, window, consumers }: Linked): Promise<void> {
    for (const tag of consumers.keys()) {
      await channel.cancel(tag)
      consumers.delete(tag)
    }
    window.retire()
  }

  #take(phase: Linked, message: ConsumeMessage | null): void {
    if (this.#phase !== phase) return
    if (!message) {
      this.#loseChannel(phase, 'the broker cancelled it: its queue is gone, or moved')
      return
    }
    phase.window.add(message)
    this.#parts.options.onDelivery(
      new RabbitmqDelivery(message, {
        isPresent: () => this.#phase === phase,
        settle: (how) => this.#settle(phase, message, how),
      }),
    )
  }

  /** R1: false when the delivery's channel is not the present one. */
  #settle(phase: Linked, message: ConsumeMessage, how: 'acknowledge' | 'release'): boolean {
    if (this.#phase !== phase) return false
    const hadRetired = phase.window.retired > 0
    const isFirst = phase.window.settle(message, how)
    if (isFirst) process.nextTick(() => this.#tellSettled(phase))
    // R2: there is room that no consumer of the broker has.
    if (hadRetired && this.#asked === 'consuming') void this.#steer()
    return true
  }

  /** R3 */
  #tellSettled(phase: Linked): void {
    if (this.#phase !== phase) return
    tellSettled(phase)
    this.#checkDone()
  }

  /** R4 */
  #loseChannel(phase: Linked, reason: string): void {
    if (this.#phase !== phase) return
    this.#leavePhase()
    phase.channel.close().catch(() => undefined)
    this.#phase = { type: 'unlinked', retry: undefined }
    if (this.#asked === 'closed') this.#checkDone()
    else if (this.#model) this.#tryAgainLater(this.#model, reason)
  }

  #tryAgainLater(model: ChannelModel, reason: string): void {
    if (this.#phase.type === 'ended' || this.#model !== model) return
    this.#failures += 1
    const message = `queue "${this.#parts.declaration.name}": ${reason}`
    this.#parts.settings.notify({ event: 'interrupted', message })
    const retry = setTimeout(
      () => {
        if (this.#model === model) void this.linkPersistently(model)
      },
      backOffMs(this.#failures, Math.random()),
    )
    this.#phase = { type: 'unlinked', retry }
  }

  #leavePhase(): void {
    if (this.#phase.type === 'linked') clearInterval(this.#phase.tending)
    if (this.#phase.type === 'unlinked') clearTimeout(this.#phase.retry)
  }

  /** A consumer that is closed keeps its channel for what is unsettled, and no longer. */
  #checkDone(): void {
    if (this.#asked !== 'closed' || this.#phase.type === 'ended') return
    if (this.#phase.type === 'linked' && this.#phase.window.size > 0) return
    // Until then it is its transport's: a connection closed earlier would overtake the last settles.
    void this.end().then(() => this.#parts.onDone())
  }
}

function tellSettled({ channel, window }: Linked): void {
  try {
    for (const { message, how, isUpTo } of window.takeFrames()) {
      if (how === 'acknowledge') channel.ack(message, isUpTo)
      else channel.nack(message, isUpTo, true)
    }
  } catch {
    // The channel has just ended: what it held is delivered again (T3).
  }
}

/** The channel that a delivery came from (R1). */
interface DeliveryChannel {
  isPresent(): boolean
  settle(how: 'acknowledge' | 'release'): boolean
}

class RabbitmqDelivery implements Delivery {
  readonly body: Uint8Array
  readonly messageId: string | undefined
  readonly isRedelivered: boolean
  readonly #channel: DeliveryChannel
  #isSettled = false

  constructor(message: ConsumeMessage, channel: DeliveryChannel) {
    const messageId: unknown = message.properties.messageId
    this.body = message.content
    this.messageId = typeof messageId === 'string' ? messageId : undefined
    this.isRedelivered = message.fields.redelivered
    this.#channel = channel
  }

  get isLost(): boolean {
    return !this.#isSettled && !this.#channel.isPresent()
  }

  settle(how: 'acknowledge' | 'release'): boolean {
    if (this.#isSettled) {
      throw new Error(
        `Message "${this.messageId ?? ''}" is settled twice: settle each delivery once`,
      )
    }
    this.#isSettled = true
    return this.#channel.settle(how)
  }
}

import type { ConfirmChannel } from 'amqplib'
import { isId, type RetryTierMs } from '@asya/protocol'
import type { Outgoing, PublishResult } from '../transport.ts'

/**
 * Publishes, and answers each publish once. A publish is
 *
 *   waiting (for a line, for its retry tier, for room) → sent → answered
 *
 * A line is the confirm channel of one connection. While there is none, publishes wait for the next.
 *
 * U1 Each publish is answered exactly once, at its deadline at the latest (T6).
 * U2 `confirmed` only after the broker's confirm of a message that was not returned (T1, T2). The
 *    broker returns before it confirms, and what it returns bears the number that it was sent with.
 * U3 When a line ends, all that was sent on it has failed: it may have arrived, or not. What only
 *    waited goes on waiting.
 * U4 Nothing is sent while the broker blocks publishers. What is sent and not confirmed is bounded,
 *    and so is what waits: memory stays flat whatever the broker does.
 * U5 Publishes are sent in the order they came; only one that waits for its tier is overtaken, and one
 *    that was returned.
 * U6 What is returned is unroutable only when the way to its queue could not be mended. That is tried
 *    once a second for a queue, however many messages come back.
 */
export interface Line {
  readonly channel: ConfirmChannel
  /** Gathers what is written in this turn of the event loop into one call of the kernel. */
  readonly gatherWrites: () => void
  /** Declares the queue of a retry tier; rejects when it cannot be had. */
  declareTier(tierMs: RetryTierMs): Promise<void>
  /** Makes sure of the way to an actor's queue; rejects when there is no such queue. */
  mendWay(queue: string): Promise<void>
}

export interface PublisherOptions {
  readonly exchange: string
  /** The exchange of a retry tier. */
  readonly tierExchange: (tierMs: RetryTierMs) => string
  readonly timeoutMs: number
  /** Sent and not confirmed, in bytes of bodies; one body may be larger. */
  readonly maxSentBytes?: number
  /** Waiting, in bytes of bodies. */
  readonly maxWaitingBytes?: number
}

interface Entry {
  readonly number: number
  readonly outgoing: Outgoing
  readonly deadline: number
  readonly answer: (result: PublishResult) => void
  state: 'waiting' | 'sent' | 'returned' | 'answered'
  /** How often it was sent and returned. */
  returns: number
}

type Tier = 'declaring' | 'ready'

/** A look at the way to a queue. */
interface Look {
  readonly at: number
  readonly isMended: Promise<boolean>
}

const CONFIRMED: PublishResult = { type: 'confirmed' }
const UNROUTABLE: PublishResult = { type: 'unroutable' }

const MAX_SENT = 4_096
const MAX_WAITING = 16_384
const MAX_SENT_BYTES = 32 * 1024 * 1024
const MAX_WAITING_BYTES = 64 * 1024 * 1024

/** A retry tier, or a way, that vanished is made anew, so often for one publish. */
const MAX_RETURNS = 2

/** A look holds for so long. */
const LOOK_MS = 1_000

export class Publisher {
  readonly #options: PublisherOptions
  /** All that are not answered, by number: in the order of their deadlines. */
  readonly #open = new Map<number, Entry>()
  readonly #waiting = new Set<Entry>()
  readonly #tiers = new Map<RetryTierMs, Tier>()
  readonly #looks = new Map<string, Look>()
  #line: Line | undefined
  #isBlocked = false
  #isClosed = false
  #lastNumber = 0
  #sent = 0
  #sentBytes = 0
  #waitingBytes = 0
  /** Goes off at the deadline of the oldest, or of one that was answered since. */
  #timer: NodeJS.Timeout | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  publish(outgoing: Outgoing): Promise<PublishResult> {
    if (this.#isClosed) return Promise.resolve(fail('the transport is closed'))
    if (!this.#hasWaitingRoom(outgoing)) {
      return Promise.resolve(fail('too much waits for the broker already'))
    }
    return new Promise((answer) => {
      const number = (this.#lastNumber += 1)
      const deadline = performance.now() + this.#options.timeoutMs
      const entry: Entry = { number, outgoing, deadline, answer, state: 'waiting', returns: 0 }
      this.#open.set(number, entry)
      this.#timer ??= this.#startTimer(this.#options.timeoutMs)
      if (this.#waiting.size > 0 || !this.#trySend(entry)) this.#enqueue(entry)
    })
  }

  /** Publishes on this line from now on. */
  attach(line: Line): void {
    this.#line = line
    this.#isBlocked = false
    this.#tiers.clear()
    this.#looks.clear()
    line.channel.on('return', ({ properties }) => {
      const entry = this.#open.get(Number(properties.correlationId))
      if (entry?.state === 'sent' && this.#line === line) entry.state = 'returned'
    })
    this.#sendWaiting()
  }

  /** The line has ended (U3). */
  detach(reason: string): void {
    this.#line = undefined
    for (const entry of this.#open.values()) {
      if (entry.state !== 'waiting') this.#answer(entry, fail(reason))
    }
  }

  /** U4 */
  setBlocked(isBlocked: boolean): void {
    this.#isBlocked = isBlocked
    if (!isBlocked) this.#sendWaiting()
  }

  /** Answers all that is open, and everything from now on: failed. */
  close(): void {
    this.#isClosed = true
    this.#line = undefined
    for (const entry of this.#open.values()) this.#answer(entry, fail('the transport was closed'))
    clearTimeout(this.#timer)
  }

  #enqueue(entry: Entry): void {
    this.#waiting.add(entry)
    this.#waitingBytes += entry.outgoing.body.byteLength
  }

  /** U5 */
  #sendWaiting(): void {
    for (const entry of this.#waiting) {
      if (this.#trySend(entry)) this.#leaveQueue(entry)
      else if (!this.#hasTierMissing(entry)) return
    }
  }

  #leaveQueue(entry: Entry): void {
    if (this.#waiting.delete(entry)) this.#waitingBytes -= entry.outgoing.body.byteLength
  }

  /** Sends it if that may be done now; true when it waits no more. */
  #trySend(entry: Entry): boolean {
    const line = this.#line
    if (!line || this.#isBlocked) return false
    const { body, delayMs } = entry.outgoing
    const bytes = body.byteLength
    const { maxSentBytes = MAX_SENT_BYTES } = this.#options
    const isFull = this.#sent >= MAX_SENT || this.#sentBytes + bytes > maxSentBytes
    if (this.#sent > 0 && isFull) return false
    if (delayMs !== undefined && !this.#isTierReady(delayMs, line)) return false
    this.#send(entry, line)
    return true
  }

  #send(entry: Entry, { channel, gatherWrites }: Line): void {
    const { queue, body, messageId, delayMs } = entry.outgoing
    const { exchange, tierExchange } = this.#options
    entry.state = 'sent'
    this.#sent += 1
    this.#sentBytes += body.byteLength
    const options = {
      persistent: true,
      mandatory: true,
      // Returned with the message (U2); nothing else tells two publishes of one id apart.
      correlationId: `${entry.number}`,
      ...(isId(messageId) ? { messageId } : {}),
    }
    const target = delayMs === undefined ? exchange : tierExchange(delayMs)
    gatherWrites()
    try {
      channel.publish(target, queue, toBuffer(body), options, (error: Error | null) => {
        this.#noteConfirm(entry, error)
      })
    } catch (error) {
      // Its channel has just ended: that it did is told on its own.
      this.#answer(entry, fail(error instanceof Error ? error.message : String(error)))
    }
  }

  #noteConfirm(entry: Entry, error: Error | null): void {
    if (entry.state === 'answered') return
    if (error) {
      const isNack = error.message === 'message nacked'
      this.#answer(entry, fail(isNack ? NACKED : error.message))
    } else if (entry.state === 'sent') {
      this.#answer(entry, CONFIRMED)
    } else if (entry.outgoing.delayMs === undefined) {
      void this.#mendWay(entry)
    } else {
      this.#redeclareTier(entry, entry.outgoing.delayMs)
    }
    if (this.#waiting.size > 0) this.#sendWaiting()
  }

  /** The queue of its tier is gone: it is declared anew, as a delayed body is never unroutable (T5). */
  #redeclareTier(entry: Entry, tierMs: RetryTierMs): void {
    this.#tiers.delete(tierMs)
    const reason = `the queue for retries after ${tierMs} ms vanishes again and again`
    this.#sendAgain(entry, fail(reason))
  }

  /** U6: a queue may be there, and the way to it be gone; its owner would notice that much later. */
  async #mendWay(entry: Entry): Promise<void> {
    const isMended = await this.#lookAt(entry.outgoing.queue)
    // Its deadline may have passed, or its line have ended.
    if (entry.state !== 'returned') return
    if (isMended) this.#sendAgain(entry, UNROUTABLE)
    else this.#answer(entry, UNROUTABLE)
    this.#sendWaiting()
  }

  #lookAt(queue: string): Promise<boolean> {
    const now = performance.now()
    for (const [name, { at }] of this.#looks) if (at < now - LOOK_MS) this.#looks.delete(name)
    const last = this.#looks.get(queue)
    if (last) return last.isMended
    const mending = this.#line?.mendWay(queue) ?? Promise.reject(new Error('there is no line'))
    const isMended = mending.then(
      () => true,
      () => false,
    )
    this.#looks.set(queue, { at: now, isMended })
    return isMended
  }

  /** Unless it was returned too often: then that is the answer. */
  #sendAgain(entry: Entry, otherwise: PublishResult): void {
    entry.returns += 1
    if (entry.returns > MAX_RETURNS) {
      this.#answer(entry, otherwise)
      return
    }
    this.#forgetSent(entry)
    entry.state = 'waiting'
    this.#enqueue(entry)
  }

  #isTierReady(tierMs: RetryTierMs, line: Line): boolean {
    const tier = this.#tiers.get(tierMs)
    if (tier === undefined) void this.#declareTier(tierMs, line)
    return tier === 'ready'
  }

  #hasTierMissing({ outgoing: { delayMs } }: Entry): boolean {
    return delayMs !== undefined && this.#tiers.get(delayMs) === 'declaring'
  }

  async #declareTier(tierMs: RetryTierMs, line: Line): Promise<void> {
    this.#tiers.set(tierMs, 'declaring')
    let problem: string | undefined
    try {
      await line.declareTier(tierMs)
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    if (this.#line !== line) return
    if (problem === undefined) this.#tiers.set(tierMs, 'ready')
    else {
      this.#tiers.delete(tierMs)
      for (const entry of this.#waiting) {
        if (entry.outgoing.delayMs === tierMs) this.#answer(entry, fail(problem))
      }
    }
    this.#sendWaiting()
  }

  /** U1 */
  #answer(entry: Entry, result: PublishResult): void {
    if (entry.state === 'waiting') this.#leaveQueue(entry)
    else if (entry.state !== 'answered') this.#forgetSent(entry)
    entry.state = 'answered'
    this.#open.delete(entry.number)
    entry.answer(result)
  }

  #forgetSent(entry: Entry): void {
    this.#sent -= 1
    this.#sentBytes -= entry.outgoing.body.byteLength
  }

  #hasWaitingRoom({ body }: Outgoing): boolean {
    const { maxWaitingBytes = MAX_WAITING_BYTES } = this.#options
    if (this.#waiting.size === 0) return true
    return (
      this.#waiting.size < MAX_WAITING && this.#waitingBytes + body.byteLength <= maxWaitingBytes
    )
  }

  /** One timer for all: a timer for each message would cost more than the message. */
  #startTimer(afterMs: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#expire()
    }, afterMs)
    // Whoever waits for an answer has a connection that keeps the process.
    return timer.unref()
  }

  #expire(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const entry of this.#open.values()) {
      if (entry.deadline > now) {
        this.#timer = this.#startTimer(entry.deadline - now)
        return
      }
      const what = entry.state === 'waiting' ? 'could not be sent' : 'was not confirmed'
      this.#answer(entry, fail(`the message ${what} within ${this.#options.timeoutMs} ms`))
    }
  }
}

const NACKED = 'the broker did not take the message: its queue is full, or has no majority of nodes'

function fail(reason: string): PublishResult {
  return { type: 'failed', reason }
}

/** A view of the same bytes. */
function toBuffer(body: Uint8Array): Buffer {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
}

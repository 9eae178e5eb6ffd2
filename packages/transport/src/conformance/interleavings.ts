import fc from 'fast-check'
import { expect } from 'vitest'
import type { Delivery, Transport } from '../transport.ts'
import { inTime, nameQueue, sleep, until, type Harness, type Laws } from './harness.ts'
import { openInbox, outgoing, textOf, type Inbox } from './inbox.ts'

/**
 * Random histories of two connections to one queue, beside a model of what must be true:
 *
 * M1 lost: what was confirmed and not acknowledged is delivered in the end.
 * M2 unexpected: nothing is delivered that was not published.
 * M3 duplicated: what was acknowledged is not delivered again, and no body is in two hands at
 *    once (only where a settle is known at once: over a network it may be lost with its connection).
 * M4 A settle counts if and only if its connection has not been cut or closed since the delivery.
 * M5 No consumer holds more than its prefetch; what is delivered again is marked.
 */
export const interleavingLaws: Laws = {
  async 'However publishes, settles, pauses and cuts fall, nothing is lost or settled twice'(
    harness,
  ) {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 1, maxLength: 60 }), async (steps) => {
        const world = await World.create(harness)
        for (const step of steps) await world.apply(step)
        await world.finish()
      }),
      // A smaller history would fail by waiting as long as this one: shrinking takes longer than anybody waits.
      { numRuns: harness.interleavings, endOnFailure: true, examples: [[CUT_WITHOUT_ROOM]] },
    )
  },
}

type Step =
  | { readonly type: 'publish'; readonly side: number; readonly count: number }
  | { readonly type: 'settle'; readonly pick: number; readonly how: 'acknowledge' | 'release' }
  | { readonly type: 'cut' | 'mend' | 'pause' | 'resume' | 'reopen'; readonly side: number }
  | { readonly type: 'breathe' }

const SIDE = fc.nat({ max: 1 })

const SETTLE = fc.record({
  type: fc.constant('settle' as const),
  pick: fc.nat(),
  how: fc.constantFrom('acknowledge' as const, 'release' as const),
})

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('publish' as const),
      side: SIDE,
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 6, arbitrary: SETTLE },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom('cut', 'mend', 'pause', 'resume', 'reopen'),
      side: SIDE,
    }),
  },
  { weight: 4, arbitrary: fc.constant({ type: 'breathe' as const }) },
)

const PREFETCH = 3

/** What a side holds fills its prefetch, so that after the pause no consumer of the broker is its own. */
const CUT_WITHOUT_ROOM: Step[] = [
  { type: 'publish', side: 0, count: 5 },
  { type: 'publish', side: 0, count: 5 },
  { type: 'breathe' },
  { type: 'pause', side: 0 },
  { type: 'resume', side: 0 },
  { type: 'cut', side: 0 },
]

interface Side {
  transport: Transport
  inbox: Inbox
  isCut: boolean
  /** What it was delivered since its connection was made, and did not settle. */
  readonly held: Set<Delivery>
}

class World {
  readonly #harness: Harness
  readonly #queue = nameQueue()
  readonly #sides: Side[] = []
  readonly #published = new Set<string>()
  readonly #confirmed = new Set<string>()
  readonly #acknowledged = new Set<string>()
  readonly #seen = new Set<string>()
  /** Deliveries that nobody called settle on, stale ones included. */
  readonly #unsettled: Delivery[] = []
  /** Broken laws, met inside callbacks that must not throw. */
  readonly #broken: string[] = []

  static async create(harness: Harness): Promise<World> {
    const world = new World(harness)
    for (let side = 0; side < 2; side += 1) world.#sides.push(await world.#openSide())
    return world
  }

  private constructor(harness: Harness) {
    this.#harness = harness
  }

  async apply(step: Step): Promise<void> {
    if (step.type === 'breathe') return sleep(0)
    if (step.type === 'settle') return this.#settle(step)
    const side = this.#sides[step.side]
    if (!side) throw new Error(`There is no side ${step.side}`)
    switch (step.type) {
      case 'publish':
        return this.#publish(side, step.count)
      case 'cut':
        return this.#cut(side)
      case 'mend':
        return this.#mend(side)
      case 'pause':
        return inTime(this.#harness, side.inbox.consumer.pause())
      case 'resume':
        return inTime(this.#harness, side.inbox.consumer.resume())
      case 'reopen':
        side.held.clear()
        await inTime(this.#harness, side.transport.close())
        this.#sides[step.side] = await this.#openSide()
    }
  }

  /** Lets a last consumer drain the queue, and compares it with the model (M1–M3). */
  async finish(): Promise<void> {
    for (const side of this.#sides) {
      side.held.clear()
      await inTime(this.#harness, side.transport.close())
    }
    const last = await this.#harness.connect()
    const options = { queue: this.#queue, prefetch: 1_000 }
    const inbox = await openInbox(this.#harness, last, {
      ...options,
      onDelivery: (delivery) => this.#check(delivery),
    })
    const missing = new Set(this.#confirmed)
    for (const text of this.#acknowledged) missing.delete(text)
    await until(this.#harness, `all of ${[...missing].join()} (M1)`, () => {
      for (const delivery of inbox.deliveries) missing.delete(textOf(delivery))
      return missing.size === 0
    })
    await inbox.takeRest()
    await inTime(this.#harness, last.close())
    expect(this.#broken).toEqual([])
  }

  async #openSide(): Promise<Side> {
    const transport = await this.#harness.connect()
    const held = new Set<Delivery>()
    const options = { queue: this.#queue, prefetch: PREFETCH }
    const inbox = await openInbox(this.#harness, transport, {
      ...options,
      onDelivery: (delivery) => {
        this.#check(delivery)
        held.add(delivery)
        this.#unsettled.push(delivery)
        if (held.size > PREFETCH) this.#broken.push(`M5 ${held.size} in hand`)
      },
    })
    return { transport, inbox, isCut: false, held }
  }

  #check(delivery: Delivery): void {
    const text = textOf(delivery)
    if (!this.#published.has(text)) this.#broken.push(`M2 ${text} was never published`)
    if (this.#seen.has(text) && !delivery.isRedelivered) this.#broken.push(`M5 ${text} is unmarked`)
    this.#seen.add(text)
    if (!this.#harness.isSettledAtOnce) return
    if (this.#acknowledged.has(text)) this.#broken.push(`M3 ${text} was acknowledged`)
    const hands = this.#sides.flatMap(({ held }) => [...held].map(textOf))
    if (hands.includes(text)) this.#broken.push(`M3 ${text} is in two hands`)
  }

  async #publish(side: Side, count: number): Promise<void> {
    const texts = Array.from({ length: count }, (_, index) => `${this.#published.size + index}`)
    for (const text of texts) this.#published.add(text)
    const publishing = texts.map((text) => side.transport.publish(outgoing(this.#queue, text)))
    const answers = await inTime(this.#harness, Promise.all(publishing))
    answers.forEach((answer, index) => {
      const text = texts[index] ?? ''
      if (answer.type === 'confirmed') this.#confirmed.add(text)
      else if (answer.type !== 'failed') this.#broken.push(`${text} was ${answer.type}`)
    })
  }

  async #settle({ pick, how }: Step & { readonly type: 'settle' }): Promise<void> {
    const [delivery] = this.#unsettled.splice(pick % (this.#unsettled.length || 1), 1)
    if (!delivery) return
    const holder = this.#sides.find(({ held }) => held.delete(delivery))
    const hasCounted = delivery.settle(how)
    if (hasCounted !== (holder !== undefined)) {
      this.#broken.push(`M4 ${how} of ${textOf(delivery)} returned ${hasCounted}`)
    }
    if (hasCounted && how === 'acknowledge') this.#acknowledged.add(textOf(delivery))
  }

  async #cut(side: Side): Promise<void> {
    if (side.isCut) return
    side.isCut = true
    await this.#harness.cut(side.transport)
    await until(this.#harness, 'an interrupted consumer', () => {
      return side.inbox.consumer.state === 'interrupted'
    })
    side.held.clear()
  }

  async #mend(side: Side): Promise<void> {
    if (!side.isCut) return
    side.isCut = false
    await this.#harness.mend(side.transport)
    await until(this.#harness, 'a consumer that is linked again', () => {
      return side.inbox.consumer.state !== 'interrupted'
    })
  }
}

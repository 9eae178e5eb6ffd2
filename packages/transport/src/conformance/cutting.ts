import { expect } from 'vitest'
import type { Consumer, ConsumerState } from '../transport.ts'
import { inTime, nameQueue, until, type Harness, type Laws } from './harness.ts'
import { numbered, openInbox, outgoing, publishAll, settleAll, textsOf, typesOf } from './inbox.ts'

export const cuttingLaws: Laws = {
  async 'When a connection is cut, all that it held, and only that, goes to another, in order'(
    harness,
  ) {
    const queue = nameQueue()
    const dying = await harness.connect()
    const inbox = await openInbox(harness, dying, { queue, prefetch: 10 })
    const heir = await harness.connect()
    await publishAll(harness, heir, numbered(queue, 20))
    const held = await inbox.take(10)
    settleAll([...held.slice(0, 2), ...held.slice(7, 9)], 'acknowledge')
    // That four more come proves that the acknowledgements arrived.
    const more = await inbox.take(4)
    await harness.cut(dying)
    const next = await openInbox(harness, heir, { queue, prefetch: 100 })
    const unsettled = [...held.slice(2, 7), ...held.slice(9), ...more]
    const again = await next.take(10)
    expect(textsOf(again)).toEqual(textsOf(unsettled))
    expect(again.filter(({ isRedelivered }) => !isRedelivered)).toEqual([])
    expect(textsOf(await next.takeRest())).toEqual(['15', '16', '17', '18', '19', '20'])
  },

  async 'A delivery whose connection was cut settles nothing that another connection holds'(
    harness,
  ) {
    const queue = nameQueue()
    const dying = await harness.connect()
    const inbox = await openInbox(harness, dying, { queue, prefetch: 3 })
    await publishAll(harness, dying, numbered(queue, 3))
    const stale = await inbox.take(3)
    await harness.cut(dying)
    await untilState(harness, inbox.consumer, 'interrupted')
    const heir = await harness.connect()
    const next = await openInbox(harness, heir, { queue, prefetch: 3 })
    const held = await next.take(3)
    expect([...stale, ...held].map(({ isLost }) => isLost)).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ])
    expect(settleAll(stale, 'acknowledge')).toEqual([false, false, false])
    expect(() => stale[0]?.settle('acknowledge')).toThrow(/twice/)
    expect(held[0]?.settle('acknowledge')).toBe(true)
    await inTime(harness, heir.close())
    const last = await openInbox(harness, await harness.connect(), { queue, prefetch: 3 })
    expect(textsOf(await last.take(2))).toEqual(['2', '3'])
    expect(await last.takeRest()).toEqual([])
  },

  // Delivery tags begin anew with each channel: an old tag would settle a stranger's message.
  async 'A delivery whose connection was cut settles nothing after the connection is remade'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await publishAll(harness, transport, numbered(queue, 2))
    const stale = await inbox.take(2)
    await harness.cut(transport)
    await untilState(harness, inbox.consumer, 'interrupted')
    await harness.mend(transport)
    const held = await inbox.take(2)
    expect(textsOf(held)).toEqual(['1', '2'])
    expect([...stale, ...held].map(({ isLost }) => isLost)).toEqual([true, true, false, false])
    expect(stale[0]?.settle('acknowledge')).toBe(false)
    expect(stale[1]?.settle('release')).toBe(false)
    expect(await inbox.takeRest()).toEqual([])
    await inTime(harness, transport.close())
    const last = await openInbox(harness, await harness.connect(), { queue, prefetch: 10 })
    expect(textsOf(await last.take(2))).toEqual(['1', '2'])
  },

  async 'A consumer is interrupted by a cut, and consumes again when the connection is remade'(
    harness,
  ) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 2 })
    await harness.cut(transport)
    await untilState(harness, inbox.consumer, 'interrupted')
    expect(typesOf([await inTime(harness, transport.publish(outgoing(queue, 'cut')))])).toEqual([
      'failed',
    ])
    await harness.mend(transport)
    await untilState(harness, inbox.consumer, 'consuming')
    await publishAll(harness, transport, numbered(queue, 5))
    // The prefetch is that of before.
    expect(textsOf(await inbox.takeRest())).toEqual(['1', '2'])
  },

  async 'What is asked of a consumer while it is interrupted holds when the connection is remade'(
    harness,
  ) {
    const transport = await harness.connect()
    const inboxes = []
    for (const queue of [nameQueue(), nameQueue(), nameQueue(), nameQueue()]) {
      const inbox = await openInbox(harness, transport, { queue, prefetch: 1 })
      await publishAll(harness, transport, numbered(queue, 1))
      await inbox.take(1)
      inboxes.push(inbox)
    }
    const [pausedBefore, resumed, paused, closed] = inboxes.map(({ consumer }) => consumer)
    await inTime(harness, Promise.all([pausedBefore?.pause(), resumed?.pause()]))
    await harness.cut(transport)
    for (const { consumer } of inboxes) await untilState(harness, consumer, 'interrupted')
    const calls = Promise.all([resumed?.resume(), paused?.pause(), closed?.close()])
    await inTime(harness, calls)
    await harness.mend(transport)
    await untilState(harness, resumed, 'consuming')
    await untilState(harness, pausedBefore, 'paused')
    await untilState(harness, paused, 'paused')
    await untilState(harness, closed, 'closed')
    const rests = await Promise.all(inboxes.map((inbox) => inbox.takeRest()))
    expect(rests.map((rest) => rest.length)).toEqual([0, 1, 0, 0])
  },

  async 'A transport that is cut can be closed in time, and stays closed'(harness) {
    const queue = nameQueue()
    const transport = await harness.connect()
    const inbox = await openInbox(harness, transport, { queue, prefetch: 1 })
    await harness.cut(transport)
    await inTime(harness, transport.close())
    await harness.mend(transport)
    expect(inbox.consumer.state).toBe('closed')
    const answer = await inTime(harness, transport.publish(outgoing(queue, 'late')))
    expect(answer.type).toBe('failed')
  },
}

function untilState(
  harness: Harness,
  consumer: Consumer | undefined,
  state: ConsumerState,
): Promise<void> {
  return until(harness, `a consumer that is ${state}`, () => consumer?.state === state)
}

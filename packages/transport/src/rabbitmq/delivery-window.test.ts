import type { ConsumeMessage } from 'amqplib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DeliveryWindow } from './delivery-window.ts'

function message(deliveryTag: number): ConsumeMessage {
  return { fields: { deliveryTag } } as ConsumeMessage
}

function fill(count: number): { window: DeliveryWindow; messages: readonly ConsumeMessage[] } {
  const window = new DeliveryWindow()
  const messages = Array.from({ length: count }, (_, index) => message(index + 1))
  for (const one of messages) window.add(one)
  return { window, messages }
}

function tell(window: DeliveryWindow): readonly string[] {
  return window
    .takeFrames()
    .map(({ message, how, isUpTo }) => `${how} ${isUpTo ? '≤' : ''}${message.fields.deliveryTag}`)
}

it('Acknowledgements without a gap before them are told in one frame', () => {
  const { window, messages } = fill(5)
  for (const index of [2, 0, 1]) window.settle(messages[index]!, 'acknowledge')
  window.settle(messages[4]!, 'acknowledge')
  expect(tell(window)).toEqual(['acknowledge ≤3', 'acknowledge 5'])
  expect(tell(window)).toEqual([])
  expect(window.size).toBe(1)
})

it('However deliveries are settled, each is told once, and none that is unsettled is covered', () => {
  const SETTLES = fc.array(
    fc.record({ pick: fc.nat(), isAcknowledged: fc.boolean(), isFlushed: fc.boolean() }),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(SETTLES, (settles) => {
      const { window, messages } = fill(20)
      const unsettled = [...messages]
      // As the broker sees it: what it still holds as delivered, and what became of the rest.
      const held = new Set(messages.map(({ fields }) => fields.deliveryTag))
      const wanted = new Map<number, string>()
      const told = new Map<number, string>()
      const flush = (): void => {
        for (const { message, how, isUpTo } of window.takeFrames()) {
          const last = message.fields.deliveryTag
          for (const tag of [...held].filter((tag) => tag === last || (isUpTo && tag < last))) {
            held.delete(tag)
            told.set(tag, how)
          }
        }
      }
      for (const { pick, isAcknowledged, isFlushed } of settles) {
        const [one] = unsettled.splice(pick % (unsettled.length || 1), 1)
        if (!one) break
        const how = isAcknowledged ? 'acknowledge' : 'release'
        wanted.set(one.fields.deliveryTag, how)
        window.settle(one, how)
        if (isFlushed) flush()
      }
      flush()
      expect([...told].sort()).toEqual([...wanted].sort())
      expect(window.size).toBe(unsettled.length)
    }),
  )
})

it('What was there before a consumer was cancelled is counted until it is settled', () => {
  const { window, messages } = fill(3)
  window.settle(messages[0]!, 'acknowledge')
  window.retire()
  expect(window.retired).toBe(2)
  window.add(message(4))
  window.settle(messages[1]!, 'release')
  expect([window.retired, window.size]).toEqual([1, 2])
})

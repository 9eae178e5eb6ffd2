import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Alarm } from './alarm.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('it rings once, at the earliest time that was asked for', () => {
  const rings: number[] = []
  const alarm = new Alarm((now) => rings.push(now))
  const now = performance.now()
  for (const at of [now + 500, now + 200, now + 900]) alarm.wakeAt(at)
  vi.advanceTimersByTime(199)
  expect(rings).toEqual([])
  vi.advanceTimersByTime(5_000)
  expect(rings).toEqual([now + 200])
  alarm.wakeAt(now + 900)
  vi.advanceTimersByTime(0)
  expect(rings).toHaveLength(2)
})

test('never is no time, and a stopped alarm does not ring', () => {
  let rings = 0
  const alarm = new Alarm(() => rings++)
  alarm.wakeAt(Infinity)
  alarm.wakeAt(performance.now() + 100)
  alarm.stop()
  vi.advanceTimersByTime(10_000)
  expect(rings).toBe(0)
})

test('a time that is too far for one timer rings early rather than at once', () => {
  let rings = 0
  const alarm = new Alarm(() => rings++)
  alarm.wakeAt(performance.now() + 2 ** 40)
  vi.advanceTimersByTime(1_000_000)
  expect(rings).toBe(0)
})

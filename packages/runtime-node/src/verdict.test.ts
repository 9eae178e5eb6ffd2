import { describe, expect, test } from 'vitest'
import { judgeDeaf, judgeDeath, type InFlight } from './verdict.ts'

const live = (id: number, deadlineAt = Infinity): InFlight => ({ id, deadlineAt, phase: 'live' })
const expired = (id: number, deadlineAt = 1_000): InFlight => ({ id, deadlineAt, phase: 'expired' })
const abandoned = (id: number): InFlight => ({ id, deadlineAt: 0, phase: 'abandoned' })

describe('a worker that does not answer', () => {
  test('ends if nobody waits for anything in it', () => {
    const end = { type: 'end', charged: [], areSuspects: false }
    expect(judgeDeaf([], undefined)).toEqual(end)
    expect(judgeDeaf([abandoned(1), abandoned(2)], undefined)).toEqual(end)
  })

  test('ends at the cost of the one that is alone in it and late', () => {
    expect(judgeDeaf([expired(1)], undefined)).toEqual({
      type: 'end',
      charged: [1],
      areSuspects: false,
    })
  })

  test('ends at the cost of the one that holds it and is late; the others are no suspects', () => {
    const verdict = judgeDeaf([live(1), expired(2), expired(3), abandoned(4)], 3)
    expect(verdict).toEqual({ type: 'end', charged: [3], areSuspects: false })
  })

  test('ends at the cost of nobody if the one that holds it is not waited for', () => {
    const verdict = judgeDeaf([live(1), abandoned(2)], 2)
    expect(verdict).toEqual({ type: 'end', charged: [], areSuspects: false })
  })

  test('goes on if the one that holds it is within its time, and who is late waits for it a little', () => {
    expect(judgeDeaf([live(1, 1_900), expired(2, 1_000)], 1)).toEqual({
      type: 'spare',
      charged: [],
    })
    expect(judgeDeaf([live(1, 2_100), expired(2, 1_000)], 1)).toEqual({
      type: 'spare',
      charged: [2],
    })
    expect(judgeDeaf([live(1), expired(2, 1_000)], 1)).toEqual({ type: 'spare', charged: [2] })
  })

  test('ends with suspects, and charges none, if one is late and nobody knows who holds it', () => {
    const verdict = judgeDeaf([live(1), expired(2), expired(3)], undefined)
    expect(verdict).toEqual({ type: 'end', charged: [], areSuspects: true })
  })

  test('goes on if nobody is late and nobody knows who holds it', () => {
    expect(judgeDeaf([live(1), abandoned(2)], undefined)).toEqual({ type: 'spare', charged: [] })
  })
})

describe('a worker that died', () => {
  const exited = { type: 'exited', exitCode: 1 } as const
  const full = { type: 'out-of-memory', detail: '' } as const

  test('costs the one that was alone in it, whatever it died of', () => {
    for (const death of [exited, full])
      expect(judgeDeath([live(1)], undefined, death)).toEqual({
        type: 'end',
        charged: [1],
        areSuspects: false,
      })
  })

  test('costs nobody if there were several: all are suspects', () => {
    const verdict = { type: 'end', charged: [], areSuspects: true }
    expect(judgeDeath([live(1), live(2)], undefined, exited)).toEqual(verdict)
    expect(judgeDeath([live(1), abandoned(2)], undefined, exited)).toEqual(verdict)
  })

  test('costs the one that held it and exited, but not the one that asked for the last memory', () => {
    expect(judgeDeath([live(1), live(2)], 2, exited)).toMatchObject({
      charged: [2],
      areSuspects: false,
    })
    expect(judgeDeath([live(1), live(2)], 2, full)).toMatchObject({
      charged: [],
      areSuspects: true,
    })
  })
})

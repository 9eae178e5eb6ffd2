import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fifo } from './fifo.ts'

describe('A first-in-first-out ring', () => {
  it('agrees with an array, whatever is pushed, shifted and looked at', () => {
    const runs = fc.array(fc.integer({ min: -200, max: 200 }), { maxLength: 50 })
    fc.assert(
      fc.property(runs, (counts) => {
        const fifo = new Fifo<number>()
        const model: number[] = []
        let next = 0
        for (const count of counts) {
          for (let left = Math.abs(count); left > 0; left -= 1) {
            if (count > 0) {
              fifo.push(next)
              model.push(next)
              next += 1
            } else expect(fifo.shift()).toBe(model.shift())
          }
          expect(fifo.size).toBe(model.length)
          const contents = Array.from({ length: model.length }, (_, index) => fifo.at(index))
          expect(contents).toEqual(model)
          expect(fifo.at(model.length)).toBeUndefined()
        }
      }),
    )
  })

  it('takes constant time at both ends, however long it is', () => {
    const fifo = new Fifo<number>()
    for (let index = 0; index < 1_000_000; index += 1) fifo.push(index)
    const startMs = performance.now()
    for (let index = 0; index < 1_000_000; index += 1) fifo.shift()
    // In linear time these would take minutes.
    expect(performance.now() - startMs).toBeLessThan(2_000)
    expect(fifo.size).toBe(0)
  })
})

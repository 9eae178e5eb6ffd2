import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Heap } from './heap.ts'

describe('A heap', () => {
  it('gives the first of what it holds, in whatever order things come and go', () => {
    const steps = fc.array(fc.option(fc.nat({ max: 100 })), { maxLength: 200 })
    fc.assert(
      fc.property(steps, (positions) => {
        const heap = new Heap<{ readonly position: number }>()
        let model: number[] = []
        for (const position of positions) {
          if (position === null) {
            expect(heap.pop()?.position).toBe(model[0])
            model = model.slice(1)
          } else {
            heap.push({ position })
            model = [...model, position].sort((one, other) => one - other)
          }
          expect(heap.size).toBe(model.length)
          expect(heap.list().map((item) => item.position)).toEqual(model)
        }
      }),
    )
  })
})

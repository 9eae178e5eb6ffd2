import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchWriter, readBatch, transferable } from './batch.ts'

const entry = fc.record({
  id: fc.nat(),
  tag: fc.nat(),
  length: fc.oneof(fc.nat(100), fc.integer({ min: 32_760, max: 32_776 }), fc.constant(100_000)),
  isGiven: fc.boolean(),
})

test('what is written is read, in order, also after a structured clone with transfer', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const writer = new BatchWriter()
      const written = entries.map(({ id, tag, length, isGiven }, index) => {
        const bytes = Buffer.alloc(length, index)
        if (isGiven) writer.give(id, tag, Buffer.from(bytes))
        else writer.add(id, tag, bytes)
        return { id, tag, bytes: Buffer.from(bytes) }
      })
      expect(writer.isEmpty).toBe(entries.length === 0)
      const batch = writer.take()
      const received = structuredClone(batch, { transfer: transferable(batch) })
      const read: unknown[] = []
      readBatch(received, (id, tag, bytes) => read.push({ id, tag, bytes: Buffer.from(bytes) }))
      expect(read).toEqual(written)
      expect(writer.isEmpty).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('bytes that were added stay the caller’s; a large array that was given is handed over', () => {
  const writer = new BatchWriter()
  const kept = Buffer.alloc(50_000, 1)
  const given = Buffer.alloc(50_000, 2)
  const pooled = Buffer.alloc(100_000, 3).subarray(10, 60_000)
  writer.add(1, 0, kept)
  writer.give(2, 0, given)
  writer.give(3, 0, pooled)
  const batch = writer.take()
  structuredClone(batch, { transfer: transferable(batch) })
  expect([kept.length, given.length, pooled.length]).toEqual([50_000, 0, 59_990])
})

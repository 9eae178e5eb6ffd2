import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../batch.ts'
import { createRingMemory, RingReader, RingWriter } from './ring.ts'

const SIZE = 1_024

function openBoth(): { readonly writer: RingWriter; readonly reader: RingReader } {
  const memory = createRingMemory(SIZE)
  return { writer: new RingWriter(memory), reader: new RingReader(memory) }
}

const batch = fc.record({
  heads: fc.array(fc.oneof(fc.nat(), fc.integer({ min: 2 ** 40, max: 2 ** 50 })), { maxLength: 6 }),
  small: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
})

test('What is written is read, in order and as it was, however often the memory is used again.', () => {
  const act = fc.oneof(batch, fc.constant('read' as const))
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
      const { writer, reader } = openBoth()
      const written: Batch[] = []
      const read: Batch[] = []
      const readAll = (): void => {
        for (let next = reader.take(0); next; next = reader.take(0)) read.push(next)
      }
      for (const each of acts) {
        if (each === 'read') readAll()
        else if (writer.write({ ...each, large: [] }, 0)) written.push({ ...each, large: [] })
        else readAll()
      }
      readAll()
      expect(read).toEqual(written)
    }),
  )
})

test('What has no room is refused, until enough was read.', () => {
  const { writer, reader } = openBoth()
  const third = { heads: [1], small: Buffer.alloc(300, 1), large: [] }
  expect([1, 2, 3, 4].map(() => writer.write(third, 0))).toEqual([true, true, true, false])
  expect(reader.take(0)).toEqual(third)
  expect(writer.write(third, 0)).toBe(true)
  expect(writer.write({ heads: [], small: Buffer.alloc(0), large: [Buffer.from('x')] }, 0)).toBe(
    false,
  )
  expect(writer.write({ heads: [], small: Buffer.alloc(SIZE), large: [] }, 0)).toBe(false)
})

test('What was read stays as it was when the memory is written again.', () => {
  const { writer, reader } = openBoth()
  const fill = (byte: number): Batch => ({
    heads: [byte],
    small: Buffer.alloc(900, byte),
    large: [],
  })
  writer.write(fill(1), 0)
  const first = reader.take(0)
  expect(writer.write(fill(2), 0)).toBe(true)
  expect(first).toEqual(fill(1))
})

test('A batch is held back until its turn has come.', () => {
  const { writer, reader } = openBoth()
  const [one, two] = [1, 2].map((head) => ({ heads: [head], small: Buffer.alloc(0), large: [] }))
  writer.write(one!, 0)
  writer.write(two!, 1)
  expect([reader.take(0), reader.take(0), reader.take(1)]).toEqual([one, undefined, two])
})

test('A wait ends with what is written after the last look, also before the wait began.', async () => {
  const { writer, reader } = openBoth()
  const any = { heads: [], small: Buffer.alloc(0), large: [] }
  expect(reader.take(0)).toBeUndefined()
  writer.write(any, 0)
  await reader.whenWritten()
  expect(reader.take(0)).toEqual(any)
  expect(reader.take(0)).toBeUndefined()
  const waiting = reader.whenWritten()
  writer.write(any, 0)
  await waiting
  reader.take(0)
  const stopped = reader.whenWritten()
  reader.stop()
  await stopped
})

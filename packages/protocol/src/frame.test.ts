import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { DEFAULT_MAX_FRAME_BYTES, encodeFrame, FrameReader, type FrameEvent } from './frame.ts'

const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 })

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((start, index) => bytes.subarray(start, sorted[index] ?? bytes.length))
}

function readAll(chunks: readonly Uint8Array[], limitBytes?: number): FrameEvent[] {
  const reader = new FrameReader(limitBytes)
  return chunks.flatMap((chunk) => reader.push(chunk))
}

const bodiesOf = (events: readonly FrameEvent[]): string[] =>
  events.map((event) => (event.type === 'frame' ? event.body.toString('hex') : event.type))

describe('FrameReader', () => {
  it('reads the frames that were written, however the stream is cut', () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat(), { maxLength: 30 }), (written, places) => {
        const stream = Buffer.concat(written.map(encodeFrame))
        const events = readAll(cut(stream, places))
        expect(bodiesOf(events)).toEqual(written.map((body) => Buffer.from(body).toString('hex')))
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives a frame with the chunk that completes it, not with the next', () => {
    const reader = new FrameReader()
    const stream = encodeFrame(Buffer.from('ab'))
    for (let at = 0; at < stream.length - 1; at++)
      expect(reader.push(stream.subarray(at, at + 1))).toEqual([])
    expect(bodiesOf(reader.push(stream.subarray(-1)))).toEqual(['6162'])
    expect(bodiesOf(reader.push(encodeFrame(Buffer.alloc(0))))).toEqual([''])
  })

  it('knows whether the end of the stream would cut a frame', () => {
    const reader = new FrameReader()
    const stream = encodeFrame(Buffer.from('ab'))
    const seen = [reader.isAtBoundary]
    for (const byte of stream) {
      reader.push(Buffer.from([byte]))
      seen.push(reader.isAtBoundary)
    }
    expect(seen).toEqual([true, false, false, false, false, false, true])
  })

  it('gives frames that own their memory, so that they may be kept or transferred', () => {
    const written = ['', 'a', 'x'.repeat(5_000)].map((text) => encodeFrame(Buffer.from(text)))
    for (const event of readAll([Buffer.concat(written)])) {
      if (event.type !== 'frame') throw new Error(event.type)
      expect(event.body.byteOffset).toBe(0)
      expect(event.body.buffer.byteLength).toBe(event.body.length)
      const { length } = event.body
      structuredClone(event.body.buffer, { transfer: [event.body.buffer] })
      expect(event.body.length).toBe(0)
      expect(length).toBeGreaterThanOrEqual(0)
    }
  })

  it('is not disturbed when a chunk is used again by whoever gave it', () => {
    const reader = new FrameReader()
    const chunk = encodeFrame(Buffer.from('abcd')).subarray(0, 6)
    reader.push(chunk)
    chunk.fill(0)
    expect(bodiesOf(reader.push(Buffer.from('cd')))).toEqual([Buffer.from('abcd').toString('hex')])
  })

  it('takes a frame of exactly the limit, and refuses one byte more', () => {
    expect(readAll([encodeFrame(Buffer.alloc(8))], 8)).toMatchObject([{ type: 'frame' }])
    expect(readAll([encodeFrame(Buffer.alloc(9))], 8)).toEqual([
      { type: 'too-large', announcedBytes: 9, limitBytes: 8 },
    ])
  })

  it('refuses a length above the limit before it takes memory for it', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
    const before = process.memoryUsage().arrayBuffers
    for (let times = 0; times < 100; times++) {
      const events = readAll([Buffer.from([0xff, 0xff, 0xff, 0xff]), Buffer.alloc(100)])
      expect(events).toEqual([
        {
          type: 'too-large',
          announcedBytes: 0xffff_ffff,
          limitBytes: DEFAULT_MAX_FRAME_BYTES,
        },
      ])
    }
    expect(allocate).not.toHaveBeenCalled()
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(DEFAULT_MAX_FRAME_BYTES)
    allocate.mockRestore()
  })

  it('reads nothing after a length that it refused: the boundaries are lost', () => {
    const reader = new FrameReader(4)
    expect(reader.push(encodeFrame(Buffer.from('12345')))).toHaveLength(1)
    expect(reader.push(encodeFrame(Buffer.from('ok')))).toEqual([])
    expect(reader.isAtBoundary).toBe(false)
  })

  it('gives the frames before a length that it refuses', () => {
    const stream = Buffer.concat(
      ['ok', '12345', 'no'].map((text) => encodeFrame(Buffer.from(text))),
    )
    expect(bodiesOf(readAll([stream], 4))).toEqual(['6f6b', 'too-large'])
  })

  it('reads a large frame from many small chunks in time that is in proportion', () => {
    const stream = encodeFrame(Buffer.alloc(2_000_000, 0x78))
    const chunks = Array.from({ length: stream.length / 100 + 1 }, (_, index) =>
      stream.subarray(index * 100, index * 100 + 100),
    )
    const startedAt = performance.now()
    expect(readAll(chunks)).toHaveLength(1)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
  })
})

describe('encodeFrame', () => {
  it('writes the length in four bytes, most significant first, and then the body', () => {
    expect(encodeFrame(Buffer.from('ab'))).toEqual(Buffer.from([0, 0, 0, 2, 0x61, 0x62]))
    expect(encodeFrame(Buffer.alloc(258)).subarray(0, 4)).toEqual(Buffer.from([0, 0, 1, 2]))
  })
})

import { decodeRequest, encodeRequestFrame, FrameReader, type Request } from '@asya/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readDeadlineMs } from './request-deadline.ts'

const read = (body: string): number | undefined => readDeadlineMs(Buffer.from(body))

function decode(body: Buffer): number | undefined {
  const decoded = decodeRequest(body)
  return decoded.ok ? decoded.request.deadlineMs : undefined
}

/** What the runtime's reader makes of a request's frame. */
function encodeRequest(request: Request): Buffer {
  const [event] = new FrameReader().push(Buffer.concat(encodeRequestFrame(request)))
  if (event?.type !== 'frame') throw new Error('not one whole frame')
  return event.body
}

test('it finds what decoding the whole request finds, whatever the payload says', () => {
  const deadline = fc.option(fc.integer({ min: 0, max: 999_999_999 }), { nil: undefined })
  const tricky = fc.constantFrom(
    ',"deadline_ms":5}',
    '"deadline_ms":5',
    { deadline_ms: 7 },
    { a: { deadline_ms: 7, accept: [] } },
    ['"deadline_ms":1,"accept":[]}'],
  )
  const request = fc.record({
    payload: fc.oneof(fc.jsonValue(), tricky),
    deadline_ms: deadline,
    accept: fc.option(fc.array(fc.oneof(fc.string(), fc.constant(']}'))), { nil: undefined }),
    isFirst: fc.boolean(),
  })
  fc.assert(
    fc.property(request, ({ isFirst, payload, ...call }) => {
      const message = { route: { steps: ['a'], current: 0 }, payload }
      const body = Buffer.from(
        JSON.stringify(isFirst ? { ...call, ...message } : { ...message, ...call }),
      )
      expect(readDeadlineMs(body)).toBe(decode(body))
    }),
  )
})

test('it reads the requests of our own sidecar', () => {
  const decoded = decodeRequest(Buffer.from('{"route":{"steps":["a"],"current":0},"payload":"x"}'))
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  const { message } = decoded.request
  const body = encodeRequest({ message, deadlineMs: 30_000, accept: ['progress', 'output'] })
  expect(readDeadlineMs(body)).toBe(30_000)
  expect(readDeadlineMs(encodeRequest({ message, accept: [] }))).toBeUndefined()
})

test('a request that is malformed has none: where it is served, it is refused', () => {
  expect(read('')).toBeUndefined()
  expect(read('{"deadline_ms":-1}')).toBeUndefined()
  expect(read('{"deadline_ms":"5"}')).toBeUndefined()
})

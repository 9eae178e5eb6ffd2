import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, type IdentifiedMessage, type Station } from './decide.ts'
import { encodeFrame, FrameReader } from './frame.ts'
import { bytesToText } from './json-bytes.ts'
import {
  decodeMessage,
  decodeRequest,
  encodeMessage,
  encodeRequestFrame,
  type Message,
} from './message.ts'
import { ACCEPTED_FRAMES, decodeReply, encodeOutputs } from './reply.ts'
import { DEFAULT_RETRY_POLICY } from './retry.ts'
import { joinMembers, writeJson, writeJsonMembers } from './testing/json-text.ts'

/** A whole way: queue → sidecar → socket → runtime → socket → sidecar → queue, and again. */

const STEPS = ['one', 'two', 'three', 'four', 'five']

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function stationOf(queue: string): Station {
  const ends = { happyEnd: 'happy-end', errorEnd: 'error-end' }
  return { queue, isEnd: false, ...ends, retry: DEFAULT_RETRY_POLICY }
}

function readMessage(body: Uint8Array): IdentifiedMessage {
  const decoded = decodeMessage(body)
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  return { ...decoded.message, id: decoded.message.id ?? 'given-by-the-first-sidecar' }
}

/** What comes of a frame at the other end of a socket, in pieces of seven bytes. */
function readFrame(stream: Buffer): Uint8Array {
  const reader = new FrameReader()
  for (let at = 0; at < stream.length; at += 7) {
    const [event] = reader.push(stream.subarray(at, at + 7))
    if (event?.type === 'frame') return event.body
  }
  throw new Error('no frame')
}

/** A runtime whose handler gives its payload back, once or several times. */
function answer(frame: Uint8Array, times: number): Buffer {
  const decoded = decodeRequest(frame)
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  const payload = bytesToText(decoded.request.message.payload)
  return encodeOutputs(Array.from({ length: times }, () => ({ payload })))
}

/** One hop of a body; the bodies that it led to, and where they go. */
function hop(
  body: Buffer,
  times = 1,
): readonly { readonly queue: string; readonly body: Buffer }[] {
  const message = readMessage(body)
  const station = stationOf(message.route.steps[message.route.current] ?? '')
  const frame = encodeRequestFrame({ message, deadlineMs: 1_000, accept: ACCEPTED_FRAMES })
  const request = readFrame(Buffer.concat(frame))
  const reply = decodeReply(readFrame(encodeFrame(answer(request, times))))
  if (reply.type !== 'outputs') throw new Error(JSON.stringify(reply))
  const decision = decide(station, { message, outcome: reply, random: 0.5 })
  if (decision.type !== 'publish') throw new Error(decision.type)
  return decision.publications.map((publication) => ({
    queue: publication.queue,
    body: encodeMessage(publication.message),
  }))
}

function through(body: Buffer, hops: number): Buffer {
  let now = body
  for (let count = 0; count < hops; count++) now = hop(now)[0]?.body ?? Buffer.alloc(0)
  return now
}

const toTexts = (message: Message): unknown =>
  message.unknown.map(({ nameBytes, value }) => [nameBytes, value].map(bytesToText))

const choices = fc.array(fc.nat({ max: 1_000 }), { maxLength: 200 })
const isKnown = /^"(?:route|payload)"$/

describe('After five hops', () => {
  it('the payload and everything unknown are what they were, byte for byte', () => {
    fc.assert(
      fc.property(choices, choices, fc.constantFrom('', ' ', '\n'), (inner, other, space) => {
        const payload = writeJson(inner)
        const unknown = writeJsonMembers(other).filter(([name]) => !isKnown.test(name))
        const members = [
          ['"job_id"', '"j-1"'],
          ['"headers"', '{"traceparent":"00-1-2-01","n":1.0}'],
          ...unknown,
          ['"payload"', payload],
          ['"route"', `{"steps":${JSON.stringify(STEPS)},"metadata":{"n":1e400},"current":0}`],
        ] as const
        const end = readMessage(through(Buffer.from(joinMembers(members, space)), STEPS.length))
        expect(sha256(end.payload)).toBe(sha256(Buffer.from(payload)))
        expect(toTexts(end)).toEqual(unknown)
        expect(end.route.unknown.map(({ value }) => bytesToText(value))).toEqual(['{"n":1e400}'])
        expect(end).toMatchObject({ id: 'given-by-the-first-sidecar', jobId: 'j-1', branch: [] })
        expect(end.headers && bytesToText(end.headers)).toBe('{"traceparent":"00-1-2-01","n":1.0}')
        expect(end.route).toMatchObject({ steps: STEPS, current: 5 })
      }),
      { numRuns: 500 },
    )
  })

  it('a number that no double can hold is still the same number', () => {
    const text = '{"n":9007199254740993,"one":1.0,"zero":-0,"huge":1e400,"n":2,"t":"\\ud800"}'
    const body = `{"route":{"steps":${JSON.stringify(STEPS)},"current":0},"payload":${text}}`
    expect(bytesToText(readMessage(through(Buffer.from(body), 5)).payload)).toBe(text)
  })

  it('the body is stable: nothing grows from hop to hop but the number of the step', () => {
    const body = `{"route":{"steps":${JSON.stringify(STEPS)},"current":0},"payload":{"n":1}}`
    const lengths = [1, 2, 3, 4, 5].map((hops) => through(Buffer.from(body), hops).length)
    expect(new Set(lengths).size).toBe(1)
  })
})

describe('Three nested fan-outs', () => {
  it('make messages whose ids, parents and branches are all told apart, the same each time', () => {
    const run = (): readonly Buffer[] => {
      const body = `{"id":"m","route":{"steps":${JSON.stringify(STEPS)},"current":0},"payload":1}`
      let bodies: readonly Buffer[] = [Buffer.from(body)]
      for (const times of [3, 1, 4, 2])
        bodies = bodies.flatMap((each) => hop(each, times).map((child) => child.body))
      return bodies
    }
    const bodies = run()
    expect(bodies.map(String)).toEqual(run().map(String))
    const messages = bodies.map(readMessage)
    expect(new Set(messages.map(({ id }) => id)).size).toBe(24)
    expect(new Set(messages.map(({ branch }) => JSON.stringify(branch))).size).toBe(24)
    expect(new Set(messages.map(({ parentId }) => parentId)).size).toBe(12)
    expect(messages.every(({ branch }) => branch.length === 3)).toBe(true)
  })
})

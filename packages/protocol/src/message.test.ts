import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_BRANCH_DEPTH, ROOT, type Branch } from './branch.ts'
import { FrameReader } from './frame.ts'
import { bytesToText, MAX_INDEX, stringifyToBytes, toJsonBytes } from './json-bytes.ts'
import { scanObject, type RawMember } from './json-scan.ts'
import {
  decodeMessage,
  decodeRequest,
  encodeMessage,
  encodeRequestFrame,
  encodeShutdown,
  isShutdown,
  salvageIds,
  type DecodedMessage,
  type Message,
  type Request,
} from './message.ts'
import { isId } from './names.ts'
import { joinMembers, writeJson, writeJsonMembers } from './testing/json-text.ts'

const choices = fc.array(fc.nat({ max: 1_000 }), { maxLength: 200 })
const payload = choices.map((given) => toJsonBytes(Buffer.from(writeJson(given))))
const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(isId)

const KNOWN = /^"(?:route|payload)"$/

/** Members that this version does not know, cut from a text as a decoder cuts them. */
const unknown = choices.map((given): readonly RawMember[] => {
  const members = writeJsonMembers(given).filter(([name]) => !KNOWN.test(name))
  const scanned = scanObject(Buffer.from(joinMembers(members, '')))
  if (!scanned.ok) throw new Error(scanned.failure.reason)
  return scanned.value
})

const branch: fc.Arbitrary<Branch> = fc.array(
  fc
    .tuple(fc.nat({ max: 9 }), fc.integer({ min: 10, max: 10_000 }))
    .map(([index, count]) => ({ index, count, generation: 'gen-1' })),
  { maxLength: 4 },
)

const route = fc
  .tuple(fc.array(fc.stringMatching(/^[a-z][a-z0-9.-]{0,9}$/), { maxLength: 5 }), fc.nat(), unknown)
  .map(([steps, place, members]) => ({
    steps,
    current: place % (steps.length + 1),
    unknown: members,
  }))

const message: fc.Arbitrary<Message> = fc.record(
  {
    id,
    parentId: id,
    jobId: id,
    attempt: fc.integer({ min: 1, max: MAX_INDEX }),
    branch,
    route,
    headers: fc.constant(stringifyToBytes({ traceparent: '00-1-2-01', n: 1.5 })),
    error: fc.constant(stringifyToBytes({ type: 'processing_error', message: 'ü' })),
    payload,
    unknown,
  },
  { requiredKeys: ['attempt', 'branch', 'route', 'payload', 'unknown'] },
)

/** Bytes as text, so that two messages can be compared whatever memory they lie in. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToText(value)
  if (Array.isArray(value)) return value.map(toPlain)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members.map(([name, member]) => [name, toPlain(member)])
}

const sortMembers = (value: unknown): unknown => (Array.isArray(value) ? [...value].sort() : value)

function expectSame(one: Message, other: Message): void {
  expect(sortMembers(toPlain(one))).toEqual(sortMembers(toPlain(other)))
}

function messageOf(decoded: DecodedMessage): Message {
  if (!decoded.ok) throw new Error(`${decoded.failure.rule}: ${decoded.failure.reason}`)
  return decoded.message
}

const body = (text: string): Buffer => Buffer.from(text)

/** A request's frame without its length. */
function encodeRequest(request: Request): Buffer {
  const [event] = new FrameReader().push(Buffer.concat(encodeRequestFrame(request)))
  if (event?.type !== 'frame') throw new Error('not one whole frame')
  return event.body
}

describe('The codec of messages', () => {
  it('changes nothing: what was encoded is decoded the same, byte for byte', () => {
    fc.assert(
      fc.property(message, (given) => {
        expectSame(messageOf(decodeMessage(encodeMessage(given))), given)
      }),
      { numRuns: 1_000 },
    )
  })

  it('writes JSON, of which JSON.parse sees the same payload', () => {
    fc.assert(
      fc.property(message, (given) => {
        const parsed = JSON.parse(encodeMessage(given).toString()) as Record<string, unknown>
        expect(parsed['payload']).toEqual(JSON.parse(bytesToText(given.payload)))
      }),
    )
  })

  it('is the identity on the payload in whatever order and spacing a body is written', () => {
    const spaces = fc.constantFrom('', ' ', '\n\t')
    fc.assert(
      fc.property(choices, choices, spaces, fc.boolean(), (inner, other, space, isFirst) => {
        const text = writeJson(inner)
        const others = writeJsonMembers(other).filter(([name]) => !KNOWN.test(name))
        const known = [
          ['"route"', '{"steps":["a"],"current":0}'],
          ['"payload"', text],
        ] as const
        const members = isFirst ? [...known, ...others] : [...others, ...known]
        const decoded = messageOf(decodeMessage(body(joinMembers(members, space))))
        const again = messageOf(decodeMessage(encodeMessage(decoded)))
        expect(bytesToText(again.payload)).toBe(text)
        const kept = again.unknown.map(({ nameBytes, value }) =>
          [nameBytes, value].map(bytesToText),
        )
        expect(kept).toEqual(others)
      }),
      { numRuns: 1_000 },
    )
  })

  it('leaves out an attempt of 1, an empty branch and what is absent', () => {
    const route = { steps: ['a'], current: 0, unknown: [] }
    const least = { attempt: 1, branch: ROOT, route, payload: stringifyToBytes(null), unknown: [] }
    expect(encodeMessage(least).toString()).toBe(
      '{"route":{"steps":["a"],"current":0},"payload":null}',
    )
  })

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        decodeMessage(bytes)
        salvageIds(bytes)
        isShutdown(bytes)
      }),
      { numRuns: 5_000 },
    )
  })

  it('never throws at a message of which one byte changed, and then accepts only an envelope', () => {
    fc.assert(
      fc.property(message, fc.nat(), fc.nat({ max: 255 }), (given, place, byte) => {
        const bytes = encodeMessage(given)
        bytes[place % bytes.length] = byte
        const decoded = decodeMessage(bytes)
        if (decoded.ok)
          expectSame(messageOf(decodeMessage(encodeMessage(decoded.message))), decoded.message)
      }),
      { numRuns: 3_000 },
    )
  })

  it('takes nothing from the names of built-in properties', () => {
    const text =
      '{"__proto__":{"id":"evil"},"constructor":1,"route":{"steps":["a"],"current":0},"payload":1}'
    const decoded = messageOf(decodeMessage(body(text)))
    expect(decoded.id).toBeUndefined()
    expect(({} as Record<string, unknown>)['id']).toBeUndefined()
    expect(decoded.unknown.map((member) => member.name)).toEqual(['__proto__', 'constructor'])
  })

  it('gives slices of the body, never copies of the payload', () => {
    const bytes = encodeMessage({
      attempt: 1,
      branch: ROOT,
      route: { steps: [], current: 0, unknown: [] },
      payload: stringifyToBytes('x'.repeat(10_000)),
      unknown: [],
    })
    expect(messageOf(decodeMessage(bytes)).payload.buffer).toBe(bytes.buffer)
  })

  it('names the first mistake, with the place of it, and no long text of the sender', () => {
    const failureOf = (text: string): unknown => {
      const decoded = decodeMessage(body(text))
      return decoded.ok ? undefined : decoded.failure
    }
    expect(failureOf('{"route":1')).toEqual({
      rule: 'invalid_json',
      code: 'invalid_json',
      reason: 'expected a comma or the end (byte 10)',
    })
    expect(failureOf('{"payload":1}')).toMatchObject({ code: 'msg_parsing_error' })
    const name = 'x'.repeat(1_000_000)
    expect(failureOf(`{"${name}":1,"${name}":2}`)).toMatchObject({
      reason: expect.stringMatching(/^.{1,200}$/),
    })
  })
})

describe('The deepest branch', () => {
  it('is read; one deeper is refused', () => {
    const entry = { index: 0, count: 2, generation: 'g' }
    const encode = (depth: number): Buffer =>
      encodeMessage({
        attempt: 1,
        branch: Array.from({ length: depth }, () => entry),
        route: { steps: [], current: 0, unknown: [] },
        payload: stringifyToBytes(0),
        unknown: [],
      })
    expect(decodeMessage(encode(MAX_BRANCH_DEPTH)).ok).toBe(true)
    expect(decodeMessage(encode(MAX_BRANCH_DEPTH + 1))).toMatchObject({
      failure: { rule: 'invalid_branch' },
    })
  })
})

describe('The codec of requests', () => {
  it('changes nothing, and adds only what belongs to the call', () => {
    const accept = fc.array(fc.string({ maxLength: 8 }), { maxLength: 3 })
    fc.assert(
      fc.property(message, fc.nat({ max: MAX_INDEX }), accept, (given, deadlineMs, kinds) => {
        const decoded = decodeRequest(encodeRequest({ message: given, deadlineMs, accept: kinds }))
        if (!decoded.ok) throw new Error(decoded.failure.reason)
        expectSame(decoded.request.message, given)
        expect(decoded.request.deadlineMs).toBe(deadlineMs)
        expect(decoded.request.accept).toEqual(kinds)
      }),
    )
  })

  it('has a long payload as a part of its own, which is not copied', () => {
    const payload = stringifyToBytes('x'.repeat(100_000))
    const route = { steps: ['a'], current: 0, unknown: [] }
    const given: Message = { attempt: 1, branch: ROOT, route, payload, unknown: [] }
    const frame = encodeRequestFrame({ message: given, deadlineMs: 5, accept: [] })
    expect(frame[1]).toBe(payload)
    const decoded = decodeRequest(encodeRequest({ message: given, deadlineMs: 5, accept: [] }))
    if (!decoded.ok) throw new Error(decoded.failure.reason)
    expectSame(decoded.request.message, given)
  })

  it('is never forwarded: a message forgets what belonged to the call', () => {
    fc.assert(
      fc.property(message, (given) => {
        const request = encodeRequest({ message: given, deadlineMs: 5, accept: ['progress'] })
        expect(encodeMessage(messageOf(decodeMessage(request)))).toEqual(encodeMessage(given))
      }),
    )
  })

  it.each([
    [0.2, 1],
    [-5, 0],
    [1_500.5, 1_501],
    [Infinity, MAX_INDEX],
    [1e12, MAX_INDEX],
  ])('writes a deadline of %d ms as the whole number %d that the wire knows', (given, written) => {
    const route = { steps: [], current: 0, unknown: [] }
    const least = { attempt: 1, branch: ROOT, route, payload: stringifyToBytes(0), unknown: [] }
    const decoded = decodeRequest(encodeRequest({ message: least, deadlineMs: given, accept: [] }))
    expect(decoded).toMatchObject({ request: { deadlineMs: written } })
  })

  it('asks a runtime to finish with what is no message', () => {
    expect(isShutdown(encodeShutdown())).toBe(true)
    expect(decodeRequest(encodeShutdown())).toMatchObject({ failure: { rule: 'missing_route' } })
    for (const text of [
      '{}',
      '{"shutdown":false}',
      '{"shutdown":true,"shutdown":true}',
      '{"shutdown":true,"route":1}',
    ])
      expect(isShutdown(body(text)), text).toBe(false)
    expect(isShutdown(body(`{"shutdown":true,"x":"${'x'.repeat(2_000)}"}`))).toBe(false)
  })
})

describe('Of a body that is no message', () => {
  it('the ids before the mistake are read, so that its job hears of it', () => {
    const text = '{"id":"m","parent_id":"p","job_id":"j","branch":[[1,2,"g"]],"payload":{"a":'
    expect(salvageIds(body(text))).toEqual({
      id: 'm',
      parentId: 'p',
      jobId: 'j',
      branch: [{ index: 1, count: 2, generation: 'g' }],
    })
  })

  it('the ids are read also when another member is not UTF-8', () => {
    const bytes = Buffer.concat([
      body('{"job_id":"j","payload":"'),
      Buffer.from([0xff]),
      body('"}'),
    ])
    expect(salvageIds(bytes)).toEqual({ jobId: 'j', branch: ROOT })
    const id = Buffer.concat([body('{"job_id":"j","id":"'), Buffer.from([0xff]), body('"}')])
    expect(salvageIds(id)).toEqual({ jobId: 'j', branch: ROOT })
  })

  it('nothing malformed is taken for an id', () => {
    expect(salvageIds(body('{"id":7,"job_id":"","branch":"x","parent_id":"\\ud800"'))).toEqual({
      branch: ROOT,
    })
    expect(salvageIds(body('no json'))).toEqual({ branch: ROOT })
  })

  it('every accepted message gives the ids that it has', () => {
    fc.assert(
      fc.property(message, (given) => {
        const { id, parentId, jobId } = given
        const salvaged = salvageIds(encodeMessage(given))
        expect({ ...{ id, parentId, jobId }, ...salvaged }).toEqual({
          ...{ id, parentId, jobId },
          branch: given.branch,
        })
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeFailure, type Failure } from './failure.ts'
import { bytesToText } from './json-bytes.ts'
import {
  decodeReply,
  encodeFailure,
  encodeMetrics,
  encodeOutput,
  encodeOutputs,
  encodeProgress,
  MAX_OUTPUTS,
  type OutputText,
  type Reply,
} from './reply.ts'
import { writeJson } from './testing/json-text.ts'

const decode = (text: string): Reply => decodeReply(Buffer.from(text))

const jsonText = fc.array(fc.nat({ max: 1_000 }), { maxLength: 60 }).map(writeJson)
const route = fc.constantFrom({ steps: ['a', 'b'], current: 0 }, { steps: ['a'], current: 1 })
const output: fc.Arbitrary<OutputText> = fc.record(
  { payload: jsonText, route },
  { requiredKeys: ['payload'] },
)

/** Outputs as they were encoded. */
function toTexts(reply: Reply): unknown {
  if (reply.type !== 'outputs') return reply
  return reply.outputs.map((given) => ({
    payload: bytesToText(given.payload),
    ...(given.route ? { route: { steps: given.route.steps, current: given.route.current } } : {}),
  }))
}

describe('The outputs of a handler', () => {
  it('are read as they were written, payloads byte for byte', () => {
    fc.assert(
      fc.property(fc.array(output, { maxLength: 6 }), (outputs) => {
        expect(toTexts(decodeReply(encodeOutputs(outputs)))).toEqual(outputs)
      }),
      { numRuns: 500 },
    )
  })

  it('are one in an interim frame', () => {
    fc.assert(
      fc.property(output, (given) => {
        const reply = decodeReply(encodeOutput(given))
        if (reply.type !== 'output') throw new Error(reply.type)
        expect(toTexts({ type: 'outputs', outputs: [reply.output] })).toEqual([given])
      }),
    )
  })

  it('are at most 10,000', () => {
    const outputs = Array.from({ length: MAX_OUTPUTS }, () => ({ payload: '0' }))
    expect(decodeReply(encodeOutputs(outputs))).toMatchObject({ type: 'outputs' })
    const tooMany = [...outputs, { payload: '0' }]
    expect(decodeReply(encodeOutputs(tooMany))).toMatchObject({
      failure: { code: 'msg_parsing_error', message: 'malformed reply: more than 10000 items' },
    })
  })

  it('are slices of the frame, never copies', () => {
    const frame = encodeOutputs([{ payload: JSON.stringify('x'.repeat(10_000)) }])
    const reply = decodeReply(frame)
    expect(reply.type === 'outputs' && reply.outputs[0]?.payload.buffer).toBe(frame.buffer)
  })

  it.each([0, 1])(
    'are as deep as a message may be, in each form: %i deeper than 128 or not',
    (more) => {
      const nest = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
      const inObject = `{"k":${nest(127 + more)}}`
      const forms = [
        `[{"payload":${nest(128 + more)}}]`,
        `{"output":{"payload":${nest(128 + more)}}}`,
        `{"status":"ok","result":[${nest(128 + more)}]}`,
        `{"status":"ok","result":${inObject}}`,
      ]
      const expected = more === 0 ? 'accepted' : 'msg_parsing_error'
      for (const form of forms) {
        const reply = decode(form)
        expect(reply.type === 'failed' ? reply.failure.code : 'accepted', form).toBe(expected)
      }
    },
  )
})

describe('A failure', () => {
  const failure: fc.Arbitrary<Failure> = fc.record(
    {
      code: fc.string({ minLength: 1, maxLength: 20 }),
      message: fc.string({ unit: 'binary' }),
      exception: fc.string(),
      traceback: fc.string({ unit: 'binary' }),
      severity: fc.constantFrom('recoverable', 'fatal'),
      retryAfterMs: fc.integer({ min: 0, max: 1e9 }),
    },
    { requiredKeys: ['code', 'message', 'severity'] },
  )

  it('is read as it was written', () => {
    fc.assert(
      fc.property(failure, (given) => {
        const reply = decodeReply(encodeFailure(given))
        if (reply.type !== 'failed') throw new Error(reply.type)
        const { retryAfterMs, ...rest } = given
        expect(reply.failure).toMatchObject(rest)
        expect(reply.failure.retryAfterMs ?? -1).toBeCloseTo(retryAfterMs ?? -1, 6)
      }),
      { numRuns: 500 },
    )
  })

  it('is never taken for outputs, and no malformed reply publishes anything', () => {
    const parts = [
      '[',
      ']',
      '{',
      '}',
      ',',
      '"payload":1',
      '"error":"x"',
      '"route":{}',
      '"status":"ok"',
    ]
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts, ' ', '"result":[1]'), { maxLength: 12 }),
        (given) => {
          const text = given.join('')
          const reply = decode(text)
          if (reply.type !== 'outputs') return
          expect(() => JSON.parse(text) as unknown, text).not.toThrow()
          expect(text).not.toMatch(/"error"/)
        },
      ),
      { numRuns: 20_000 },
    )
  })

  it('keeps its details when another part of it is wrong', () => {
    expect(decode('[{"error":"oom_error","details":"none"}]')).toMatchObject({
      failure: { code: 'oom_error', message: 'oom_error' },
    })
    expect(decode('[{"error":"oom_error","details":{"message":"m","type":7}}]')).toEqual({
      type: 'failed',
      failure: { code: 'oom_error', message: 'm', severity: 'recoverable' },
    })
    expect(decode('[{"error":"oom_error","retry_after":"5"}]')).toMatchObject({ type: 'failed' })
  })

  it('of a wrong severity says of which code it was', () => {
    expect(decode('[{"error":"oom_error","severity":"warning"}]')).toMatchObject({
      failure: {
        code: 'msg_parsing_error',
        message: expect.stringContaining('"oom_error"'),
      },
    })
  })
})

describe('Interim frames', () => {
  it('are read as they were written', () => {
    expect(decodeReply(encodeProgress(50, 'half'))).toEqual({
      type: 'progress',
      percent: 50,
      message: 'half',
    })
    expect(decodeReply(encodeProgress(1))).toEqual({ type: 'progress', percent: 1 })
    const metric = {
      kind: 'histogram',
      name: 'pages',
      value: 2.5,
      labels: { kind: 'pdf' },
    } as const
    expect(decodeReply(encodeMetrics([metric]))).toEqual({ type: 'metrics', metrics: [metric] })
  })

  it('never fail the message for a number that JSON cannot write', () => {
    for (const percent of [NaN, Infinity, -Infinity, -1, 101]) {
      const reply = decodeReply(encodeProgress(percent))
      expect(reply.type === 'progress' && reply.percent, String(percent)).toBe(
        percent > 100 ? 100 : 0,
      )
    }
    const metric = { kind: 'gauge', name: 'n', value: NaN, labels: {} } as const
    expect(decodeReply(encodeMetrics([metric]))).toEqual({ type: 'metrics', metrics: [] })
  })

  it('have labels that are texts, and no way into the prototype', () => {
    const text =
      '{"metrics":[{"kind":"gauge","name":"n","value":1,"labels":{"__proto__":"x","n":2,"b":true}}]}'
    const reply = decode(text)
    const labels = reply.type === 'metrics' ? reply.metrics[0]?.labels : undefined
    expect(Object.entries(labels ?? {})).toEqual([
      ['__proto__', 'x'],
      ['n', '2'],
      ['b', 'true'],
    ])
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })
})

describe('decodeReply', () => {
  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        decodeReply(bytes)
      }),
      { numRuns: 5_000 },
    )
  })

  it('answers soon to a frame of nothing but white space or control codes', () => {
    const startedAt = performance.now()
    expect(decodeReply(Buffer.alloc(10_000_000, 0x20)).type).toBe('failed')
    expect(decodeReply(Buffer.alloc(10_000_000, 0x01)).type).toBe('failed')
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })

  it('calls its own refusals fatal: the same handler would answer the same', () => {
    const reply = decode('nonsense')
    expect(reply).toEqual({
      type: 'failed',
      failure: makeFailure('msg_parsing_error', 'malformed reply: neither an array nor an object'),
    })
  })
})

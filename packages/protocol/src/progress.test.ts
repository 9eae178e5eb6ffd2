import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROOT } from './branch.ts'
import { bytesToText, stringifyToBytes, toJsonBytes } from './json-bytes.ts'
import {
  decodeFinal,
  decodeProgress,
  decodeProgressBatch,
  encodeFinal,
  encodeProgressBatch,
  type FinalReport,
  type ProgressReport,
} from './progress.ts'
import { writeJson } from './testing/json-text.ts'

const body = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

describe('A final report', () => {
  const branch = [{ index: 1, count: 3, generation: 'g' }]

  it('carries its result byte for byte', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 })).map(writeJson), (text) => {
        const result = toJsonBytes(Buffer.from(text))
        const final: FinalReport = { status: 'succeeded', jobId: 'j', branch, result }
        const decoded = decodeFinal('j', encodeFinal(final))
        expect(decoded).toMatchObject({ status: 'succeeded', jobId: 'j', branch })
        expect(decoded?.status === 'succeeded' && bytesToText(decoded.result)).toBe(text)
      }),
    )
  })

  it('carries its error', () => {
    const error = stringifyToBytes({ type: 'oom_error' })
    const decoded = decodeFinal('j', encodeFinal({ status: 'failed', jobId: 'j', branch, error }))
    expect(decoded?.status === 'failed' && bytesToText(decoded.error)).toBe('{"type":"oom_error"}')
  })

  it('is of the root when it names no branch', () => {
    expect(decodeFinal('j', body({ status: 'succeeded', result: null }))?.branch).toEqual(ROOT)
  })

  it.each([
    '',
    '[]',
    '{}',
    '{"status":"succeeded"}',
    '{"status":"succeeded","error":{}}',
    '{"status":"failed","result":1}',
    '{"status":"failed","error":"text"}',
    '{"status":"failed","error":{"a":tru}}',
    '{"status":"done","result":1}',
    '{"status":"succeeded","result":1,"result":2}',
    '{"status":"succeeded","result":1,"branch":null}',
    '{"status":"succeeded","result":1,"branch":[[3,3,"g"]]}',
    '{"status":"succeeded","result":[}',
  ])('is malformed: %j', (text) => {
    expect(decodeFinal('j', Buffer.from(text))).toBeUndefined()
  })

  it('is malformed when it is not UTF-8', () => {
    const bytes = Buffer.from('{"status":"succeeded","result":"x"}')
    bytes[bytes.indexOf('x')] = 0xff
    expect(decodeFinal('j', bytes)).toBeUndefined()
  })
})

describe('Progress', () => {
  const report: fc.Arbitrary<ProgressReport> = fc.record(
    {
      jobId: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
      step: fc.string(),
      stepIndex: fc.nat(),
      totalSteps: fc.nat(),
      status: fc.constantFrom('received', 'processing', 'completed'),
      actorName: fc.string(),
      percent: fc.double({ min: 0, max: 100, noNaN: true }).map((percent) => percent + 0),
      message: fc.string({ unit: 'binary' }),
      durationMs: fc.integer({ min: 0, max: 999_999_999 }),
      payloads: fc.record({
        branch: fc.constantFrom('', '0.3.g', '0.3.g/1.2.h-_'),
        excerpts: fc.array(fc.record({ text: fc.string({ unit: 'binary' }), bytes: fc.nat() })),
        count: fc.nat({ max: 999_999_999 }),
      }),
    },
    { requiredKeys: ['jobId', 'step', 'stepIndex', 'totalSteps', 'status', 'actorName'] },
  )

  it('is read as it was written, many reports at once', () => {
    fc.assert(
      fc.property(fc.array(report.map(capped)), (reports) => {
        expect(decodeProgressBatch(encodeProgressBatch(reports))).toEqual(reports)
      }),
    )
  })

  it('is read from the path and body of a single report, as the original sends it', () => {
    const sent = {
      step: 's',
      step_index: 1,
      total_steps: 3,
      status: 'completed',
      actor_name: 'a',
      message: 'm',
      duration_ms: 12,
      message_size_kb: 4,
    }
    expect(decodeProgress('j', body(sent))).toEqual({
      jobId: 'j',
      step: 's',
      stepIndex: 1,
      totalSteps: 3,
      status: 'completed',
      actorName: 'a',
      message: 'm',
      durationMs: 12,
    })
    expect(decodeProgress('j', body({ ...sent, job_id: 'another' }))?.jobId).toBe('j')
    expect(decodeProgress('j', Buffer.from('{'))).toBeUndefined()
  })

  it('leaves out what is malformed, and keeps the rest of the batch', () => {
    const good = { job_id: 'j', step: 's', status: 'received' }
    const bad = [
      ...[null, 1, 'x', [], {}, { ...good, job_id: 7 }, { ...good, job_id: '' }],
      ...[
        { ...good, job_id: 'a\u0000' },
        { ...good, step: null },
        { ...good, status: 'done' },
      ],
    ]
    expect(decodeProgressBatch(body({ updates: [...bad, good] }))).toEqual([
      { jobId: 'j', step: 's', stepIndex: 0, totalSteps: 0, status: 'received', actorName: 's' },
    ])
  })

  it('has no payloads where they are malformed, and is kept', () => {
    const update = { job_id: 'j', step: 's', status: 'received' }
    const good = { branch: '', count: 1, excerpts: [{ text: '1', bytes: 1 }] }
    const bad = [
      ...[null, 1, [], {}, { ...good, branch: 'a\u0000' }, { ...good, branch: 7 }],
      ...[
        { ...good, count: '1' },
        { ...good, excerpts: 'x' },
      ],
    ]
    const updates = bad.map((payloads) => ({ ...update, payloads }))
    const decoded = decodeProgressBatch(body({ updates }))
    expect(decoded.map(({ payloads }) => payloads)).toEqual(bad.map(() => undefined))
    const excerpts = [null, { text: 1, bytes: 1 }, { text: 'x' }, { text: '1', bytes: 1 }]
    const mixed = { updates: [{ ...update, payloads: { ...good, excerpts } }] }
    expect(decodeProgressBatch(body(mixed))[0]?.payloads).toEqual(good)
  })

  it('has numbers that a table can keep, whatever was sent', () => {
    const update =
      '{"job_id":"j","step":"s","status":"received","step_index":-1.5,"total_steps":1e300,"percent":1e400,"duration_ms":-5}'
    expect(decodeProgressBatch(Buffer.from(`{"updates":[${update}]}`))).toMatchObject([
      { stepIndex: 0, totalSteps: 999_999_999, percent: 100, durationMs: 0 },
    ])
  })

  it.each(['', 'null', '1', '[]', '{}', '{"updates":{}}', '{"updates":[}', '{"updates":"x"}'])(
    'of a malformed body is none: %j',
    (text) => {
      expect(decodeProgressBatch(Buffer.from(text))).toEqual([])
    },
  )
})

/** Indices fit nine digits on the wire. */
function capped(report: ProgressReport): ProgressReport {
  const cap = (value: number): number => Math.min(value, 999_999_999)
  return { ...report, stepIndex: cap(report.stepIndex), totalSteps: cap(report.totalSteps) }
}

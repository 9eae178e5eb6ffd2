import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_BRANCH_DEPTH, ROOT } from './branch.ts'
import {
  decide,
  explainMisroute,
  toUnroutable,
  wrapUndecodable,
  type Decision,
  type IdentifiedMessage,
  type Outcome,
  type Publication,
  type Station,
} from './decide.ts'
import { makeFailure } from './failure.ts'
import { bytesToText, MAX_INDEX, parseJson, stringifyToBytes, toJsonBytes } from './json-bytes.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import type { Output } from './reply.ts'
import { DEFAULT_RETRY_POLICY, RETRY_TIERS_MS } from './retry.ts'

const station: Station = {
  queue: 'split',
  isEnd: false,
  happyEnd: 'happy-end',
  errorEnd: 'error-end',
  retry: DEFAULT_RETRY_POLICY,
}
const happyEnd: Station = { ...station, queue: 'happy-end', isEnd: true }
const errorEnd: Station = { ...station, queue: 'error-end', isEnd: true }

const jobless: IdentifiedMessage = {
  id: 'm-1',
  attempt: 1,
  branch: ROOT,
  route: { steps: ['extract', 'split', 'classify'], current: 1, unknown: [] },
  headers: stringifyToBytes({ traceparent: '00-1-2-01' }),
  payload: stringifyToBytes({ n: 1 }),
  unknown: [],
}
const message: IdentifiedMessage = { ...jobless, jobId: 'j-1' }

const outputOf = (text: string, steps?: readonly string[]): Output => ({
  payload: toJsonBytes(Buffer.from(text)),
  ...(steps ? { route: { steps, current: 1, unknown: [] } } : {}),
})

const outputs = (...given: readonly Output[]): Outcome => ({ type: 'outputs', outputs: given })
const failedWith = (failure = makeFailure('processing_error', 'no')): Outcome => ({
  type: 'failed',
  failure,
})

interface Given {
  readonly at?: Station
  readonly message?: Partial<IdentifiedMessage>
  readonly outcome: Outcome
  readonly random?: number
}

function decideOn({ at = station, message: changes = {}, outcome, random = 0.5 }: Given): Decision {
  return decide(at, { message: { ...message, ...changes }, outcome, random })
}

function publicationsOf(decision: Decision): readonly Publication[] {
  if (decision.type !== 'publish') throw new Error(decision.type)
  return decision.publications
}

function onlyPublicationOf(decision: Decision): Publication {
  const [publication, ...more] = publicationsOf(decision)
  if (!publication || more.length > 0) throw new Error(`${more.length + 1} publications`)
  return publication
}

const errorOf = (publication: Publication): unknown =>
  publication.message.error && parseJson(publication.message.error)

describe('One output', () => {
  it('goes to the next step, with the id, branch, job and headers of its message', () => {
    const { queue, message: sent } = onlyPublicationOf(
      decideOn({ outcome: outputs(outputOf('2')) }),
    )
    expect(queue).toBe('classify')
    expect(sent).toEqual({
      ...message,
      route: { ...message.route, current: 2 },
      payload: Buffer.from('2'),
    })
  })

  it('goes to happy-end when the route is finished', () => {
    const route = { ...message.route, current: 2 }
    const decision = decideOn({ message: { route }, outcome: outputs(outputOf('2')) })
    expect(decision).toMatchObject({ end: 'routed' })
    expect(onlyPublicationOf(decision)).toMatchObject({
      queue: 'happy-end',
      message: { route: { current: 3 } },
    })
  })

  it('of a message whose route was finished before stays at the end', () => {
    const route = { ...message.route, current: 3 }
    const decision = decideOn({ message: { route }, outcome: outputs(outputOf('2')) })
    expect(onlyPublicationOf(decision)).toMatchObject({
      queue: 'happy-end',
      message: { route: { current: 3 } },
    })
  })

  it('follows the steps ahead that it chose, and keeps what the route holds besides', () => {
    const unknown = [
      { name: 'metadata', nameBytes: stringifyToBytes('metadata'), value: stringifyToBytes(1) },
    ]
    const chosen = outputOf('2', ['extract', 'split', 'translate', 'store'])
    const decision = decideOn({
      message: { route: { ...message.route, unknown } },
      outcome: outputs(chosen),
    })
    expect(onlyPublicationOf(decision)).toMatchObject({
      queue: 'translate',
      message: {
        route: { steps: ['extract', 'split', 'translate', 'store'], current: 2, unknown },
      },
    })
  })

  it('may end the route early by leaving no step ahead', () => {
    const decision = decideOn({ outcome: outputs(outputOf('2', ['extract', 'split'])) })
    expect(onlyPublicationOf(decision)).toMatchObject({
      queue: 'happy-end',
      message: { route: { steps: ['extract', 'split'], current: 2 } },
    })
  })

  it('begins its attempts anew, and leaves behind the error of an earlier life', () => {
    const error = stringifyToBytes({ type: 'oom_error' })
    const decision = decideOn({ message: { attempt: 3, error }, outcome: outputs(outputOf('2')) })
    const { message: sent } = onlyPublicationOf(decision)
    expect(sent.attempt).toBe(1)
    expect(sent.error).toBeUndefined()
  })
})

describe('No output', () => {
  it('ends the pipeline: the message goes to happy-end as it came', () => {
    const decision = decideOn({ message: { attempt: 2 }, outcome: outputs() })
    expect(decision).toEqual({
      type: 'publish',
      publications: [{ queue: 'happy-end', message }],
      end: 'ended',
    })
  })
})

describe('Several outputs', () => {
  const decision = decideOn({ outcome: outputs(outputOf('1'), outputOf('2'), outputOf('3')) })
  const sent = publicationsOf(decision).map((publication) => publication.message)

  it('go on in order, each with a parent, an id of its own and an entry in its branch', () => {
    expect(sent.map(({ payload }) => bytesToText(payload))).toEqual(['1', '2', '3'])
    expect(sent.map(({ parentId }) => parentId)).toEqual(['m-1', 'm-1', 'm-1'])
    expect(new Set([...sent.map(({ id }) => id), 'm-1']).size).toBe(4)
    const [first] = sent[0]?.branch ?? []
    expect(sent.map(({ branch }) => branch)).toEqual(
      [0, 1, 2].map((index) => [{ index, count: 3, generation: first?.generation }]),
    )
  })

  it('are the same messages when the handler answers the same again', () => {
    const again = decideOn({
      message: { attempt: 2 },
      outcome: outputs(outputOf('1'), outputOf('2'), outputOf('3')),
      random: 0.1,
    })
    expect(again).toEqual(decision)
  })

  it('are another generation when the handler answers otherwise, by payloads, order or routes', () => {
    const generationOf = (...given: readonly Output[]): unknown =>
      publicationsOf(decideOn({ outcome: outputs(...given) }))[0]?.message.branch[0]?.generation
    const steps = ['extract', 'split', 'store']
    const generations = [
      generationOf(outputOf('1'), outputOf('2')),
      generationOf(outputOf('2'), outputOf('1')),
      generationOf(outputOf('1.0'), outputOf('2')),
      generationOf(outputOf('1'), outputOf('2'), outputOf('3')),
      generationOf(outputOf('1', steps), outputOf('2')),
      generationOf(outputOf('1'), outputOf('2', steps)),
    ]
    expect(new Set(generations).size).toBe(generations.length)
  })

  it('may go to different steps', () => {
    const chosen = outputs(
      outputOf('1', ['extract', 'split', 'a']),
      outputOf('2', ['extract', 'split']),
    )
    const queues = publicationsOf(decideOn({ outcome: chosen })).map(({ queue }) => queue)
    expect(queues).toEqual(['a', 'happy-end'])
  })

  it('deepen the branch of a message that is a child itself', () => {
    const branch = [{ index: 1, count: 2, generation: 'g' }]
    const nested = decideOn({ message: { branch }, outcome: outputs(outputOf('1'), outputOf('2')) })
    const branches = publicationsOf(nested).map((publication) => publication.message.branch)
    expect(branches).toMatchObject([
      [...branch, { index: 0, count: 2 }],
      [...branch, { index: 1, count: 2 }],
    ])
  })

  it('are a failure where fan-outs are nested too deep: no message is sent that nobody could read', () => {
    const branch = Array.from({ length: MAX_BRANCH_DEPTH }, () => ({
      index: 0,
      count: 2,
      generation: 'g',
    }))
    const tooDeep = decideOn({
      message: { branch },
      outcome: outputs(outputOf('1'), outputOf('2')),
    })
    expect(errorOf(onlyPublicationOf(tooDeep))).toMatchObject({
      type: 'msg_parsing_error',
      message: 'fan-outs are nested more than 100 deep',
    })
    const one = decideOn({ message: { branch }, outcome: outputs(outputOf('1')) })
    expect(onlyPublicationOf(one).queue).toBe('classify')
  })
})

describe('A route that was changed where it may not be', () => {
  it.each([
    ['a step behind', ['other', 'split', 'classify']],
    ['the step itself', ['extract', 'other', 'classify']],
    ['the step itself, left out', ['extract']],
  ])('fails the message, and nothing is published: %s', (_, steps) => {
    const decision = decideOn({ outcome: outputs(outputOf('1'), outputOf('2', steps)) })
    const publication = onlyPublicationOf(decision)
    expect(publication).toMatchObject({ queue: 'error-end', message: { payload: message.payload } })
    expect(errorOf(publication)).toMatchObject({ type: 'msg_parsing_error', step: 'split' })
    expect(decision).toMatchObject({ end: 'failed' })
  })
})

describe('A failure (S4)', () => {
  it('is tried again later, the message as it came and counted', () => {
    const decision = decideOn({ outcome: failedWith() })
    expect(decision).toEqual({
      type: 'publish',
      end: 'retried',
      publications: [{ queue: 'split', message: { ...message, attempt: 2 }, delayMs: 1_000 }],
    })
  })

  it('waits for one of the tiers, whatever the chance and retry_after', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.nat(),
        (random, retryAfterMs) => {
          const failure = makeFailure('processing_error', 'no', { retryAfterMs })
          const { delayMs } = onlyPublicationOf(decideOn({ outcome: failedWith(failure), random }))
          expect(RETRY_TIERS_MS).toContain(delayMs)
        },
      ),
    )
  })

  it('goes to error-end when its attempts are spent, with the original route and payload', () => {
    const failure = makeFailure('processing_error', 'no text', {
      exception: 'ValueError',
      traceback: 'at 1',
    })
    const decision = decideOn({ message: { attempt: 3 }, outcome: failedWith(failure) })
    const publication = onlyPublicationOf(decision)
    expect(publication).toMatchObject({ queue: 'error-end', message: { ...message, attempt: 1 } })
    expect(publication.delayMs).toBeUndefined()
    expect(errorOf(publication)).toEqual({
      type: 'processing_error',
      message: 'no text',
      step: 'split',
      exception: 'ValueError',
      traceback: 'at 1',
      attempts: 3,
    })
  })

  it('goes to error-end at once when it is fatal', () => {
    const decision = decideOn({ outcome: failedWith(makeFailure('validation_error', 'no')) })
    expect(onlyPublicationOf(decision).queue).toBe('error-end')
    expect(errorOf(onlyPublicationOf(decision))).toMatchObject({ attempts: 1 })
  })

  it('keeps a code that nobody knows', () => {
    const failure = { code: 'gpu_on_fire', message: 'hot', severity: 'fatal' } as const
    const publication = onlyPublicationOf(decideOn({ outcome: failedWith(failure) }))
    expect(errorOf(publication)).toMatchObject({ type: 'gpu_on_fire' })
  })

  it('is told in few bytes, however much the handler said, and never with half a character', () => {
    const long = '😀'.repeat(1_000_000)
    const failure = { code: long, message: `x${long}`, exception: long, traceback: `x${long}` }
    const decision = decideOn({ outcome: failedWith({ ...failure, severity: 'fatal' }) })
    const { error } = onlyPublicationOf(decision).message
    expect(error?.length).toBeLessThan(50_000)
    expect(error && bytesToText(error)).not.toMatch(/\\ud/i)
  })
})

describe('A message that was not served (S3)', () => {
  it.each([station, happyEnd, errorEnd])('is given back, uncharged, at $queue', (at) => {
    expect(decideOn({ at, outcome: { type: 'not-served' } })).toEqual({ type: 'release' })
  })
})

describe('At an end actor', () => {
  const finished = { ...message.route, current: 3 }

  it('a finished message is told to the gateway with its payload as result', () => {
    const decision = decideOn({ at: happyEnd, message: { route: finished }, outcome: outputs() })
    expect(decision).toMatchObject({
      type: 'report',
      final: { status: 'succeeded', jobId: 'j-1', branch: ROOT, result: message.payload },
    })
    expect(decision).not.toHaveProperty('abandoned')
  })

  it('a branch that ended early has the result null', () => {
    const decision = decideOn({ at: happyEnd, outcome: outputs() })
    expect(decision.type === 'report' && decision.final).toMatchObject({
      status: 'succeeded',
      result: Buffer.from('null'),
    })
  })

  it('a route that names the end actor itself has a result', () => {
    const route = { steps: ['extract', 'happy-end'], current: 1, unknown: [] }
    const decision = decideOn({ at: happyEnd, message: { route }, outcome: outputs() })
    expect(decision).toMatchObject({ final: { result: message.payload } })
  })

  it('a failure is told to the gateway with its error', () => {
    const error = stringifyToBytes({ type: 'oom_error' })
    const decision = decideOn({ at: errorEnd, message: { error }, outcome: outputs(outputOf('1')) })
    expect(decision).toMatchObject({ final: { status: 'failed', jobId: 'j-1', error } })
  })

  it('a failure that lost its error is told as a failure nevertheless', () => {
    const decision = decideOn({ at: errorEnd, outcome: outputs() })
    expect(decision).toMatchObject({ final: { status: 'failed' } })
  })

  it('outputs go nowhere: it publishes to no queue of the pipeline', () => {
    const decision = decideOn({ at: happyEnd, outcome: outputs(outputOf('1'), outputOf('2')) })
    expect(decision.type).toBe('report')
  })

  it('nothing is told of a message without a job', () => {
    const attempt = { message: jobless, outcome: outputs(), random: 0.5 }
    expect(decide(happyEnd, attempt)).toMatchObject({ type: 'report', final: undefined })
  })

  it('the gateway is told again and again until it listens, ever slower', () => {
    const delays = [1, 5, 100, MAX_INDEX].map((attempt) => {
      const decision = decideOn({ at: happyEnd, message: { attempt }, outcome: outputs() })
      if (decision.type !== 'report') throw new Error(decision.type)
      expect(decision.retry.queue).toBe('happy-end')
      // What is published can be read again, even after a thousand million attempts.
      expect(decodeMessage(encodeMessage(decision.retry.message)).ok).toBe(true)
      return decision.retry.delayMs
    })
    expect(delays).toEqual([1_000, 30_000, 300_000, 300_000])
  })

  it('a failure of its own handler is tried again, and at last abandoned but still reported', () => {
    expect(decideOn({ at: errorEnd, outcome: failedWith() })).toMatchObject({ end: 'retried' })
    const spent = decideOn({ at: errorEnd, message: { attempt: 3 }, outcome: failedWith() })
    expect(spent).toMatchObject({
      type: 'report',
      abandoned: { code: 'processing_error' },
      final: { status: 'failed' },
    })
  })
})

describe('A message in a queue that its route does not name', () => {
  it('must not be served, and the reason says both', () => {
    expect(explainMisroute(station, message)).toBeUndefined()
    expect(explainMisroute({ ...station, queue: 'classify' }, message)).toBe(
      'the message lies in queue classify, but its route says that its step is split',
    )
    const finished = { ...message, route: { ...message.route, current: 3 } }
    expect(explainMisroute(station, finished)).toMatch('every step is done')
  })

  it('is served at an end actor all the same', () => {
    expect(explainMisroute(errorEnd, message)).toBeUndefined()
  })
})

describe('An output whose queue does not exist (S2)', () => {
  it('goes to error-end as unroutable, with its own route and payload, so that a replay resumes there', () => {
    const publication = onlyPublicationOf(decideOn({ outcome: outputs(outputOf('2')) }))
    const unroutable = toUnroutable(station, publication)
    expect(unroutable).toMatchObject({
      queue: 'error-end',
      message: { id: 'm-1', route: { current: 2 }, payload: Buffer.from('2') },
    })
    expect(errorOf(unroutable)).toMatchObject({ type: 'unroutable', step: 'classify', attempts: 1 })
  })

  it('resumes: sent back to the missing step without its error, and ends well', () => {
    const publication = onlyPublicationOf(decideOn({ outcome: outputs(outputOf('2')) }))
    const replayed = { ...toUnroutable(station, publication).message, id: 'm-1' }
    const classify = { ...station, queue: 'classify' }
    expect(explainMisroute(classify, replayed)).toBeUndefined()
    const outcome = outputs(outputOf('3'))
    const next = onlyPublicationOf(decide(classify, { message: replayed, outcome, random: 0 }))
    const end = decide(happyEnd, { message: { ...next.message, id: 'm-1' }, outcome, random: 0 })
    expect(end).toMatchObject({ final: { status: 'succeeded', result: Buffer.from('3') } })
  })
})

describe('A body that is no message', () => {
  const ids = { id: 'm', jobId: 'j', branch: ROOT }
  const maxBodyBytes = 1_000_000
  const wrap = (body: Buffer, reason = 'invalid_json: not an object'): Publication => {
    const [only, ...more] = wrapUndecodable(station, { body, reason, ids, maxBodyBytes })
    expect(more).toEqual([])
    return only
  }

  it('is kept in parts where one message cannot hold its base64, each of them a message', () => {
    const body = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251))
    const parts = wrapUndecodable(station, { body, reason: 'no', ids, maxBodyBytes: 100_000 })
    expect(parts.length).toBeGreaterThan(2)
    const kept = parts.map(({ message }) =>
      Buffer.from(String(parseJson(message.payload)), 'base64'),
    )
    expect(Buffer.concat(kept)).toEqual(body)
    for (const [index, { queue, message }] of parts.entries()) {
      expect(queue).toBe('error-end')
      expect(encodeMessage(message).length).toBeLessThanOrEqual(100_000)
      expect(message).toMatchObject({ jobId: 'j', branch: ROOT })
      expect(parseJson(message.error ?? message.payload)).toMatchObject({
        body_encoding: 'base64',
        body_part: [index, parts.length],
      })
    }
    expect(new Set(parts.map(({ message }) => message.id)).size).toBe(parts.length)
    expect(parts[0].message.id).toBe('m')
  })

  it('is kept whole: base64 in a message of its own, for error-end', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const { queue, message: wrapped } = wrap(Buffer.from(bytes))
        expect(queue).toBe('error-end')
        const text = parseJson(wrapped.payload)
        expect(Buffer.from(String(text), 'base64')).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('says where, why and how it is kept, and of which job it was', () => {
    const publication = wrap(Buffer.from('nonsense'))
    expect(publication.message).toMatchObject({
      id: 'm',
      jobId: 'j',
      route: { steps: ['split'], current: 0 },
    })
    expect(errorOf(publication)).toEqual({
      type: 'parse_error',
      message: 'invalid_json: not an object',
      step: 'split',
      attempts: 1,
      body_encoding: 'base64',
    })
  })

  it('becomes a message that every reader reads, however long the reason', () => {
    const wrapped = wrap(Buffer.from([0xff, 0x00]), 'x'.repeat(1_000_000))
    const bytes = encodeMessage(wrapped.message)
    expect(decodeMessage(bytes).ok).toBe(true)
    expect(bytes.length).toBeLessThan(5_000)
  })
})

describe('Whatever happens', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc
      .array(fc.constantFrom('1', '{}', 'null'), { maxLength: 4 })
      .map((texts) => outputs(...texts.map((text) => outputOf(text)))),
    fc
      .constantFrom('processing_error' as const, 'validation_error' as const)
      .map((code) => failedWith(makeFailure(code, 'no'))),
  )
  const at = fc.constantFrom(station, happyEnd, errorEnd)
  const attempt = fc.constantFrom(1, 2, 3, MAX_INDEX)

  it('every message that is published can be read again, and nothing else is lost', () => {
    fc.assert(
      fc.property(at, outcome, attempt, (place, given, tried) => {
        const decision = decideOn({ at: place, outcome: given, message: { attempt: tried } })
        const sent = decision.type === 'publish' ? decision.publications : []
        const published = decision.type === 'report' ? [decision.retry] : sent
        expect(published.length).toBeGreaterThan(0)
        for (const publication of published) {
          const decoded = decodeMessage(encodeMessage(publication.message))
          if (!decoded.ok) throw new Error(decoded.failure.reason)
          expect(decoded.message.jobId).toBe('j-1')
          expect(decoded.message.headers?.toString()).toBe(message.headers?.toString())
        }
      }),
    )
  })

  it('an end actor publishes only to itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(happyEnd, errorEnd), outcome, attempt, (place, given, tried) => {
        const decision = decideOn({ at: place, outcome: given, message: { attempt: tried } })
        const sent = decision.type === 'publish' ? decision.publications : []
        for (const { queue } of sent) expect(queue).toBe(place.queue)
      }),
    )
  })
})

import { isUtf8 } from 'node:buffer'
import {
  decodeFinal,
  decodeMessage,
  decodeProgressBatch,
  decodeReply,
  decodeRequest,
  encodeFrame,
  encodeMessage,
  FrameReader,
  isId,
  isShutdown,
  isStepName,
  salvageIds,
  scanObject,
  type FrameEvent,
  type Message,
} from '@asya/protocol'
import { describe, expect, it } from 'vitest'
import { allFixtures, toBytes, validFixtures } from './corpus.ts'
import { makeRandom, Mutator } from './mutate.ts'

/**
 * Structured fuzzing: fixtures, mutated, compared with JSON.parse and with a frame splitter of ten
 * lines. The same mutations each time; `ASYA_FUZZ=full` runs ten times as many, other ones each
 * time, and `ASYA_FUZZ_SEED` repeats a run.
 */

const isFull = process.env['ASYA_FUZZ'] === 'full'
const seed = Number(process.env['ASYA_FUZZ_SEED'] ?? (isFull ? Date.now() % 1_000_000_000 : 1))
const MESSAGES = 100_000 * (isFull ? 10 : 1)
const FRAMES = 1_000_000 * (isFull ? 10 : 1)

/** Large fixtures show limits, and would only slow this down. */
const MAX_SEED_BYTES = 2_000

/** What is valid begins twice as often: a mutation of it is more often nearly valid. */
function corpusOf(kinds: readonly string[]): readonly Buffer[] {
  const chosen = [...allFixtures, ...validFixtures]
    .filter((fixture) => kinds.includes(fixture.kind))
    .map(toBytes)
  return chosen.filter((bytes) => bytes.length <= MAX_SEED_BYTES)
}

function parse(bytes: Uint8Array): unknown {
  try {
    return isUtf8(bytes) ? JSON.parse(Buffer.from(bytes).toString()) : undefined
  } catch {
    return undefined
  }
}

/** Cheaper than expect, a million times. */
function prove(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}

/** What JSON.parse cannot see: duplicates, how numbers were written, depth. */
const BEYOND_PARSE = new Set([
  ...['duplicate_member', 'invalid_route', 'payload_too_deep', 'invalid_current'],
  ...['invalid_attempt', 'invalid_branch', 'invalid_deadline'],
])

/** JSON.parse takes the last of two members, and the codec stops at the first mistake. */
function hasDuplicate(body: Buffer): boolean {
  const scanned = scanObject(body)
  const names = scanned.ok ? scanned.value.map((member) => member.name) : []
  return new Set(names).size < names.length
}

const isWhole = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e9

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isBranch(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= 100 &&
    value.every((entry: unknown) => {
      if (!Array.isArray(entry) || entry.length !== 3) return false
      const [index, count, generation] = entry as unknown[]
      const isPlaced = isWhole(index) && isWhole(count) && Number(index) < Number(count)
      return isPlaced && Number(count) <= 10_000 && /^[\w-]{1,64}$/.test(String(generation))
    })
  )
}

/** The rules of the envelope, written down a second time, over the parsed body. */
function isEnvelope(body: unknown): boolean {
  if (!isObject(body) || !isObject(body['route']) || !('payload' in body)) return false
  const { steps, current } = body['route']
  if (!Array.isArray(steps) || !steps.every(isStepName)) return false
  if (!isWhole(current) || Number(current) > steps.length) return false
  const checks: Record<string, (value: unknown) => boolean> = {
    id: isId,
    parent_id: isId,
    job_id: isId,
    attempt: (value) => isWhole(value) && value !== 0,
    branch: isBranch,
    headers: isObject,
    error: isObject,
    deadline_ms: isWhole,
    accept: (value) => Array.isArray(value) && value.every((kind) => typeof kind === 'string'),
  }
  return Object.entries(checks).every(([name, isFit]) => !(name in body) || isFit(body[name]))
}

function checkAccepted(message: Message, body: Buffer): void {
  const again = encodeMessage(message)
  const decoded = decodeMessage(again)
  if (!decoded.ok) throw new Error(`re-encoded: ${decoded.failure.reason}`)
  prove(Buffer.compare(decoded.message.payload, message.payload) === 0, 'the payload changed')
  prove(encodeMessage(decoded.message).equals(again), 'encoding again changed something')
  // Whatever the payload is, the rest of an accepted body is JSON.
  const start = message.payload.byteOffset - body.byteOffset
  const end = start + message.payload.byteLength
  const rest = Buffer.concat([body.subarray(0, start), Buffer.from('null'), body.subarray(end)])
  prove(isEnvelope(parse(rest)), 'accepted what is no envelope')
}

function checkMessage(body: Buffer): boolean {
  const decoded = decodeMessage(body)
  if (decoded.ok) checkAccepted(decoded.message, body)
  else if (isEnvelope(parse(body)) && !hasDuplicate(body))
    prove(BEYOND_PARSE.has(decoded.failure.rule), `refused for ${decoded.failure.reason}`)
  prove(decodeRequest(body).ok === decoded.ok, 'request and message differ')
  const { id } = salvageIds(body)
  prove(id === undefined || isId(id), 'salvaged no id')
  prove(!isShutdown(body) || !decoded.ok, 'a message that asks to finish')
  decodeFinal('j', body)
  decodeProgressBatch(body)
  return decoded.ok
}

/** Cuts a whole stream into frames, the simple way. */
function splitFrames(stream: Buffer, limitBytes: number): readonly FrameEvent[] {
  const events: FrameEvent[] = []
  for (let at = 0; at + 4 <= stream.length;) {
    const announcedBytes = stream.readUInt32BE(at)
    if (announcedBytes > limitBytes)
      return [...events, { type: 'too-large', announcedBytes, limitBytes }]
    if (at + 4 + announcedBytes > stream.length) break
    events.push({
      type: 'frame',
      body: Buffer.from(stream.subarray(at + 4, at + 4 + announcedBytes)),
    })
    at += 4 + announcedBytes
  }
  return events
}

const STREAM_LIMIT_BYTES = 4_096

/** Pushes a stream in chunks of random sizes. */
function readChunked(stream: Buffer, mutator: Mutator): readonly FrameEvent[] {
  const reader = new FrameReader(STREAM_LIMIT_BYTES)
  const events: FrameEvent[] = []
  for (let at = 0; at < stream.length;) {
    const size = 1 + mutator.below(mutator.below(10) === 0 ? 4 : 2_000)
    events.push(...reader.push(stream.subarray(at, at + size)))
    at += size
  }
  return events
}

function isSame(a: FrameEvent | undefined, b: FrameEvent | undefined): boolean {
  if (a?.type === 'frame' && b?.type === 'frame') return a.body.equals(b.body)
  return a?.type === 'too-large' && b?.type === 'too-large' && a.announcedBytes === b.announcedBytes
}

function checkStream(mutator: Mutator): number {
  const frames = Array.from({ length: 50 }, () => encodeFrame(mutator.mutate()))
  const stream = Buffer.concat(frames)
  // One stream in four has lost its frame boundaries somewhere.
  if (mutator.below(4) === 0 && stream.length > 0)
    stream[mutator.below(stream.length)] = mutator.below(256)
  const events = readChunked(stream, mutator)
  const expected = splitFrames(stream, STREAM_LIMIT_BYTES)
  const isEqual = events.every((event, at) => isSame(event, expected[at]))
  const shown = `chunking changed the frames of ${isEqual ? '' : stream.toString('base64')}`
  prove(isEqual && events.length === expected.length, shown)
  for (const event of events) if (event.type === 'frame') checkReply(event.body)
  return events.length
}

function checkReply(body: Buffer): void {
  const reply = decodeReply(body)
  if (reply.type !== 'outputs') return
  const parsed = parse(body)
  if (parsed === undefined) return
  const count = isObject(parsed) ? countResults(parsed['result']) : (parsed as unknown[]).length
  prove(reply.outputs.length === count, `${body.toString()} has ${String(count)} outputs`)
}

function countResults(result: unknown): number {
  if (result === null) return 0
  return Array.isArray(result) ? result.length : 1
}

describe('Mutations of the fixtures', () => {
  it('find no message that is thrown at, accepted wrongly or changed', { timeout: 600_000 }, () => {
    const mutator = new Mutator(makeRandom(seed), corpusOf(['message', 'request']))
    const startedAt = performance.now()
    let accepted = 0
    for (let count = 0; count < MESSAGES; count++) {
      const body = mutator.mutate()
      try {
        if (checkMessage(body)) accepted++
      } catch (error) {
        throw new Error(`seed ${String(seed)}, body ${body.toString('base64')}`, { cause: error })
      }
    }
    expect(accepted).toBeGreaterThan(MESSAGES / 20)
    report(`${String(MESSAGES)} messages, ${String(accepted)} accepted`, startedAt)
  })

  it('find no frame that is thrown at or read wrongly', { timeout: 600_000 }, () => {
    const mutator = new Mutator(makeRandom(seed), corpusOf(['reply', 'frame']))
    const startedAt = performance.now()
    let frames = 0
    let streams = 0
    for (; frames < FRAMES; streams++) frames += checkStream(mutator)
    report(`${String(frames)} frames in ${String(streams)} streams`, startedAt)
  })
})

function report(what: string, startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  console.log(`fuzz: ${what}, seed ${String(seed)}, ${seconds} s`)
}

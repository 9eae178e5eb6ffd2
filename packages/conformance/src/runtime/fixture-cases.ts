import { encodeFrame } from '@asya/protocol'
import { toBytes, type Fixture } from '../corpus.ts'
import { CLOSED, type Peer } from '../peer.ts'
import { expectEqual, expectThat } from '../suite.ts'
import { readFailure, readItems, type RuntimeCase } from './rig.ts'

/** Codes with which a runtime refuses what is no message. */
const REFUSALS: ReadonlySet<string> = new Set([
  'invalid_json',
  'invalid_encoding',
  'empty_message',
  'msg_parsing_error',
])

/** The code on the wire of each envelope rule (asyncapi/README.md, "Verdicts"). */
function codeOfRule(rule: string): string {
  return REFUSALS.has(rule) ? rule : 'msg_parsing_error'
}

/** The corpus, spoken to a runtime: what it must serve, and what it must refuse, with which code. */
export function makeFixtureCases(corpus: readonly Fixture[]): readonly RuntimeCase[] {
  const messages = corpus
    .filter(({ kind }) => kind === 'message' || kind === 'request')
    .filter(({ decoded }) => decoded?.['shutdown'] !== true)
    .map(makeMessageCase)
  // A limit of one's own cannot be asked of a runtime that is already there.
  const frames = corpus
    .filter(({ kind, limit_bytes: limit }) => kind === 'frame' && limit === undefined)
    .map(makeFrameCase)
  return [...messages, ...frames]
}

function makeMessageCase(fixture: Fixture): RuntimeCase {
  const { rule, verdict, reason } = fixture
  const expected =
    verdict.envelope !== 'ok'
      ? codeOfRule(verdict.envelope)
      : verdict.payload === 'invalid'
        ? 'invalid_json'
        : undefined
  return {
    group: 'fixtures',
    law: `${rule}: ${reason}`,
    run: (rig) =>
      rig.withPeer(async (peer) => {
        peer.sendBody(toBytes(fixture))
        const { last } = await peer.answer()
        const [first] = readItems(last)
        const code = first && 'error' in first ? readFailure(last).code : undefined
        const refusedWith = code !== undefined && REFUSALS.has(code) ? code : undefined
        expectEqual(refusedWith ?? 'served', expected ?? 'served', 'the verdict')
      }),
  }
}

/** A stream of frames: each one is answered, in order; a length beyond the limit ends it. */
function makeFrameCase(fixture: Fixture): RuntimeCase {
  const { rule, verdict, reason, frames = [] } = fixture
  return {
    group: 'fixtures',
    law: `${rule}: ${reason}`,
    run: (rig) =>
      rig.withPeer(async (peer) => {
        peer.write(toBytes(fixture))
        if (!(await readAnswers(peer, frames.length))) return
        if (verdict.envelope === 'too_large') {
          expectEqual(readFailure((await peer.answer()).last).code, 'message_too_large', 'the code')
          expectEqual(await peer.next(), CLOSED, 'after a length that is too large')
        }
        peer.end()
        expectEqual(await peer.next(), CLOSED, 'after the end of the stream')
      }),
  }
}

/** Reads so many answers; false when a runtime that closes after each reply did not read them all. */
async function readAnswers(peer: Peer, count: number): Promise<boolean> {
  for (let answered = 0; answered < count; answered++) {
    const { last } = await peer.answer()
    if (last === CLOSED) return false
    readItems(last)
  }
  return true
}

/** The frame limit of the wire, for a runtime with the default. */
export const LIMIT_CASE: RuntimeCase = {
  group: 'fixtures',
  law: 'A request of 5 MB is served, byte for byte.',
  run: (rig) =>
    rig.withPeer(async (peer) => {
      const text = 'äß"\\'.repeat(700_000)
      const message = { route: { steps: ['a'], current: 0 }, payload: { text } }
      peer.write(encodeFrame(Buffer.from(JSON.stringify(message))))
      const [item] = readItems((await peer.answer(30_000)).last)
      const payload = item?.['payload'] as { text?: unknown } | undefined
      expectThat(payload?.text === text, 'the text came back changed')
    }),
}

import { bytesToText } from '@asya/protocol'
import type { ScriptedCall } from '../../packages/sidecar/src/testing/scripted-runtime.ts'
import type { Row } from '../harness/row.ts'

/** What a runtime may say that makes no sense; after each, the connection is its to close or keep. */
const BAD_REPLIES: Readonly<Record<string, (call: ScriptedCall) => void>> = {
  'closed without a word': (call) => call.hangUp(),
  'a frame cut off': (call) => {
    call.write(Buffer.from([0, 0, 1, 0, 0x5b, 0x7b]))
    setImmediate(() => call.hangUp())
  },
  'a frame of no bytes': (call) => call.write(Buffer.from([0, 0, 0, 0])),
  'a frame of 4 GiB': (call) => call.write(Buffer.from([255, 255, 255, 255, 0x5b])),
  'no JSON': (call) => call.replyRaw('Traceback (most recent call last):'),
  'not UTF-8': (call) => call.replyRaw(Buffer.from([0x5b, 0xff, 0xfe, 0x5d])),
  'too deep': (call) => call.replyRaw(`[{"payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`),
  'a number': (call) => call.replyRaw('7'),
  'an object of no kind': (call) => call.replyRaw('{"hello":1}'),
  'outputs and errors mixed': (call) =>
    call.replyRaw('[{"payload":1},{"error":"processing_error"}]'),
  'too many outputs': (call) => call.replyRaw(`[${Array(10_001).fill('{"payload":1}').join()}]`),
  'a status of no kind': (call) => call.replyRaw('{"status":"perhaps"}'),
  'another route': (call) =>
    call.replyRaw('[{"payload":1,"route":{"steps":["elsewhere"],"current":0}}]'),
  'a duplicate member': (call) => call.replyRaw('[{"payload":1,"payload":2}]'),
  'bytes after the end': (call) => call.replyRaw('[{"payload":1}] and more'),
}

const KINDS = Object.entries(BAD_REPLIES)

/** The order says which; every one must end at error-end with the payload that came. */
const badReplies: Row = {
  name: 'bad-replies',
  says: `${KINDS.length} kinds of replies that make no sense: each ends at error-end, the next is served`,
  trials: { quick: 1, full: 10 },
  run: async (trial) => {
    const runtime = await trial.openScriptedRuntime((call) => {
      const { text = '' } = call.payload as { text?: string }
      const reply = BAD_REPLIES[text]
      if (reply) reply(call)
      else call.replyRaw(`[{"payload":${bytesToText(call.request.message.payload)}}]`)
    })
    await trial.startActor('work', { runtime, timeoutMs: 500, maxAttempts: 1 })
    const expectation = { place: 'error-end' } as const
    for (let round = 0; round < ROUNDS; round++) {
      for (const [text] of KINDS) {
        trial.noteFault(0)
        await trial.send({ order: () => ({ do: 'echo', text }), expectation })
        await trial.load({ messages: 2 })
      }
    }
    await trial.measureRecovery()
  },
}

const ROUNDS = 5

/** A good reply, and a second one that nobody asked for: only the first may count. */
const twoReplies: Row = {
  name: 'two-replies',
  says: 'the runtime answers each 5th message twice: no answer is taken for that of another',
  trials: { quick: 1, full: 10 },
  run: async (trial) => {
    const runtime = await trial.openScriptedRuntime((call) => {
      const reply = `[{"payload":${bytesToText(call.request.message.payload)}}]`
      call.replyRaw(reply)
      if (runtime.calls.length % 5 === 0) call.replyRaw(reply)
    })
    // A second answer costs the connection, and with it perhaps an attempt of the next one on it.
    await trial.startActor('work', { runtime, concurrency: 1, maxAttempts: 5 })
    trial.noteFault(0)
    await trial.load({ messages: 200 })
    await trial.measureRecovery()
  },
}

export const REPLY_ROWS: readonly Row[] = [badReplies, twoReplies]

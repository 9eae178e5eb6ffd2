import { bytesToText } from '@asya/protocol'
import type { Row } from '../harness/row.ts'
import type { Trial } from '../harness/trial.ts'

/** Bodies that are no message; `#` stands for the canary that no log may hold. */
const BAD_BODIES: Readonly<Record<string, (queue: string, canary: string) => string | Buffer>> = {
  'no bytes': () => '',
  'plain text': (_, canary) => `hello ${canary}`,
  'half a message': (queue, canary) => `{"route":{"steps":["${queue}"],"cur${canary}`,
  'not UTF-8': (_, canary) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(canary)]),
  'a number': () => '42',
  null: () => 'null',
  'an array': (_, canary) => `["${canary}"]`,
  'no route': (_, canary) => `{"payload":"${canary}"}`,
  'no payload': (queue) => `{"route":{"steps":["${queue}"],"current":0}}`,
  'the route is a string': (queue, canary) => `{"route":"${queue}","payload":"${canary}"}`,
  'current is a string': (queue) => `{"route":{"steps":["${queue}"],"current":"0"},"payload":1}`,
  'current beyond the end': (queue) => `{"route":{"steps":["${queue}"],"current":9},"payload":1}`,
  'current is negative': (queue) => `{"route":{"steps":["${queue}"],"current":-1},"payload":1}`,
  'the id is a number': (queue) =>
    `{"id":7,"route":{"steps":["${queue}"],"current":0},"payload":1}`,
  'a duplicate member': (queue) =>
    `{"payload":1,"payload":2,"route":{"steps":["${queue}"],"current":0}}`,
  'a duplicate __proto__': (queue) =>
    `{"__proto__":1,"__proto__":2,"route":{"steps":["${queue}"],"current":0},"payload":1}`,
  'a step with a wildcard': (queue) =>
    `{"route":{"steps":["${queue}","#"],"current":0},"payload":1}`,
  'too deep': (queue, canary) =>
    `{"route":{"steps":["${queue}"],"current":0},"payload":${'['.repeat(100_000)}"${canary}"${']'.repeat(100_000)}}`,
  'a step that is another queue’s': () =>
    '{"route":{"steps":["elsewhere"],"current":0},"payload":1}',
  'UTF-16': (_, canary) => Buffer.from(canary, 'utf16le'),
}

const KINDS = Object.entries(BAD_BODIES)
const ROUNDS = 5

const unparsable: Row = {
  name: 'bad-bodies',
  says: `${KINDS.length} kinds of bodies that are no message: each ends at error-end once`,
  trials: { quick: 1, full: 4 },
  run: async (trial) => {
    const actor = await trial.startActor('work')
    for (let round = 0; round < ROUNDS; round++) {
      for (const [kind, make] of KINDS) {
        trial.noteFault(0)
        const body = Buffer.from(make(actor.queue, trial.options.canary))
        await sendBad(trial, { queue: actor.queue, id: `bad-${round} ${kind}`, body })
      }
      await trial.load({ messages: 20 })
    }
    await trial.measureRecovery()
  },
}

/** What could be read keeps its payload; what could not is kept as base64 of its bytes. */
async function sendBad(trial: Trial, letter: Parameters<Trial['sendBody']>[0]): Promise<void> {
  trial.ledger.send(letter.id, {
    place: 'error-end',
    check: ({ payload, error }) => {
      const isWrapped = error !== undefined && bytesToText(error).includes('"base64"')
      if (!isWrapped) return undefined
      const kept = Buffer.from(JSON.parse(bytesToText(payload)) as string, 'base64')
      return kept.equals(letter.body) ? undefined : 'its bytes were changed'
    },
  })
  await trial.sendBody(letter)
}

const MIB = 1024 ** 2

interface Sized {
  readonly name: string
  readonly says: string
  /** What it asks for, and whether it can be had. */
  readonly ladder: readonly { readonly bytes: number; readonly fits: boolean }[]
  readonly isIn: boolean
}

/** Sizes around the limit of a frame, and far beyond it. */
function oversize({ name, says, ladder, isIn }: Sized): Row {
  return {
    name,
    says,
    trials: { quick: 1, full: 20 },
    run: async (trial) => {
      const limit = { ASYA_MAX_MESSAGE_SIZE: `${MIB}` }
      const environment = { ...limit, ASYA_RABBITMQ_MAX_MESSAGE_SIZE: `${16 * MIB}` }
      await trial.startActor('work', { environment, runtimeEnvironment: limit, maxAttempts: 2 })
      for (const { bytes, fits } of ladder) {
        trial.noteFault(0)
        await trial.send({
          order: () => (isIn ? { do: 'echo', text: 'x'.repeat(bytes) } : { do: 'grow', bytes }),
          expectation: { place: fits ? 'happy-end' : 'error-end' },
        })
        await trial.load({ messages: 10 })
      }
      await trial.measureRecovery()
    },
  }
}

const LADDER = [
  { bytes: MIB - 4_096, fits: true },
  { bytes: MIB + 4_096, fits: false },
  { bytes: 2 * MIB, fits: false },
  { bytes: 8 * MIB, fits: false },
] as const

/** More than the broker takes from this sidecar, although its runtime may say it. */
const refused: Row = {
  name: 'oversize-refused',
  says: 'results larger than the broker takes: error-end, and no channel is closed for it',
  trials: { quick: 1, full: 20 },
  run: async (trial) => {
    const environment = { ASYA_RABBITMQ_MAX_MESSAGE_SIZE: `${MIB}` }
    await trial.startActor('work', { environment })
    for (const bytes of [MIB - 1_000, MIB + 1_000, 4 * MIB]) {
      trial.noteFault(0)
      await trial.send({
        order: () => ({ do: 'grow', bytes }),
        expectation: { place: 'error-end', failure: 'message_too_large' },
      })
      await trial.load({ messages: 10 })
    }
    await trial.measureRecovery()
  },
}

export const MESSAGE_ROWS: readonly Row[] = [
  unparsable,
  oversize({
    name: 'oversize-in',
    says: 'messages around and above the limit of a frame',
    ladder: LADDER,
    isIn: true,
  }),
  oversize({
    name: 'oversize-out',
    says: 'results around and above the limit of a frame',
    ladder: LADDER,
    isIn: false,
  }),
  refused,
]

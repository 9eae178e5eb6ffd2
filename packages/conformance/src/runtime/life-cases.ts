import { setTimeout as sleep } from 'node:timers/promises'
import { CLOSED } from '../peer.ts'
import { expectEqual, expectThat } from '../suite.ts'
import { readFailure, readPayloads, type RuntimeCase, type RuntimeRig } from './rig.ts'

/** The sidecar waits 2 s beyond the deadline. */
const REPLY_GRACE_MS = 2_000

function law(group: string, sentence: string, run: RuntimeCase['run']): RuntimeCase {
  return { group, law: sentence, run }
}

/** The next message must be served, by a clean runtime. */
async function expectNextIsServed(rig: RuntimeRig): Promise<void> {
  expectEqual(await rig.payloadsOf('next', { deadline_ms: 30_000 }), ['next'], 'the next message')
}

async function expectTimeout(rig: RuntimeRig, order: object): Promise<void> {
  const startedAt = performance.now()
  const failure = await rig.failureOf(order, { deadline_ms: 500 })
  const tookMs = performance.now() - startedAt
  expectEqual(failure.code, 'timeout_error', 'the code')
  expectThat(tookMs >= 400, `answered ${(500 - tookMs).toFixed()} ms before the deadline`)
  expectThat(tookMs < 500 + REPLY_GRACE_MS, `answered only after ${tookMs.toFixed()} ms`)
  await expectNextIsServed(rig)
}

const connections: readonly RuntimeCase[] = [
  law('connections', 'One may be used again, or is closed after the reply.', (rig) =>
    rig.withPeer(async (peer) => {
      peer.request('first')
      expectEqual(readPayloads((await peer.answer()).last), ['first'], 'the first')
      await sleep(50)
      if (peer.isClosed) return
      peer.request('second')
      expectEqual(readPayloads((await peer.answer()).last), ['second'], 'the second')
    }),
  ),
  law('connections', 'A request that comes in single bytes is served.', (rig) =>
    rig.withPeer(async (peer) => {
      const body = Buffer.from('{"route":{"steps":[],"current":0},"payload":"slow"}')
      const frame = Buffer.concat([Buffer.from([0, 0, 0, body.length]), body])
      for (const byte of frame) {
        peer.write(Buffer.from([byte]))
        await sleep(1)
      }
      expectEqual(readPayloads((await peer.answer()).last), ['slow'], 'the payloads')
    }),
  ),
  law(
    'connections',
    'A peer that goes in the middle of a request disturbs nobody.',
    async (rig) => {
      await rig.withPeer(async (peer) => {
        peer.write(Buffer.from([0, 0, 1, 0, 0x7b]))
        await sleep(20)
      })
      await expectNextIsServed(rig)
    },
  ),
  law('connections', 'An idle connection keeps nobody from being served.', (rig) =>
    rig.withPeer(async (idle) => {
      await expectNextIsServed(rig)
      if (idle.isClosed) return
      idle.request('I speak at last')
      expectEqual(readPayloads((await idle.answer()).last), ['I speak at last'], 'the idle one')
    }),
  ),
  law(
    'connections',
    'Closing before the reply cancels: the next is served at once.',
    async (rig) => {
      await rig.withPeer(async (peer) => {
        peer.request({ do: 'sleep', ms: 60_000 }, { deadline_ms: 60_000 })
        await sleep(200)
      })
      await expectNextIsServed(rig)
    },
  ),
  law('connections', 'A frame of no bytes is empty_message.', (rig) =>
    rig.withPeer(async (peer) => {
      peer.sendBody(Buffer.alloc(0))
      expectEqual(readFailure((await peer.answer()).last).code, 'empty_message', 'the code')
    }),
  ),
]

const deadlines: readonly RuntimeCase[] = [
  law('deadlines', 'A handler that waits is answered for with timeout_error in time.', (rig) =>
    expectTimeout(rig, { do: 'sleep', ms: 60_000 }),
  ),
  law('deadlines', 'A handler that never yields is, too.', (rig) =>
    expectTimeout(rig, { do: 'spin' }),
  ),
  law('deadlines', 'Without any time left it is timeout_error at once.', async (rig) => {
    const { code } = await rig.failureOf('late', { deadline_ms: 0 })
    expectEqual(code, 'timeout_error', 'the code')
  }),
  law('deadlines', 'A handler that is done in time is not disturbed.', async (rig) => {
    const payloads = await rig.payloadsOf({ do: 'sleep', ms: 100 }, { deadline_ms: 10_000 })
    expectEqual(payloads, ['slept'], 'the payloads')
    await sleep(100)
    await expectNextIsServed(rig)
  }),
]

const deaths: readonly RuntimeCase[] = [
  law('deaths', 'A handler that ends its process costs its own message alone.', async (rig) => {
    const { last } = await rig.ask({ do: 'exit' })
    if (last !== CLOSED) expectEqual(readFailure(last).code, 'processing_error', 'the code')
    await expectNextIsServed(rig)
  }),
  law('deaths', 'Memory that runs out is oom_error, or ends the connection.', async (rig) => {
    const { last } = await rig.withPeer((peer) => {
      peer.request({ do: 'exhaust' }, { deadline_ms: 60_000 })
      return peer.answer(60_000)
    })
    if (last !== CLOSED) expectEqual(readFailure(last).code, 'oom_error', 'the code')
    await expectNextIsServed(rig)
  }),
]

const shutdown = law('shutdown', '{"shutdown":true} ends it.', (rig) =>
  rig.withPeer(async (peer) => {
    peer.sendJson({ shutdown: true })
    expectEqual(await peer.next(), CLOSED, 'the answer')
  }),
)

/** How a runtime lives with its peers, its deadlines and its handler's end. */
export const lifeCases: readonly RuntimeCase[] = [...connections, ...deadlines, ...deaths]

/** Runs last: after it there is no runtime. */
export const shutdownCase: RuntimeCase = shutdown

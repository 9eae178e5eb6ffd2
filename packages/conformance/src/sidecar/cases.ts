import { childId, generationOf, HAPPY_END, parseJson } from '@asya/protocol'
import { toBytes, type Fixture } from '../corpus.ts'
import { expectEqual, expectThat } from '../suite.ts'
import { readError, toText, type SidecarCase } from './rig.ts'
import type { Asked } from './scripted-runtime.ts'

function law(group: string, sentence: string, run: SidecarCase['run']): SidecarCase {
  return { group, law: sentence, run }
}

/** The replies of the corpus, spoken to a sidecar. */
export function makeReplyCases(corpus: readonly Fixture[]): readonly SidecarCase[] {
  // Routes of fixtures are not those of the messages that are sent here.
  return corpus
    .filter(({ kind, decoded }) => kind === 'reply' && !Array.isArray(decoded?.['routes']))
    .map((fixture) =>
      law('fixtures', `${fixture.rule}: ${fixture.reason}`, async (rig) => {
        const isInterim = INTERIM.has(fixture.decoded?.['type'] ?? interimOf(fixture))
        const id = await rig.send((stream) => {
          stream.sendBody(toBytes(fixture))
          if (isInterim) stream.sendJson([{ payload: 'the end' }])
        })
        const isRefused = fixture.verdict.envelope !== 'ok'
        if (isRefused || fixture.decoded?.['code'] !== undefined) {
          const expected = isRefused ? 'msg_parsing_error' : fixture.decoded?.['code']
          expectEqual(readError(await rig.follow(id))['type'], expected, 'error.type')
          return
        }
        await expectOutputs(rig, id, fixture)
      }),
    )
}

const INTERIM: ReadonlySet<unknown> = new Set(['progress', 'metrics', 'output'])

/** Fixtures that only show a limit have no `decoded`. */
function interimOf({ rule }: Fixture): string {
  return rule.startsWith('reply_interim_output') ? 'output' : ''
}

async function expectOutputs(
  rig: Parameters<SidecarCase['run']>[0],
  id: string,
  { decoded }: Fixture,
): Promise<void> {
  const payloads = decoded?.['payloads'] as readonly string[] | undefined
  if (payloads === undefined) {
    await rig.follow(id)
    return
  }
  const isInterim = INTERIM.has(decoded?.['type'])
  const expected = isInterim ? [...payloads, '"the end"'] : payloads
  if (expected.length === 0) {
    expectEqual((await rig.follow(id)).queue, HAPPY_END, 'the queue')
    return
  }
  const arrived = await rig.collect(id, expected.length)
  const sorted = [...arrived].sort((one, other) => indexOf(one.message) - indexOf(other.message))
  expectEqual(
    sorted.map(({ message }) => toText(message.payload)),
    expected,
    'the payloads, byte for byte',
  )
}

function indexOf({ branch }: { readonly branch: readonly { readonly index: number }[] }): number {
  return branch.at(-1)?.index ?? 0
}

const requests: readonly SidecarCase[] = [
  law(
    'requests',
    'The runtime gets the whole message, payload and unknown members as they came.',
    async (rig) => {
      let asked: Asked | undefined
      const { queue, next } = rig.place
      const id = await rig.send(
        (stream, one) => {
          asked = one
          stream.sendJson([])
        },
        {
          headers: { who: 'me' },
          x_unknown: { kept: 9.5 },
          route: { steps: [queue, next], current: 0, metadata: { a: 1 } },
        },
      )
      await rig.follow(id)
      const { message } = asked?.request ?? {}
      expectEqual(message && toText(message.payload), JSON.stringify({ of: id }), 'the payload')
      expectEqual(message?.headers && parseJson(message.headers), { who: 'me' }, 'headers')
      expectEqual(
        message?.unknown.map(({ name }) => name),
        ['x_unknown'],
        'unknown members',
      )
      expectEqual(
        message?.route.unknown.map(({ name }) => name),
        ['metadata'],
        'those of the route',
      )
    },
  ),
  law(
    'requests',
    'It names the time left and the interim frames that are read; both go no further.',
    async (rig) => {
      let asked: Asked | undefined
      const id = await rig.send((stream, one) => {
        asked = one
        stream.sendJson([{ payload: 1 }])
      })
      await rig.follow(id)
      const { deadlineMs = 0, accept = [] } = asked?.request ?? {}
      expectThat(deadlineMs > 0, 'deadline_ms is missing')
      expectEqual([...accept].sort(), ['metrics', 'output', 'progress'], 'accept')
    },
  ),
]

const routing: readonly SidecarCase[] = [
  law('routing', 'One output goes to the next step, with the same id.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.sendJson([{ payload: { n: 1 } }])
    })
    const { queue, message } = await rig.follow(id)
    expectEqual([queue, message.id, message.route.current], [rig.place.next, id, 1], 'it')
  }),
  law('routing', 'Children of a fan-out have derived ids, and their place in it.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.write(frameOf('[{"payload":1.0},{"payload":"b"}]'))
    })
    const arrived = await rig.collect(id, 2)
    const generation = generationOf(['1.0', '', '"b"', ''])
    const lineage = { parentId: id, stepIndex: 0, step: rig.place.queue, generation }
    const children = arrived
      .map(({ message }) => ({ id: message.id, branch: message.branch }))
      .sort((one, other) => indexOf(one) - indexOf(other))
    const expected = [0, 1].map((index) => ({
      id: childId(lineage, index),
      branch: [{ index, count: 2, generation }],
    }))
    expectEqual(children, expected, 'the children')
  }),
  law('routing', 'No output ends it: the message goes to happy-end as it came.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.sendJson([])
    })
    const { queue, message } = await rig.follow(id)
    expectEqual([queue, message.id, message.route.current], [HAPPY_END, id, 0], 'it')
    expectEqual(toText(message.payload), JSON.stringify({ of: id }), 'the payload')
  }),
  law('routing', 'A message whose last step this was goes to happy-end.', async (rig) => {
    const route = { steps: [rig.place.queue], current: 0 }
    const script = (stream: { sendJson(value: unknown): void }): void => {
      stream.sendJson([{ payload: 'done' }])
    }
    const { queue, message } = await rig.follow(await rig.send(script, { route }))
    expectEqual([queue, message.route.current], [HAPPY_END, 1], 'it')
  }),
  law('routing', 'Steps that are still ahead may be replaced.', async (rig) => {
    const { queue, next } = rig.place
    const id = await rig.send((stream) => {
      const route = { steps: [queue, next, next], current: 0 }
      stream.sendJson([{ payload: 1, route }])
    })
    const { message } = await rig.follow(id)
    expectEqual(message.route.steps, [queue, next, next], 'the steps')
  }),
  law('routing', 'Steps that were already made may not: the message fails.', async (rig) => {
    const id = await rig.send((stream) => {
      const route = { steps: ['elsewhere', rig.place.next], current: 0 }
      stream.sendJson([{ payload: 1, route }])
    })
    expectEqual(readError(await rig.follow(id))['type'], 'msg_parsing_error', 'error.type')
  }),
  law('routing', 'Headers, job and unknown members travel on.', async (rig) => {
    const id = await rig.send(
      (stream) => {
        stream.sendJson([{ payload: 1 }])
      },
      { headers: { who: 'me' }, job_id: 'conformance', x_unknown: 1 },
    )
    const { message } = await rig.follow(id)
    expectEqual(message.headers && parseJson(message.headers), { who: 'me' }, 'headers')
    expectEqual(message.jobId, 'conformance', 'job_id')
    expectEqual(
      message.unknown.map(({ name }) => name),
      ['x_unknown'],
      'unknown members',
    )
  }),
]

const failures: readonly SidecarCase[] = [
  law(
    'failures',
    'A failure names step, code, type and message, and keeps the payload.',
    async (rig) => {
      const id = await rig.send((stream) => {
        const details = { message: 'no url', type: 'ValueError' }
        stream.sendJson([{ error: 'validation_error', details, severity: 'fatal' }])
      })
      const arrived = await rig.follow(id)
      const { type, message, step, exception } = readError(arrived)
      const expected = ['validation_error', 'no url', rig.place.queue, 'ValueError']
      expectEqual([type, message, step, exception], expected, 'the error')
      expectEqual(toText(arrived.message.payload), JSON.stringify({ of: id }), 'the payload')
    },
  ),
  law(
    'failures',
    'A connection that is lost after the request is connection_error.',
    async (rig) => {
      const id = await rig.send((stream) => {
        stream.close()
      })
      expectEqual(readError(await rig.follow(id))['type'], 'connection_error', 'error.type')
    },
  ),
  law('failures', 'A reply that breaks off is connection_error.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.write(Buffer.from([0, 0, 1, 0, 0x5b]))
      stream.end()
    })
    expectEqual(readError(await rig.follow(id))['type'], 'connection_error', 'error.type')
  }),
  law('failures', 'A runtime that stays silent is timeout_error.', async (rig) => {
    const id = await rig.send(() => undefined)
    expectEqual(readError(await rig.follow(id))['type'], 'timeout_error', 'error.type')
  }),
  law('failures', 'Outputs that were told count only with the closing array.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.sendJson({ output: { payload: 1 } })
      stream.sendJson([{ error: 'processing_error', severity: 'fatal' }])
    })
    expectEqual(readError(await rig.follow(id))['type'], 'processing_error', 'error.type')
    expectEqual((await rig.collect(id)).length, 1, 'messages')
  }),
  law('failures', 'A body that is no message is kept as base64 at error-end.', async (rig) => {
    const body = Buffer.from(`no message ${String(Math.random())}`)
    await rig.sendBody(body, 'conformance-no-message')
    const error = readError(await rig.follow(body.toString('base64')))
    expectEqual([error['type'], error['body_encoding']], ['parse_error', 'base64'], 'the error')
  }),
  law('failures', 'After all of that the next message is served.', async (rig) => {
    const id = await rig.send((stream) => {
      stream.sendJson([{ payload: 'next' }])
    })
    expectEqual((await rig.follow(id)).queue, rig.place.next, 'the queue')
  }),
]

function frameOf(text: string): Buffer {
  const body = Buffer.from(text)
  const header = Buffer.alloc(4)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

/** What a sidecar makes of messages and of what its runtime does with them. */
export const sidecarCases: readonly SidecarCase[] = [...requests, ...routing, ...failures]

import { Mismatch, expectEqual, expectThat, show } from '../suite.ts'
import { readItems, readPayloads, type RuntimeCase, type WireFailure } from './rig.ts'

const PLACE = { route: { steps: ['zero', 'a', 'b', 'c'], current: 1 } }

function law(group: string, sentence: string, run: RuntimeCase['run']): RuntimeCase {
  return { group, law: sentence, run }
}

function expectFailure(
  { code, severity, message }: WireFailure,
  expected: { readonly code: string; readonly severity: string; readonly says?: RegExp },
): void {
  expectEqual({ code, severity }, { code: expected.code, severity: expected.severity }, 'it')
  expectThat(typeof message === 'string' && message !== '', 'details.message is no text')
  const { says } = expected
  if (says && !says.test(String(message)))
    throw new Mismatch(`details.message does not say ${String(says)}: ${show(message)}`)
}

/** Payloads that must come back as they went, if the handler returns what it was given. */
const ECHOED: readonly unknown[] = [
  1,
  0.5,
  -0.25,
  'text',
  '',
  true,
  false,
  {},
  { a: { b: [1, [2, [3]]] } },
  'ä ß € 𝄞 \u0000 \u2028',
  JSON.parse('{"__proto__":1,"constructor":2,"":3}'),
  { list: [null, null] },
  '\\"/\b\f\n\r\t',
  9_007_199_254_740_991,
  { deep: Array.from({ length: 100 }).reduce<unknown>((inner) => [inner], 'x') },
]

const echoes = ECHOED.map((value) =>
  law('outputs', `${show(value).slice(0, 40)} comes back as it went.`, async (rig) => {
    expectEqual(await rig.payloadsOf({ do: 'echo', value }), [value], 'the payloads')
  }),
)

const outputs: readonly RuntimeCase[] = [
  law('outputs', 'Nothing ends the pipeline: the reply is [].', async (rig) => {
    expectEqual(await rig.payloadsOf({ do: 'nothing' }), [], 'the payloads')
  }),
  law('outputs', 'A list fans out, in order.', async (rig) => {
    const values = [1, 'two', { three: 3 }, [4]]
    expectEqual(await rig.payloadsOf({ do: 'fan-out', values }), values, 'the payloads')
  }),
  law('outputs', 'An empty list ends the pipeline.', async (rig) => {
    expectEqual(await rig.payloadsOf({ do: 'fan-out', values: [] }), [], 'the payloads')
  }),
  law('outputs', 'Ten thousand outputs are one reply.', async (rig) => {
    const payloads = await rig.payloadsOf({ do: 'count', to: 10_000 })
    expectEqual([payloads.length, payloads[0], payloads.at(-1)], [10_000, 0, 9_999], 'they')
  }),
  law('outputs', 'More outputs than that are a fatal failure.', async (rig) => {
    const failure = await rig.failureOf({ do: 'count', to: 10_001 })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal' })
  }),
  law('outputs', 'null among the items of a fan-out is a fatal failure.', async (rig) => {
    const failure = await rig.failureOf({ do: 'fan-out', values: [1, null] })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal', says: /\$\[1\]/ })
  }),
  law('outputs', 'A number that JSON does not know is refused, with its path.', async (rig) => {
    const failure = await rig.failureOf({ do: 'not-a-number' })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal', says: /\$\.list\[1\]/ })
  }),
  law('outputs', 'A cycle is refused.', async (rig) => {
    const failure = await rig.failureOf({ do: 'cycle' })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal', says: /cycle/ })
  }),
  law('outputs', 'A result that nests more than 128 deep is refused.', async (rig) => {
    expectEqual((await rig.payloadsOf({ do: 'nest', depth: 128 })).length, 1, '128 levels')
    const failure = await rig.failureOf({ do: 'nest', depth: 129 })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal', says: /128/ })
  }),
  law('outputs', 'A reply that fits into no frame is message_too_large.', async (rig) => {
    const failure = await rig.failureOf({ do: 'long', characters: 11_000_000 })
    expectFailure(failure, { code: 'message_too_large', severity: 'fatal' })
  }),
  law('outputs', 'A route that was not changed is left out, or says the same.', async (rig) => {
    const [item] = readItems((await rig.ask({ do: 'echo', value: 1 }, PLACE)).last)
    if (item?.['route'] !== undefined) expectEqual(item['route'], PLACE.route, 'the route')
  }),
  law('outputs', 'A handler replaces the steps that are still ahead.', async (rig) => {
    const [item] = readItems((await rig.ask({ do: 'route', ahead: ['x', 'y'] }, PLACE)).last)
    const route = item?.['route'] as Record<string, unknown> | undefined
    const expected = { steps: ['zero', 'a', 'x', 'y'], current: 1 }
    expectEqual({ steps: route?.['steps'], current: route?.['current'] }, expected, 'the route')
  }),
  law(
    'outputs',
    'A name that no queue can have is refused, as the handler’s mistake.',
    async (rig) => {
      const failure = await rig.failureOf({ do: 'route', ahead: ['not a queue'] }, PLACE)
      expectFailure(failure, { code: 'processing_error', severity: 'recoverable' })
    },
  ),
]

const failures: readonly RuntimeCase[] = [
  law('failures', 'Any error is a processing_error, recoverable, with its words.', async (rig) => {
    const failure = await rig.failureOf({ do: 'fail', kind: 'plain', message: 'out of tea' })
    const says = /out of tea/
    expectFailure(failure, { code: 'processing_error', severity: 'recoverable', says })
    expectThat(typeof failure.type === 'string', 'details.type does not name the class')
  }),
  law('failures', 'A retryable error carries its wait, in seconds.', async (rig) => {
    const order = { do: 'fail', kind: 'retryable', message: 'busy', retry_after: 1.5 }
    const failure = await rig.failureOf(order)
    expectFailure(failure, { code: 'processing_error', severity: 'recoverable', says: /busy/ })
    expectEqual(failure.retryAfter, 1.5, 'retry_after')
  }),
  law('failures', 'A fatal error is a processing_error, fatal.', async (rig) => {
    const failure = await rig.failureOf({ do: 'fail', kind: 'fatal', message: 'never' })
    expectFailure(failure, { code: 'processing_error', severity: 'fatal', says: /never/ })
  }),
  law('failures', 'A validation error is a validation_error, fatal.', async (rig) => {
    const failure = await rig.failureOf({ do: 'fail', kind: 'validation', message: 'no url' })
    expectFailure(failure, { code: 'validation_error', severity: 'fatal', says: /no url/ })
  }),
  law('failures', 'An error of a megabyte of words still fits into a frame.', async (rig) => {
    const message = 'x'.repeat(1_000_000)
    const failure = await rig.failureOf({ do: 'fail', kind: 'plain', message })
    expectFailure(failure, { code: 'processing_error', severity: 'recoverable' })
  }),
  law('failures', 'After a failure the next request is served.', async (rig) => {
    await rig.failureOf({ do: 'fail', kind: 'plain', message: 'once' })
    expectEqual(await rig.payloadsOf('next'), ['next'], 'the payloads')
  }),
]

const interim: readonly RuntimeCase[] = [
  law('interim frames', 'None is sent to a caller that accepts none.', async (rig) => {
    for (const order of [{ do: 'progress' }, { do: 'measure' }, { do: 'yield', values: [1] }])
      expectEqual((await rig.ask(order)).interim, [], `for ${order.do}`)
  }),
  law('interim frames', 'Progress is told before the answer.', async (rig) => {
    const accept = ['progress', 'metrics', 'output']
    const answer = await rig.ask({ do: 'progress', percent: 50, message: 'half' }, { accept })
    expectEqual(answer.interim, [{ progress: { percent: 50, message: 'half' } }], 'told')
    expectEqual(readPayloads(answer.last).length, 1, 'outputs')
  }),
  law('interim frames', 'Progress beyond 100 is moved to 100.', async (rig) => {
    const order = { do: 'progress', percent: 400, message: 'more' }
    const { interim: told } = await rig.ask(order, { accept: ['progress'] })
    expectEqual(told, [{ progress: { percent: 100, message: 'more' } }], 'told')
  }),
  law('interim frames', 'Metrics are told with kind, name, value and labels.', async (rig) => {
    const { interim: told } = await rig.ask({ do: 'measure' }, { accept: ['metrics'] })
    const metrics = told.flatMap((frame) => (frame as { metrics: unknown[] }).metrics)
    const expected = [
      { kind: 'counter', name: 'pages', value: 2, labels: { language: 'en' } },
      { kind: 'gauge', name: 'queue', value: 3, labels: {} },
      { kind: 'histogram', name: 'seconds', value: 0.5, labels: {} },
    ]
    expectEqual(metrics, expected, 'the metrics')
  }),
  law(
    'interim frames',
    'What is yielded is told one by one to a caller that accepts it.',
    async (rig) => {
      const { interim: told, last } = await rig.ask(
        { do: 'yield', values: [1, 2] },
        { accept: ['output'] },
      )
      const all = [
        ...told.flatMap((frame) => readPayloads([(frame as { output: unknown }).output])),
        ...readPayloads(last),
      ]
      expectEqual(all, [1, 2], 'the outputs')
    },
  ),
  law('interim frames', 'What is yielded is collected for a caller that does not.', async (rig) => {
    const payloads = await rig.payloadsOf({ do: 'yield', values: [1, 2] })
    expectEqual(payloads, [1, 2], 'the payloads')
  }),
]

const context: readonly RuntimeCase[] = [
  law(
    'context',
    'A handler sees ids, attempt, headers and its place in the route.',
    async (rig) => {
      const rest = { ...PLACE, job_id: 'j1', attempt: 3, headers: { who: 'me', n: { x: 1 } } }
      const [seen] = (await rig.payloadsOf({ do: 'context' }, rest)) as Record<string, unknown>[]
      const headers = { ...(seen?.['headers'] as Record<string, string>) }
      headers['n'] = (headers['n'] ?? '').replaceAll(' ', '')
      const expected = {
        ...{ id: 'm1', job_id: 'j1', attempt: 3, headers: { who: 'me', n: '{"x":1}' } },
        ...{ steps: ['zero', 'a', 'b', 'c'], current: 1 },
      }
      expectEqual({ ...seen, headers }, expected, 'what it sees')
    },
  ),
  law(
    'context',
    'Without a job and an attempt there is no job, and it is the first.',
    async (rig) => {
      const [seen] = (await rig.payloadsOf({ do: 'context' })) as Record<string, unknown>[]
      expectEqual([seen?.['job_id'], seen?.['attempt']], [null, 1], 'job_id and attempt')
    },
  ),
]

/** What a runtime makes of results, errors and the handler's words. */
export const replyCases: readonly RuntimeCase[] = [
  ...echoes,
  ...outputs,
  ...failures,
  ...interim,
  ...context,
]

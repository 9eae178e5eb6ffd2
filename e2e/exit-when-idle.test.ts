import { createSilentLogger } from '@asya/service/logger'
import { DEFAULT_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import { createMetrics, Sidecar, type Reporter } from '@asya/sidecar'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { describe, expect, test } from 'vitest'
import { python } from './pythons.ts'
import { nodeProgram, pythonProgram, RuntimeProcess } from './runtime-process.ts'

const noReporter: Reporter = {
  progress: () => undefined,
  final: () => Promise.resolve('told'),
  watch: () => undefined,
  close: () => Promise.resolve(),
}

const CONCURRENCY = { ASYA_CONCURRENCY: '2' }
const runtimes = [
  ['Node', nodeProgram('conformance.ts')],
  ['Node, several at a time', nodeProgram('conformance.ts', CONCURRENCY)],
  ...(python
    ? ([
        ['Python', pythonProgram(python, 'conformance:conformance')],
        [
          'Python, several at a time',
          pythonProgram(python, 'conformance:conformance', CONCURRENCY),
        ],
      ] as const)
    : []),
] as const

describe.each(runtimes)('the runtime of %s', (_name, program) => {
  test('ends with 0 when its sidecar has no message for it, and what came is done', async () => {
    const runtime = await RuntimeProcess.start(program)
    const broker = createMemoryBroker()
    const transport = broker.connect()
    const results: string[] = []
    await transport.consume(HAPPY_END, {
      prefetch: 10,
      onDelivery: (delivery) => {
        results.push(delivery.body.toString())
        delivery.settle('acknowledge')
      },
    })
    const queue = 'job'
    const retry = DEFAULT_RETRY_POLICY
    const sidecar = new Sidecar(
      {
        station: { queue, isEnd: false, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry },
        actorName: queue,
        socketPath: runtime.socketPath,
        maxMessageBytes: 1_000_000,
        concurrency: Number(program.environment['ASYA_CONCURRENCY'] ?? 1),
        timeoutMs: 20_000,
        exitWhenIdleMs: 1_000,
        leaseMs: 2_000,
      },
      {
        transport,
        reporter: noReporter,
        metrics: createMetrics({ namespace: 'asya_actor', queue, custom: [] }),
        logger: createSilentLogger(),
      },
    )
    await sidecar.start()
    const body = Buffer.from('{"route":{"steps":["job"],"current":0},"payload":"done"}')
    await transport.publish({ queue, body, messageId: 'm' })
    expect(await runtime.exited(), runtime.stderr).toBe(0)
    await sidecar.whenEnded
    expect(results).toHaveLength(1)
    expect(results[0]).toContain('"payload":"done"')
    await sidecar.close(0)
    await broker.close()
    await runtime.stop()
  }, 60_000)
})

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeReplyCases, readCorpus, sidecarCases, SidecarRig } from '@asya/conformance'
import { DEFAULT_RETRY_POLICY, ERROR_END, HAPPY_END } from '@asya/protocol'
import { createSilentLogger } from '@asya/service/logger'
import { createMetrics, Sidecar } from '@asya/sidecar'
import { createMemoryBroker } from '@asya/transport/in-memory'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { SILENT } from './system.ts'

const corpus = readCorpus(new URL('../asyncapi/fixtures/', import.meta.url))
const cases = [...makeReplyCases(corpus), ...sidecarCases]

describe('our sidecar', () => {
  const directory = mkdtempSync(join(tmpdir(), 'asya-sidecar-'))
  const socketPath = join(directory, 'app.sock')
  const queue = 'conformance'
  const broker = createMemoryBroker()
  const rig = new SidecarRig({ socketPath, queue, next: 'conformance-next' }, broker.connect())
  const retry = { ...DEFAULT_RETRY_POLICY, maxAttempts: 1 }
  const sidecar = new Sidecar(
    {
      station: { queue, isEnd: false, happyEnd: HAPPY_END, errorEnd: ERROR_END, retry },
      actorName: queue,
      socketPath,
      maxMessageBytes: 10 * 1024 * 1024,
      concurrency: 1,
      timeoutMs: 3_000,
    },
    {
      transport: broker.connect(),
      reporter: SILENT,
      metrics: createMetrics({ namespace: 'asya_actor', queue, custom: [] }),
      logger: createSilentLogger(),
    },
  )

  beforeAll(async () => {
    await rig.open()
    await sidecar.start()
  })

  afterAll(async () => {
    await sidecar.close(100)
    await rig.close()
    await broker.close()
    rmSync(directory, { recursive: true })
  })

  test.each(cases)('$group: $law', { timeout: 30_000 }, ({ run }) => run(rig))
})

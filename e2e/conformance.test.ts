import {
  LIMIT_CASE,
  lifeCases,
  makeFixtureCases,
  readCorpus,
  replyCases,
  runCases,
  RuntimeRig,
  shutdownCase,
} from '@asya/conformance'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { otherPythons, python } from './pythons.ts'
import {
  nodeProgram,
  pythonProgram,
  RuntimeProcess,
  type RuntimeProgram,
} from './runtime-process.ts'

const corpus = readCorpus(new URL('../asyncapi/fixtures/', import.meta.url))
const cases = [...makeFixtureCases(corpus), LIMIT_CASE, ...replyCases, ...lifeCases, shutdownCase]

const HEAP = { ASYA_HEAP_LIMIT: '128' }
/** Of the whole process, interpreter and libraries included. */
const MEMORY = { ASYA_HEAP_LIMIT: '512' }

const runtimes: readonly (readonly [string, RuntimeProgram])[] = [
  ['Node', nodeProgram('conformance.ts', HEAP)],
  ['Node, several at a time', nodeProgram('conformance.ts', { ...HEAP, ASYA_CONCURRENCY: '2' })],
  ...(python
    ? ([
        [`Python ${python.version}`, pythonProgram(python, 'conformance:conformance', MEMORY)],
        [
          `Python ${python.version}, several at a time`,
          pythonProgram(python, 'conformance:conformance', { ...MEMORY, ASYA_CONCURRENCY: '2' }),
        ],
      ] as const)
    : []),
]

describe.each(runtimes)('the runtime of %s', (_name, program) => {
  let runtime: RuntimeProcess

  beforeAll(async () => {
    runtime = await RuntimeProcess.start(program)
  }, 60_000)

  afterAll(async () => {
    await runtime.stop()
  })

  test.each(cases)('$group: $law', { timeout: 60_000 }, ({ run }) =>
    run(new RuntimeRig(runtime.socketPath)),
  )
})

describe.runIf(otherPythons.length > 0)('every Python that is here', () => {
  test.each(otherPythons)('$version', { timeout: 120_000 }, async (other) => {
    const runtime = await RuntimeProcess.start(
      pythonProgram(other, 'conformance:conformance', MEMORY),
    )
    const failed: unknown[] = []
    let count = 0
    for await (const ran of runCases(cases, new RuntimeRig(runtime.socketPath))) {
      count++
      if (ran.verdict.type === 'failed') failed.push(ran)
    }
    await runtime.stop()
    expect(failed).toEqual([])
    expect(count).toBe(cases.length)
    console.log(`Python ${other.version}: ${String(count)} cases`)
  })
})

import { existsSync } from 'node:fs'
import { runtimePythonPath } from '@asya/runtime-python'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { python } from './pythons.ts'
import { resultsOf, System } from './system.ts'

/**
 * Handlers of the original under our Python runtime; and the original's own runtime under our sidecar,
 * if `ASYA_ORIGINAL_RUNTIME` names its `asya_runtime.py`, which is no part of this repository.
 */

const original = process.env['ASYA_ORIGINAL_RUNTIME']
if (original === undefined)
  console.warn('SKIPPED: the original’s runtime; ASYA_ORIGINAL_RUNTIME names no asya_runtime.py')

const runtimes = [
  ['ours', runtimePythonPath],
  ...(original !== undefined && existsSync(original) ? [['the original', original] as const] : []),
] as const

let system: System

beforeEach(async () => {
  system = new System()
  await system.open()
})

afterEach(async () => {
  await system.close()
})

async function addActor(runtime: string, name: string, argument = 'payload'): Promise<void> {
  await system.addActor({
    name,
    handler: `of_the_original.${name}`,
    program: { command: python?.command ?? '', args: [runtime], environment: {} },
    // The original finds only what stands beside it, or on this path.
    environment: { ASYA_HANDLER_ARG_TYPE: argument, PYTHONPATH: '.' },
    retry: { maxAttempts: 1 },
  })
}

describe.runIf(python).each(runtimes)('a handler of the original under %s', (_name, runtime) => {
  test(
    'passes on, fans out, ends early and fails as it always did',
    { timeout: 60_000 },
    async () => {
      await addActor(runtime, 'process')
      const orders = [{ n: 1 }, { split: ['a', 'b', 'c'] }, { stop: true }]
      const results: unknown[] = []
      for (const order of orders) {
        const id = await system.send(order, ['process'])
        results.push(resultsOf(await system.complete(id)))
      }
      expect(results.slice(0, 2)).toEqual([
        [{ n: 1, processed: true }],
        [{ part: 'a' }, { part: 'b' }, { part: 'c' }],
      ])
      await system.send({ fail: true }, ['process'])
      const { error } = await system.failureOf({ fail: true })
      expect(error).toMatchObject({
        type: 'processing_error',
        exception: 'ValueError',
        message: 'no page',
      })
    },
  )

  test('may take whole messages, and change the steps ahead', { timeout: 60_000 }, async () => {
    await addActor(runtime, 'reroute', 'message')
    await addActor(runtime, 'process')
    const id = await system.send({ next: ['process'] }, ['reroute', 'elsewhere'])
    expect(resultsOf(await system.complete(id))).toEqual([{ rerouted: true, processed: true }])
  })
})

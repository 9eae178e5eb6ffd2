import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { python } from './pythons.ts'
import { pythonProgram } from './runtime-process.ts'
import { resultsOf, System, type Actor, type ActorOptions } from './system.ts'

let system: System

beforeEach(async () => {
  system = new System()
  await system.open()
})

afterEach(async () => {
  await system.close()
})

const ONCE = { maxAttempts: 1 }

/** An actor of `actors/faulty.py`. */
function addFaulty(options: Partial<ActorOptions> = {}): Promise<Actor> {
  if (!python) throw new Error('there is no Python')
  const handler = 'faulty:faulty'
  const program = pythonProgram(python, handler)
  return system.addActor({ name: 'faulty', handler, program, ...options })
}

describe.runIf(python)(
  'a Python handler that misbehaves ends as a named failure, and the next message is served',
  () => {
    test.each([
      ['loop for ever', { type: 'timeout_error' }],
      ['wait for ever', { type: 'timeout_error' }],
      ['allocate without end', { type: 'oom_error' }],
      ['exit', { type: 'processing_error', message: /ended its process with code 3/ }],
      ['call sys.exit', { type: 'processing_error', message: /sys\.exit\(3\)/ }],
      ['kill the worker', { type: 'processing_error', message: /ended by SIGKILL/ }],
      ['raise', { type: 'processing_error', message: /out of tea/ }],
      [
        'return a set',
        { type: 'processing_error', message: /\$\.at: a set does not survive JSON/ },
      ],
      ['return a cycle', { type: 'processing_error', message: /\$\.self: a cycle/ }],
      ['return NaN', { type: 'processing_error', message: /\$\.at: nan does not survive JSON/ }],
    ])(
      '%s',
      async (fault, expected: { type: string; message?: RegExp }) => {
        await addFaulty({
          timeoutMs: expected.type === 'timeout_error' ? 1_000 : 20_000,
          retry: ONCE,
          environment: { ASYA_HEAP_LIMIT: '256' },
        })
        const order = { do: fault, keep: ['the', 'original'] }
        await system.send(order)
        const { error } = await system.failureOf(order, 30_000)
        expect(error).toMatchObject({ type: expected.type, step: 'faulty', attempts: 1 })
        if (expected.message) expect(error.message).toMatch(expected.message)
        const next = await system.send({ do: 'nothing' })
        expect(resultsOf(await system.complete(next))).toEqual([{ do: 'nothing' }])
      },
      60_000,
    )

    test('one endless loop among eight messages fails alone', async () => {
      await addFaulty({ concurrency: 4, timeoutMs: 3_000, retry: { maxAttempts: 2 } })
      const loop = { do: 'loop for ever' }
      await system.send(loop)
      const others = await Promise.all(
        Array.from({ length: 7 }, (_, i) => system.send({ do: 'nothing', ms: i })),
      )
      for (const id of others)
        expect(resultsOf(await system.complete(id, 30_000))).toMatchObject([{ do: 'nothing' }])
      await system.failureOf(loop, 30_000)
      expect(system.failed).toHaveLength(1)
    }, 60_000)
  },
)

describe.runIf(python)('a Python runtime that dies', () => {
  test('once, from outside, fails no message', async () => {
    const actor = await addFaulty({ concurrency: 4 })
    const jobs = await Promise.all(
      Array.from({ length: 20 }, () => system.send({ do: 'nothing', ms: 40 })),
    )
    await sleep(60)
    actor.signalRuntime('SIGKILL')
    for (const id of jobs) await system.complete(id, 30_000)
    expect(system.failed).toHaveLength(0)
    expect(actor.starts).toBe(2)
  }, 60_000)

  test('leaves no worker behind, not even one that loops', async () => {
    const actor = await addFaulty({ timeoutMs: 60_000 })
    const id = await system.send({ do: 'say the pid' })
    const [said] = resultsOf(await system.complete(id)) as { pid: number }[]
    await system.send({ do: 'loop for ever' })
    await eventually('it loops', () => actor.sidecar.inFlight === 1)
    await sleep(100)
    actor.signalRuntime('SIGKILL')
    await eventually('the worker is gone', () => !isAlive(said?.pid ?? 0))
  }, 60_000)

  test('loses only its worker, and has another one at once', async () => {
    const actor = await addFaulty()
    const [said] = resultsOf(await system.complete(await system.send({ do: 'say the pid' }))) as {
      pid: number
    }[]
    process.kill(said?.pid ?? 0, 'SIGKILL')
    const id = await system.send({ do: 'nothing' })
    expect(resultsOf(await system.complete(id))).toEqual([{ do: 'nothing' }])
    expect(actor.starts).toBe(1)
    expect(system.failed).toHaveLength(0)
  }, 60_000)

  test('each time by the same message: that one ends in error-end, and no innocent with it', async () => {
    await addFaulty({ concurrency: 4 })
    const innocents: string[] = []
    for (let i = 0; i < 6; i++) innocents.push(await system.send({ do: 'nothing', ms: 30 }))
    const killer = { do: 'kill the runtime' }
    await system.send(killer)
    for (let i = 0; i < 6; i++) innocents.push(await system.send({ do: 'nothing', ms: 30 }))
    const { error } = await system.failureOf(killer, 60_000)
    expect(error).toMatchObject({ type: 'connection_error', attempts: 3 })
    for (const id of innocents)
      expect(resultsOf(await system.complete(id))).toMatchObject([{ do: 'nothing' }])
    expect(system.failed).toHaveLength(1)
  }, 90_000)

  test('at SIGTERM finishes what is in flight', async () => {
    const actor = await addFaulty()
    const id = await system.send({ do: 'nothing', ms: 500 })
    await eventually('it is in flight', () => actor.sidecar.inFlight === 1)
    await sleep(100)
    actor.signalRuntime('SIGTERM')
    expect(resultsOf(await system.complete(id))).toMatchObject([{ do: 'nothing' }])
    expect(system.arrived[0]?.attempt).toBe(1)
  }, 30_000)

  test('or is absent at first, fails no message', async () => {
    const actor = await addFaulty({ isAbsent: true })
    const id = await system.send({ do: 'nothing' })
    await sleep(300)
    actor.startRuntime()
    expect(resultsOf(await system.complete(id, 30_000))).toEqual([{ do: 'nothing' }])
    expect(system.arrived[0]?.attempt).toBe(1)
  }, 60_000)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

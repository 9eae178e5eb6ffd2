import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { resultsOf, System } from './system.ts'

let system: System

beforeEach(async () => {
  system = new System()
  await system.open()
})

afterEach(async () => {
  await system.close()
})

const ONCE = { maxAttempts: 1 }

describe('a handler that misbehaves ends as a named failure, and the next message is served', () => {
  test.each([
    ['loop for ever', { type: 'timeout_error' }],
    ['wait for ever', { type: 'timeout_error' }],
    ['allocate without end', { type: 'oom_error' }],
    ['exit', { type: 'processing_error', message: /process\.exit\(3\)/ }],
    ['throw a string', { type: 'processing_error', message: /just a string/ }],
    ['return a Date', { type: 'processing_error', message: /at.*Date/ }],
    ['return a cycle', { type: 'processing_error', message: /self.*cycl/i }],
    ['reject later', { type: 'processing_error', message: /nobody awaits this/ }],
  ])(
    '%s',
    async (fault, expected: { type: string; message?: RegExp }) => {
      await system.addActor({
        name: 'faulty',
        handler: 'faulty.ts#faulty',
        timeoutMs: expected.type === 'timeout_error' ? 1_000 : 20_000,
        retry: ONCE,
        environment: { ASYA_HEAP_LIMIT: '64' },
      })
      const order = { do: fault, keep: ['the', 'original'] }
      await system.send(order)
      const { error } = await system.failureOf(order, 30_000)
      const failedAt = performance.now()
      expect(error).toMatchObject({ type: expected.type, step: 'faulty', attempts: 1 })
      if (expected.message) expect(error.message).toMatch(expected.message)
      const next = await system.send({ do: 'nothing' })
      expect(resultsOf(await system.complete(next))).toEqual([{ do: 'nothing' }])
      // Within a second when the machine is idle; a busy one is not the runtime's fault.
      expect(performance.now() - failedAt).toBeLessThan(10_000)
    },
    60_000,
  )

  test('one endless loop among sixteen messages fails alone', async () => {
    await system.addActor({
      name: 'faulty',
      handler: 'faulty.ts#faulty',
      concurrency: 16,
      timeoutMs: 1_500,
      retry: { maxAttempts: 2 },
    })
    const loop = { do: 'loop for ever' }
    await system.send(loop)
    const others = await Promise.all(
      Array.from({ length: 15 }, (_, i) => system.send({ do: 'nothing', ms: i })),
    )
    for (const id of others)
      expect(resultsOf(await system.complete(id, 20_000))).toMatchObject([{ do: 'nothing' }])
    await system.failureOf(loop, 20_000)
    expect(system.failed).toHaveLength(1)
  }, 40_000)
})

describe('a runtime that dies', () => {
  test('once, from outside, fails no message', async () => {
    const actor = await system.addActor({
      name: 'faulty',
      handler: 'faulty.ts#faulty',
      concurrency: 8,
    })
    const jobs = await Promise.all(
      Array.from({ length: 40 }, () => system.send({ do: 'nothing', ms: 40 })),
    )
    await sleep(60)
    actor.signalRuntime('SIGKILL')
    for (const id of jobs) await system.complete(id)
    expect(system.failed).toHaveLength(0)
    expect(actor.starts).toBe(2)
  }, 30_000)

  test('each time by the same message: that one ends in error-end, and no innocent with it', async () => {
    await system.addActor({ name: 'faulty', handler: 'faulty.ts#faulty', concurrency: 16 })
    const innocents: string[] = []
    for (let i = 0; i < 12; i++) innocents.push(await system.send({ do: 'nothing', ms: 30 }))
    const killer = { do: 'kill the process' }
    await system.send(killer)
    for (let i = 0; i < 12; i++) innocents.push(await system.send({ do: 'nothing', ms: 30 }))
    const { error } = await system.failureOf(killer, 30_000)
    expect(error).toMatchObject({ type: 'connection_error', attempts: 3 })
    for (const id of innocents)
      expect(resultsOf(await system.complete(id))).toMatchObject([{ do: 'nothing' }])
    expect(system.failed).toHaveLength(1)
  }, 60_000)

  test('at SIGTERM finishes what is in flight', async () => {
    const actor = await system.addActor({ name: 'faulty', handler: 'faulty.ts#faulty' })
    const id = await system.send({ do: 'nothing', ms: 500 })
    await eventually('it is in flight', () => actor.sidecar.inFlight === 1)
    await sleep(100)
    actor.signalRuntime('SIGTERM')
    expect(resultsOf(await system.complete(id))).toMatchObject([{ do: 'nothing' }])
    expect(system.arrived[0]?.attempt).toBe(1)
  })
})

describe('a sidecar cut off from its transport', () => {
  let directory: string
  let answers: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'asya-answers-'))
    answers = join(directory, 'count')
  })

  afterEach(() => {
    rmSync(directory, { recursive: true })
  })

  test('mid-message: it comes again with the same child ids, and the job completes once', async () => {
    writeFileSync(answers, '3')
    const first = await system.addActor({ name: 'branching', handler: 'branching.ts#branching' })
    await system.addActor({ name: 'same', handler: 'branching.ts#same' })
    const publish = first.transport.publish.bind(first.transport)
    let published = 0
    first.transport.publish = async (outgoing) => {
      const result = await publish(outgoing)
      if (++published === 3) cutAndMend(first.transport)
      return result
    }
    const id = await system.send({ answers }, ['branching', 'same'])
    expect(resultsOf(await system.complete(id))).toEqual([300, 301, 302])
    await eventually('the copies arrive too', () => system.arrived.length === 6)
    expect(new Set(system.arrived.map((message) => message.id)).size).toBe(3)
  })

  test('after two of three outputs, and four the second time: one generation supplies the results', async () => {
    writeFileSync(answers, '3')
    const first = await system.addActor({ name: 'branching', handler: 'branching.ts#branching' })
    await system.addActor({ name: 'same', handler: 'branching.ts#same' })
    const publish = first.transport.publish.bind(first.transport)
    let published = 0
    first.transport.publish = (outgoing) => {
      if (++published === 3) {
        writeFileSync(answers, '4')
        cutAndMend(first.transport)
        return Promise.resolve({ type: 'failed', reason: 'cut' })
      }
      return publish(outgoing)
    }
    const id = await system.send({ answers }, ['branching', 'same'])
    const results = resultsOf(await system.complete(id))
    expect([
      [300, 301, 302],
      [400, 401, 402, 403],
    ]).toContainEqual(results)
    expect(system.failed).toHaveLength(0)
  })
})

/** What a crash or a cut cable does, and the new connection after it. */
function cutAndMend(transport: { cut(): void; mend(): void }): void {
  transport.cut()
  setTimeout(() => {
    transport.mend()
  }, 50)
}

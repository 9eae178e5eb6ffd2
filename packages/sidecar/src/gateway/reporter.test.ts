import { createLogger, createSilentLogger } from '@asya/service/logger'
import { stringifyToBytes, toJsonBytes, type FinalReport } from '@asya/protocol'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { createReporter, type Reporter } from './reporter.ts'

const GATEWAY = 'http://gateway.test'
const server = setupServer()

beforeAll(() => {
  server.listen()
})

let reporter: Reporter
afterEach(async () => {
  vi.useRealTimers()
  await reporter.close()
  server.resetHandlers()
})

afterAll(() => {
  server.close()
})

const AT_WORK: Parameters<Reporter['progress']>[0] = {
  jobId: 'j/1',
  step: 'a',
  stepIndex: 0,
  totalSteps: 2,
  status: 'processing',
  actorName: 'a',
}

function report(percent: number): typeof AT_WORK {
  return { ...AT_WORK, percent }
}

const FINAL: FinalReport = {
  jobId: 'j/1',
  branch: [{ index: 0, count: 2, generation: 'g' }],
  status: 'succeeded',
  result: toJsonBytes(Buffer.from('9007199254740993')),
}

/** What the gateway is told of progress from now on, whatever the batches. */
function keepUpdates(): readonly Record<string, unknown>[] {
  const told: Record<string, unknown>[] = []
  server.use(
    http.post(`${GATEWAY}/progress`, async ({ request }) => {
      const { updates } = (await request.json()) as { updates: Record<string, unknown>[] }
      told.push(...updates)
      return new HttpResponse(null, { status: 204 })
    }),
  )
  return told
}

describe('progress', () => {
  test('is sent in batches, in order, under the names of the wire', async () => {
    const bodies: { updates: Record<string, unknown>[] }[] = []
    server.use(
      http.post(`${GATEWAY}/progress`, async ({ request }) => {
        bodies.push((await request.json()) as { updates: Record<string, unknown>[] })
        return new HttpResponse(null, { status: 204 })
      }),
    )
    reporter = createReporter(GATEWAY, createSilentLogger())
    for (let percent = 0; percent < 300; percent++) reporter.progress(report(percent))
    await eventually('all arrive', () => bodies.flatMap((body) => body.updates).length === 300)
    expect(bodies.length).toBeLessThan(5)
    const updates = bodies.flatMap((body) => body.updates)
    expect(updates.map((update) => update['percent'])).toEqual(
      Array.from({ length: 300 }, (_, i) => i),
    )
    expect(updates[0]).toEqual({
      job_id: 'j/1',
      step: 'a',
      step_index: 0,
      total_steps: 2,
      status: 'processing',
      actor_name: 'a',
      percent: 0,
    })
  })

  test('leaves out that a step is at work when it is over', async () => {
    const told = keepUpdates()
    reporter = createReporter(GATEWAY, createSilentLogger())
    for (const stepIndex of [0, 1]) {
      reporter.progress({ ...AT_WORK, stepIndex, status: 'received' })
      reporter.progress({ ...AT_WORK, stepIndex })
      reporter.progress({ ...report(50), stepIndex })
    }
    reporter.progress({ ...AT_WORK, status: 'completed' })
    await eventually('all arrive', () => told.length === 6)
    expect(told.map((each) => [each['step_index'], each['status'], each['percent']])).toEqual([
      [0, 'received', undefined],
      [0, 'processing', 50],
      [1, 'received', undefined],
      [1, 'processing', undefined],
      [1, 'processing', 50],
      [0, 'completed', undefined],
    ])
  })

  test('leaves out payloads that would be too many to keep, and nothing else', async () => {
    const told = keepUpdates()
    reporter = createReporter(GATEWAY, createSilentLogger())
    const excerpts = [{ text: 'x'.repeat(400_000), bytes: 400_000 }]
    const payloads = { branch: '', excerpts, count: 1 }
    for (let percent = 0; percent < 4; percent++)
      reporter.progress({ ...report(percent), payloads })
    await eventually('all arrive', () => told.length === 4)
    expect(told.map((update) => 'payloads' in update)).toEqual([true, true, false, false])
  })

  test('never waits and never grows without bound when the gateway hangs', async () => {
    let batches = 0
    server.use(
      http.post(`${GATEWAY}/progress`, async () => {
        batches++
        await sleep(300)
        return new HttpResponse(null, { status: 503 })
      }),
    )
    reporter = createReporter(GATEWAY, createSilentLogger())
    const startedAt = performance.now()
    for (let i = 0; i < 100_000; i++) reporter.progress(report(i))
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await eventually('one batch is under way', () => batches === 1)
  })
})

describe('a final', () => {
  test('carries the result byte for byte, under the id of its job', async () => {
    let body = ''
    server.use(
      http.post(`${GATEWAY}/jobs/j%2F1/final`, async ({ request }) => {
        body = await request.text()
        return HttpResponse.json({})
      }),
    )
    reporter = createReporter(GATEWAY, createSilentLogger())
    expect(await reporter.final(FINAL)).toBe('told')
    expect(body).toBe('{"status":"succeeded","branch":[[0,2,"g"]],"result":9007199254740993}')
  })

  test.each([404, 409, 410])('is told when the gateway answers %i', async (status) => {
    server.use(http.post(`${GATEWAY}/jobs/:id/final`, () => new HttpResponse(null, { status })))
    reporter = createReporter(GATEWAY, createSilentLogger())
    expect(await reporter.final(FINAL)).toBe('told')
  })

  test.each([400, 401, 500, 503])('is not told when the gateway answers %i', async (status) => {
    server.use(http.post(`${GATEWAY}/jobs/:id/final`, () => new HttpResponse(null, { status })))
    reporter = createReporter(GATEWAY, createSilentLogger())
    expect(await reporter.final(FINAL)).toBe('unreachable')
  })

  test('is not told when the connection breaks', async () => {
    server.use(http.post(`${GATEWAY}/jobs/:id/final`, () => HttpResponse.error()))
    reporter = createReporter(GATEWAY, createSilentLogger())
    const failed: FinalReport = {
      jobId: 'j',
      branch: [],
      status: 'failed',
      error: stringifyToBytes({ type: 'processing_error' }),
    }
    expect(await reporter.final(failed)).toBe('unreachable')
  })

  test('is told to nobody when there is no gateway', async () => {
    reporter = createReporter(undefined, createSilentLogger())
    reporter.progress(report(1))
    expect(await reporter.final(FINAL)).toBe('told')
  })
})

describe('a token', () => {
  test('is shown with every report, and a refusal is said once', async () => {
    const shown: (string | null)[] = []
    server.use(
      http.post(`${GATEWAY}/jobs/:id/final`, ({ request }) => {
        shown.push(request.headers.get('authorization'))
        return new HttpResponse(null, { status: 401 })
      }),
    )
    const lines: string[] = []
    const logger = createLogger({ level: 'info', write: (line) => lines.push(line) })
    reporter = createReporter(GATEWAY, logger, { token: { text: 'a-token' } })
    for (let n = 0; n < 3; n++) expect(await reporter.final(FINAL)).toBe('unreachable')
    expect(shown).toEqual(['Bearer a-token', 'Bearer a-token', 'Bearer a-token'])
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('ASYA_GATEWAY_TOKEN')
    expect(lines[0]).not.toContain('a-token')
  })
})

describe('a watch', () => {
  test('beats for its job, and cancels when the gateway says so', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let beats = 0
    server.use(
      http.post(`${GATEWAY}/jobs/j/heartbeat`, () => {
        beats++
        return HttpResponse.json(beats > 1 ? { cancel: true } : {})
      }),
    )
    reporter = createReporter(GATEWAY, createSilentLogger())
    let isCancelled = false
    const stop = reporter.watch('j', () => {
      isCancelled = true
    })
    vi.advanceTimersByTime(10_000)
    await eventually('one beat', () => beats === 1)
    expect(isCancelled).toBe(false)
    vi.advanceTimersByTime(10_000)
    await eventually('cancelled', () => isCancelled)
    stop?.()
    vi.advanceTimersByTime(60_000)
    await sleep(50)
    expect(beats).toBe(2)
  })
})

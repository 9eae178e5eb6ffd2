import { describe, expect, it } from 'vitest'
import { beginLife, goOn, stateOf } from './job-life.ts'
import type { JobState, JobUpdate, ProgressData } from './wire.ts'

let seq = 0
const said = (more: Partial<ProgressData> & { second?: number }): JobUpdate => ({
  job_id: 'j',
  seq: ++seq,
  at: new Date(1000 * (more.second ?? 0)).toISOString(),
  type: 'progress',
  step: 'a',
  step_index: 0,
  total_steps: 2,
  status: 'received',
  actor_name: 'a',
  ...more,
})

const states = (life: ReturnType<typeof beginLife>, jobState: JobState, failed: string[] = []) =>
  life.steps.map((step) => stateOf(step, { jobState, failedSteps: new Set(failed) }))

describe("A job's life", () => {
  it('has the time from the first message to the last answer, and the time in the handler', () => {
    const life = goOn(beginLife(['a', 'b']), [
      said({ second: 1 }),
      said({ second: 2, status: 'processing', percent: 50, message: 'half' }),
      said({ second: 4, status: 'completed', duration_ms: 2500 }),
    ])
    expect(life.steps[0]).toMatchObject({
      ...{ received: 1, completed: 1, firstMs: 1000, lastMs: 4000, durationSumMs: 2500 },
      ...{ message: 'half', percent: undefined },
    })
    expect(states(life, 'running')).toEqual(['done', 'waiting'])
    expect(states(life, 'cancelled')).toEqual(['done', 'stopped'])
  })

  it('counts the messages of a fan-out, and is at work until all are answered', () => {
    const received = [1, 2, 3].map((second) => said({ second, step: 'b', step_index: 1 }))
    const life = goOn(beginLife(['a', 'b']), [
      ...received,
      said({ step: 'b', step_index: 1, status: 'completed', duration_ms: 10 }),
    ])
    expect(life.steps[1]).toMatchObject({ received: 3, completed: 1 })
    expect(states(life, 'running')).toEqual(['waiting', 'active'])
    expect(states(life, 'failed', ['b'])).toEqual(['stopped', 'failed'])
  })

  it('is the same however its updates are cut into pieces', () => {
    const updates = [
      said({ second: 3 }),
      said({ status: 'completed', second: 5 }),
      said({ step_index: 4 }),
    ]
    const inOne = goOn(beginLife(['a']), updates)
    const piecemeal = updates.reduce((life, update) => goOn(life, [update]), beginLife(['a']))
    expect(piecemeal).toEqual(inOne)
    expect(inOne.steps.map(({ name }) => name)).toEqual(['a', '?', '?', '?', 'a'])
  })

  it('keeps the newest updates alone, and does not grow with wild indexes', () => {
    const many = Array.from({ length: 500 }, () => said({ step_index: 999_999_999 }))
    const life = goOn(beginLife(['a']), many)
    expect(life.log).toHaveLength(200)
    expect(life.updateCount).toBe(500)
    expect(life.steps).toHaveLength(1)
  })
})

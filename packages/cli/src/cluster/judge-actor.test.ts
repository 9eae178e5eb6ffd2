import { expect, test } from 'vitest'
import { judgeActor } from './judge-actor.ts'

const actor = (observedGeneration: number, ...conditions: readonly [string, string, string][]) => ({
  metadata: { generation: 2 },
  status: {
    observedGeneration,
    conditions: conditions.map(([type, status, reason]) => ({
      type,
      status,
      reason,
      message: 'm',
    })),
  },
})

test('What was said of an older version does not count.', () => {
  expect(judgeActor(actor(1, ['Ready', 'True', 'Running'])).state).toBe('unseen')
  expect(judgeActor({ metadata: { generation: 1 } }).state).toBe('unseen')
})

test('An actor that serves with its old pods is waited for still.', () => {
  const rolling = actor(2, ['Ready', 'True', 'RollingOut'], ['WorkloadReady', 'True', 'RollingOut'])
  expect(judgeActor(rolling)).toEqual({ state: 'waiting', reason: 'RollingOut', message: 'm' })
  const done = actor(2, ['Ready', 'True', 'Running'], ['WorkloadReady', 'True', 'Running'])
  expect(judgeActor(done).state).toBe('ready')
})

test('What does not mend by itself is told apart from what takes its time.', () => {
  expect(
    judgeActor(actor(2, ['Ready', 'False', 'Invalid'], ['Stalled', 'True', 'Invalid'])),
  ).toEqual({
    state: 'stalled',
    reason: 'Invalid',
    message: 'm',
  })
  expect(judgeActor(actor(2, ['Ready', 'False', 'ImagePullBackOff'])).state).toBe('waiting')
})

import { describe, expect, test } from 'vitest'
import { listFlips } from './list-flips.ts'
import { makeStatus, type Status } from './make-status.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import { observe } from './observed.ts'
import { no, unknown, yes, type Verdict } from './verdict.ts'

const actor: StoredActor = {
  apiVersion: 'asya.io/v1alpha1',
  kind: 'AsyncActor',
  metadata: { name: 'echo', namespace: 'default', uid: 'u', generation: 3 },
  spec: { queueName: 'echo', workload: { template: { spec: { containers: [] } } } },
}

const early = new Date('2026-01-01T00:00:00.123Z')
const late = new Date('2026-01-01T01:00:00.456Z')

function make(WorkloadReady: Verdict, before?: Status, now = early, stalled?: Verdict): Status {
  const parts = {
    WorkloadReady,
    ScalingReady: yes('Active', 's'),
    TransportReady: yes('Consuming', 't'),
  }
  const known = before === undefined ? actor : { ...actor, status: before }
  return makeStatus(known, { observed: observe([], []), parts, stalled, now })
}

function find(status: Status, type: string) {
  return status.conditions?.find((condition) => condition.type === type)
}

describe('makeStatus', () => {
  test('The same facts later are the same status.', () => {
    const first = make(yes('Running', 'w'))
    expect(make(yes('Running', 'w'), first, late)).toEqual(first)
  })

  test('The time of a condition moves when its status flips, and at nothing else.', () => {
    const first = make(yes('Running', 'w'))
    const told = make(yes('ScalingOut', 'other words'), first, late)
    expect(find(told, 'WorkloadReady')).toMatchObject({
      reason: 'ScalingOut',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })
    const flipped = make(no('CrashLoopBackOff', 'c'), told, late)
    expect(find(flipped, 'WorkloadReady')?.lastTransitionTime).toBe('2026-01-01T01:00:00Z')
    expect(find(flipped, 'ScalingReady')?.lastTransitionTime).toBe('2026-01-01T00:00:00Z')
  })

  test('Reconciling and Stalled are there only while they are true.', () => {
    expect(make(yes('Running', 'w')).conditions?.map(({ type }) => type)).toEqual([
      'Ready',
      'WorkloadReady',
      'ScalingReady',
      'TransportReady',
    ])
    expect(find(make(unknown('Progressing', 'p')), 'Reconciling')).toMatchObject({
      status: 'True',
      reason: 'Progressing',
    })
    const stalled = make(yes('Running', 'w'), undefined, early, no('Refused', 'r'))
    expect(find(stalled, 'Stalled')).toMatchObject({ status: 'True', reason: 'Refused' })
    expect(find(stalled, 'Ready')).toMatchObject({ status: 'False', reason: 'Refused' })
    expect(find(stalled, 'Reconciling')).toBeUndefined()
  })
})

describe('listFlips', () => {
  const types = (before: Status | undefined, after: Status) =>
    listFlips(before, after).map(({ type }) => type)

  test('What is told first is what is settled.', () => {
    expect(types(undefined, make(unknown('Progressing', 'p')))).toEqual([
      'ScalingReady',
      'TransportReady',
    ])
  })

  test('Other words are no news, another status is, and so is another reason to be false.', () => {
    const running = make(yes('Running', 'w'))
    expect(types(running, make(yes('ScalingOut', 'w'), running))).toEqual([])
    const crashed = make(no('CrashLoopBackOff', 'c'), running)
    expect(types(running, crashed)).toEqual(['Ready', 'WorkloadReady'])
    expect(types(crashed, make(no('CrashLoopBackOff', 'again'), crashed))).toEqual([])
    expect(types(crashed, make(no('ImagePullBackOff', 'i'), crashed))).toEqual([
      'Ready',
      'WorkloadReady',
    ])
  })
})

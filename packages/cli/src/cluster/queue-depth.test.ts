import { describe, expect, test } from 'vitest'
import { readQueueDepth } from './queue-depth.ts'

const scaler = (ready: string, active?: string) => ({
  status: {
    conditions: [
      { type: 'Ready', status: ready },
      ...(active === undefined ? [] : [{ type: 'Active', status: active }]),
    ],
  },
})

const autoscaler = (current: object, currentReplicas = 2) => ({
  status: {
    currentReplicas,
    conditions: [{ type: 'ScalingActive', status: 'True' }],
    currentMetrics: [{ type: 'Resource' }, { type: 'External', external: { current } }],
  },
})

describe('the depth of a queue', () => {
  test('The average of the autoscaler counts for each of its replicas.', () => {
    const about = (current: object) => readQueueDepth(scaler('True', 'True'), autoscaler(current))
    expect(about({ averageValue: '2500m' })).toEqual({ type: 'about', messages: 5 })
    expect(about({ averageValue: '1k' })).toEqual({ type: 'about', messages: 2_000 })
    expect(about({ value: '7', averageValue: '' })).toEqual({ type: 'about', messages: 7 })
  })

  test('Messages that nobody has counted are some.', () => {
    expect(readQueueDepth(scaler('True', 'True'), undefined)).toEqual({ type: 'some' })
    const asleep = autoscaler({ averageValue: '0' }, 0)
    expect(readQueueDepth(scaler('True', 'True'), asleep)).toEqual({ type: 'some' })
    const odd = autoscaler({ averageValue: '1Ki' })
    expect(readQueueDepth(scaler('True', 'True'), odd)).toEqual({ type: 'some' })
  })

  test('KEDA says when it is empty, whatever the autoscaler counted before.', () => {
    const old = autoscaler({ averageValue: '5' })
    expect(readQueueDepth(scaler('True', 'False'), old)).toEqual({ type: 'empty' })
  })

  test('A queue that cannot be counted is not taken for an empty one.', () => {
    expect(readQueueDepth(scaler('False', 'False'), undefined)).toEqual({ type: 'unknown' })
    expect(readQueueDepth(scaler('True'), undefined)).toEqual({ type: 'unknown' })
    expect(readQueueDepth(undefined, undefined)).toEqual({ type: 'unknown' })
  })
})

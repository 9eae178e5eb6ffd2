import { describe, expect, test } from 'vitest'
import { assertScaleRequest, makeScaling } from './scaling-change.ts'

const actor = (spec: object, held: object = {}) => ({
  apiVersion: 'asya.io/v1alpha1',
  kind: 'AsyncActor',
  metadata: {
    name: 'a',
    managedFields: [
      { manager: 'asya-cli', fieldsV1: { 'f:spec': { 'f:scaling': { 'f:minReplicas': {} } } } },
      { manager: 'asya-cli-scale', fieldsV1: { 'f:spec': { 'f:scaling': held } } },
    ],
  },
  spec,
})

describe('what asya scale applies', () => {
  test('A bound that it set before is kept beside the new one; one of the project is not taken.', () => {
    const one = actor({ scaling: { minReplicas: 1, maxReplicas: 9 } }, { 'f:maxReplicas': {} })
    expect(makeScaling(one, { min: 2 })).toEqual({ scaling: { minReplicas: 2, maxReplicas: 9 } })
    expect(makeScaling(one, { max: 3 })).toEqual({ scaling: { maxReplicas: 3 } })
  })

  test('A number of replicas turns scaling off, and bounds turn it on again.', () => {
    expect(makeScaling(actor({}), { replicas: 3 })).toEqual({
      scaling: { enabled: false },
      workload: { replicas: 3 },
    })
    const off = actor({ scaling: { enabled: false } })
    expect(makeScaling(off, { max: 3 })).toEqual({ scaling: { enabled: true, maxReplicas: 3 } })
  })

  test('A Job has no replicas.', () => {
    const job = actor({ workload: { type: 'Job' } })
    expect(() => makeScaling(job, { replicas: 1 })).toThrow('a is a Job')
  })

  test('Nothing, and what excludes each other, is refused.', () => {
    expect(() => {
      assertScaleRequest({})
    }).toThrow('how many?')
    expect(() => {
      assertScaleRequest({ min: 1, replicas: 1 })
    }).toThrow('leave out --min and --max')
    expect(() => {
      assertScaleRequest({ min: 3, max: 2 })
    }).toThrow('--min 3 is above --max 2')
  })
})

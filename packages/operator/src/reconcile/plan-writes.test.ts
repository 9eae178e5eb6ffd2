import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/kube-object.ts'
import { ActorMemory } from './actor-memory.ts'
import { planWrites } from './plan-writes.ts'
import { projectOnto } from './project-onto.ts'

function object(kind: string, spec: object, metadata: object = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name: 'echo', ...metadata }, spec }
}

const deployment = object('Deployment', { paused: false })
const scaler = object('ScaledObject', { maxReplicaCount: 5 })
const none = new Map<string, string>()

function desire(objects: readonly KubeObject[], replicas?: { count: number; isMinimum: boolean }) {
  const asked = replicas && {
    object: object('Deployment', { replicas: replicas.count }),
    isMinimum: replicas.isMinimum,
  }
  return { objects, replicas: asked, warnings: [] }
}

function plan(
  desired: ReturnType<typeof desire>,
  children: readonly KubeObject[],
  settled: ReadonlyMap<string, string>,
  isRollingOut = false,
): string[] {
  return planWrites(desired, children, { settled, isRollingOut }).map(
    ({ type, object }) => `${type} ${object.kind}`,
  )
}

describe('planWrites', () => {
  test('What is missing is applied in its order, and what is there is left alone.', () => {
    const desired = desire([deployment, scaler])
    expect(plan(desired, [], none)).toEqual(['apply Deployment', 'apply ScaledObject'])
    expect(plan(desired, [deployment], none)).toEqual(['apply ScaledObject'])
    expect(plan(desired, [scaler, deployment], none)).toEqual([])
  })

  test('What differs is applied, until the API server keeps it so.', () => {
    const held = object('Deployment', { paused: true })
    expect(plan(desire([deployment]), [held], none)).toEqual(['apply Deployment'])
    const settled = new Map([['Deployment/echo', projectOnto(deployment, held)]])
    expect(plan(desire([deployment]), [held], settled)).toEqual([])
    const another = object('Deployment', { paused: null })
    expect(plan(desire([deployment]), [another], settled)).toEqual(['apply Deployment'])
  })

  test('What is not wanted any more goes before the replicas are set.', () => {
    const desired = desire([deployment], { count: 3, isMinimum: false })
    const held = object('Deployment', { paused: false, replicas: 7 })
    expect(plan(desired, [held, scaler], none)).toEqual([
      'delete ScaledObject',
      'apply-replicas Deployment',
    ])
  })

  test('What is being deleted is neither mended nor deleted again.', () => {
    const ending = { deletionTimestamp: '2026-01-01T00:00:00Z' }
    const children = [
      object('Deployment', { paused: true }, ending),
      object('ScaledObject', {}, ending),
    ]
    expect(plan(desire([deployment]), children, none)).toEqual([])
  })

  test('What pods mount stays until those of the template before are gone.', () => {
    const old = object('ConfigMap', {})
    expect(plan(desire([deployment]), [deployment, old], none, true)).toEqual([])
    expect(plan(desire([deployment]), [deployment, old], none)).toEqual(['delete ConfigMap'])
  })

  test.each([
    [{ count: 2, isMinimum: false }, 2, []],
    [{ count: 2, isMinimum: false }, 5, ['apply-replicas Deployment']],
    [{ count: 1, isMinimum: true }, 5, []],
    [{ count: 1, isMinimum: true }, 0, ['apply-replicas Deployment']],
  ])('Replicas %j, where there are %i: %j.', (replicas, current, writes) => {
    const held = object('Deployment', { paused: false, replicas: current })
    expect(plan(desire([deployment], replicas), [held], none)).toEqual(writes)
  })
})

describe('ActorMemory', () => {
  const at = (version: string): KubeObject =>
    object('Deployment', { paused: false }, { resourceVersion: version })

  test('What was answered to a write counts until the cache has moved.', () => {
    const memory = new ActorMemory()
    memory.noteWrite('Deployment/echo', { cached: undefined, answer: at('5') })
    expect(memory.overlay([])).toEqual([at('5')])
    // The event of a later change came: the cache knows more than the answer did.
    expect(memory.overlay([at('7')])).toEqual([at('7')])
    // And if it is taken away after that, it is gone.
    expect(memory.overlay([])).toEqual([])
  })

  test('What was removed is gone until the cache has moved.', () => {
    const memory = new ActorMemory()
    memory.noteWrite('Deployment/echo', { cached: at('5'), answer: undefined })
    expect(memory.overlay([at('5')])).toEqual([])
    expect(memory.overlay([at('6')])).toEqual([at('6')])
  })

  test('What was answered is let go when the cache moves, and not while a reconcile goes by it.', () => {
    const memory = new ActorMemory()
    memory.begin()
    memory.noteWrite('Deployment/echo', { cached: undefined, answer: at('5') })
    memory.noteChange('Deployment/echo')
    expect(memory.overlay([])).toEqual([at('5')])
    memory.end()
    expect(memory.overlay([])).toEqual([])
    memory.noteWrite('Deployment/echo', { cached: at('5'), answer: at('6') })
    memory.noteChange('Deployment/echo')
    expect(memory.overlay([at('5')])).toEqual([at('5')])
  })

  test('A write that changed nothing is no write: no event will follow it.', () => {
    const memory = new ActorMemory()
    memory.noteWrite('Deployment/echo', { cached: at('5'), answer: at('5') })
    expect(memory.overlay([])).toEqual([])
  })

  test('A status that was written counts while the cache has the one from before.', () => {
    const memory = new ActorMemory()
    const status = { replicas: 1 }
    memory.noteStatus('5', status)
    expect(memory.statusAhead('5')).toBe(status)
    expect(memory.statusAhead('6')).toBeUndefined()
  })
})

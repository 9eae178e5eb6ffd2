import { describe, expect, test } from 'vitest'
import { CHILD_RESOURCES } from './child-resources.ts'
import { desireObjects } from './desire-objects.ts'
import { fieldsOf } from '../kube/fields.ts'
import { findChild, listKinds } from './testing/find-child.ts'
import { makeActor, makeWorkload, platform } from './testing/make-actor.ts'

const types = ['Deployment', 'StatefulSet', 'Job'] as const

describe('what an actor has', () => {
  test('The shortest actor is a deployment that sleeps while its queue is empty.', () => {
    expect(listKinds(makeActor())).toEqual([
      'ServiceAccount',
      'ConfigMap',
      'TriggerAuthentication',
      'Deployment',
      'ScaledObject',
    ])
  })

  test.each(types)("A %s of a queue has no replicas of its own: they are KEDA's.", (type) => {
    const actor = makeActor({ workload: makeWorkload({ type, replicas: 3 }) })
    const { objects, replicas } = desireObjects(actor, platform)
    expect(replicas).toBeUndefined()
    for (const { spec } of objects) expect(fieldsOf(spec)).not.toHaveProperty('replicas')
  })

  test.each(['Deployment', 'StatefulSet'] as const)(
    'Where the queue does not decide, the replicas of a %s are an object by themselves.',
    (type) => {
      const workload = makeWorkload({ type, replicas: 3 })
      const { objects, replicas } = desireObjects(
        makeActor({ workload, scaling: { enabled: false } }),
        platform,
      )
      expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', type])
      expect(fieldsOf(objects[1]?.['spec'])).not.toHaveProperty('replicas')
      expect(replicas?.isMinimum).toBe(false)
      expect(replicas?.object).toEqual({
        apiVersion: 'apps/v1',
        kind: type,
        metadata: { name: 'read-page', namespace: 'docs' },
        spec: { replicas: 3 },
      })
    },
  )

  test('Without KEDA there is no scaler, and at least the replicas that the workload names.', () => {
    const on = { ...platform, hasKeda: false }
    const { objects, replicas } = desireObjects(makeActor(), on)
    expect(objects.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'Deployment'])
    expect(replicas).toMatchObject({ object: { spec: { replicas: 1 } }, isMinimum: true })
  })

  test('Jobs are made by KEDA; without it there is one job, of as many pods as replicas.', () => {
    const actor = makeActor({ workload: makeWorkload({ type: 'Job', replicas: 2 }) })
    expect(listKinds(actor)).toContain('ScaledJob')
    expect(listKinds(actor)).not.toContain('Job')
    const alone = { ...platform, hasKeda: false }
    expect(findChild('Job', actor, alone)['spec']).toMatchObject({ parallelism: 2 })
    expect(desireObjects(actor, alone).replicas).toBeUndefined()
  })

  test('A job of another template has another name, since no job can change; one of more pods has not.', () => {
    const nameOf = (replicas: number, image: string) =>
      findChild(
        'Job',
        makeActor({ workload: makeWorkload({ type: 'Job', replicas }, { runtime: { image } }) }),
        { hasKeda: false },
      ).metadata.name
    expect(nameOf(1, 'a:1')).toMatch(/^read-page-[0-9a-f]{10}$/)
    expect(nameOf(1, 'a:1')).toBe(nameOf(2, 'a:1'))
    expect(nameOf(1, 'a:1')).not.toBe(nameOf(1, 'a:2'))
  })

  test('A pod with a service account of its user has that, and none is made.', () => {
    const workload = makeWorkload({}, { pod: { serviceAccountName: 'reader' } })
    expect(listKinds(makeActor({ workload }))).not.toContain('ServiceAccount')
    expect(findChild('ServiceAccount', makeActor())).toMatchObject({
      metadata: { name: 'read-page' },
      automountServiceAccountToken: false,
    })
  })
})

describe('every child', () => {
  const everything = types.flatMap((type) =>
    [true, false].flatMap((hasKeda) => {
      const actor = makeActor({ workload: makeWorkload({ type, runtime: 'Python' }) })
      const on = { ...platform, hasKeda, hasNetworkPolicies: true }
      return desireObjects(actor, on).objects
    }),
  )

  test('is one of the kinds that are watched, and each of these can be one.', () => {
    const known = CHILD_RESOURCES.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    const made = new Set(everything.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))
    expect([...made].sort()).toEqual(known.sort())
  })

  test("is the actor's, is labelled, and tells its own content by a hash.", () => {
    for (const { metadata } of everything) {
      expect(metadata).toMatchObject({
        namespace: 'docs',
        labels: { 'app.kubernetes.io/managed-by': 'asya-operator', 'asya.io/actor': 'read-page' },
        ownerReferences: [{ kind: 'AsyncActor', name: 'read-page', uid: '6f1c', controller: true }],
        annotations: { 'asya.io/desired-hash': expect.stringMatching(/^[0-9a-f]{10}$/) },
      })
    }
  })

  test('is the same to the byte when it is desired again, and another hash when anything is different.', () => {
    const make = (concurrency: number) =>
      desireObjects(makeActor({ concurrency }), { ...platform, hasNetworkPolicies: true })
    expect(JSON.stringify(make(1))).toBe(JSON.stringify(make(1)))
    const hashes = (concurrency: number) =>
      make(concurrency).objects.map(
        ({ metadata }) => metadata.annotations?.['asya.io/desired-hash'],
      )
    const changed = hashes(1).filter((hash, index) => hash !== hashes(2)[index])
    expect(changed).toHaveLength(1)
  })
})

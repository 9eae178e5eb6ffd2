import { expect } from 'vitest'
import type { KubeObject } from '../../kube/kube-object.ts'
import { ASYNC_ACTORS } from '../../kube/resources.ts'
import { makeObject, pick, type Harness, type Laws } from './harness.ts'

const ME = { manager: 'me' }
const runtime = { name: 'runtime', image: 'a' }

function actor(spec: object = {}, pod: object = {}) {
  return makeObject(ASYNC_ACTORS, 'echo', {
    spec: {
      queueName: 'echo',
      workload: { template: { spec: { containers: [runtime], ...pod } } },
      ...spec,
    },
  })
}

function apply({ client }: Harness, object: KubeObject): Promise<KubeObject> {
  return client.apply(ASYNC_ACTORS, object, ME)
}

function pathOf({ namespace }: Harness): string {
  return `/apis/asya.io/v1alpha1/namespaces/${namespace}/asyncactors`
}

const condition = (type: string, status: string): object => ({
  type,
  status,
  reason: 'Because',
  message: 'it is so',
  lastTransitionTime: '2026-01-01T00:00:00Z',
})

export const customResourceLaws: Laws = {
  'An actor has the defaults of its CRD, and is applied again without a change.': async (
    harness,
  ) => {
    const made = await apply(harness, actor()(harness))
    expect(made['spec']).toMatchObject({
      concurrency: 1,
      scaling: { enabled: true, minReplicas: 0, maxReplicas: 50 },
      timeout: { processing: 300 },
      workload: { type: 'Deployment' },
    })
    expect(made.metadata.generation).toBe(1)
    expect(await apply(harness, actor()(harness))).toEqual(made)
  },

  'Fields of a pod that the CRD does not list are kept.': async (harness) => {
    const pod = {
      priorityClassName: 'high',
      containers: [{ ...runtime, fieldOfTomorrow: { a: [1, { b: null }] }, livenessProbe: {} }],
    }
    const made = await apply(harness, actor({}, pod)(harness))
    const kept = pick(made, 'spec', 'workload', 'template', 'spec')
    expect(kept).toMatchObject({ priorityClassName: 'high' })
    expect(pick(kept as KubeObject, 'containers', '0', 'fieldOfTomorrow', 'a', '0')).toBe(1)
  },

  'Fields that are unknown elsewhere are dropped where a write is not strict, and named where it is.':
    async (harness) => {
      const body = actor({ concurency: 2 })(harness)
      const loose = await harness.send('POST', pathOf(harness), { body })
      expect(loose.status).toBe(201)
      expect(loose.body['spec']).not.toHaveProperty('concurency')
      const query = 'dryRun=All&fieldValidation=Strict'
      const strict = await harness.send('POST', `${pathOf(harness)}?${query}`, { body })
      expect(strict.status).toBe(400)
      expect(strict.body['message']).toContain('unknown field "spec.concurency"')
    },

  'The status is written apart, its conditions are known by their type, and count no generation.':
    async (harness) => {
      const { client, namespace } = harness
      const made = await apply(harness, { ...actor()(harness), status: { replicas: 9 } })
      expect(made).not.toHaveProperty('status')
      const status = (...conditions: readonly object[]) =>
        makeObject(ASYNC_ACTORS, 'echo', { status: { observedGeneration: 1, conditions } })(harness)
      const own = { manager: 'status', subresource: 'status' } as const
      await client.apply(ASYNC_ACTORS, status(condition('A', 'True'), condition('B', 'True')), own)
      const other = { ...own, manager: 'other' }
      await client.apply(ASYNC_ACTORS, status(condition('C', 'True')), other)
      const left = await client.apply(ASYNC_ACTORS, status(condition('A', 'False')), own)
      const conditions = pick(left, 'status', 'conditions') as { type: string; status: string }[]
      expect(conditions.map(({ type, status }) => `${type} ${status}`).toSorted()).toEqual([
        'A False',
        'C True',
      ])
      expect(left.metadata.generation).toBe(1)
      expect(left['spec']).toEqual(made['spec'])
      const again = await client.apply(ASYNC_ACTORS, status(condition('A', 'False')), own)
      expect(again.metadata.resourceVersion).toBe(left.metadata.resourceVersion)
      const respecced = await apply(harness, actor({ concurrency: 2 })(harness))
      expect(respecced['status']).toEqual(left['status'])
      expect(respecced.metadata.generation).toBe(2)
      expect(await client.get(ASYNC_ACTORS, { namespace, name: 'echo' })).toEqual(respecced)
    },

  'There is no status of an actor that there is not.': async (harness) => {
    const object = makeObject(ASYNC_ACTORS, 'nobody', { status: { replicas: 1 } })(harness)
    const applying = harness.client.apply(ASYNC_ACTORS, object, { ...ME, subresource: 'status' })
    await expect(applying).rejects.toMatchObject({ code: 'not_found' })
  },

  'A status that the CRD does not allow is refused.': async (harness) => {
    await apply(harness, actor()(harness))
    const object = makeObject(ASYNC_ACTORS, 'echo', {
      status: { conditions: [{ type: 'Ready', status: 'Maybe' }] },
    })(harness)
    const applying = harness.client.apply(ASYNC_ACTORS, object, { ...ME, subresource: 'status' })
    await expect(applying).rejects.toMatchObject({ code: 'invalid', status: 422 })
  },

  'Rules of the CRD refuse what breaks them, and say so.': async (harness) => {
    const refusals: [KubeObject, string][] = [
      [actor({ scaling: { minReplicas: 3, maxReplicas: 2 } })(harness), 'minReplicas is above'],
      [actor({}, { containers: [{ name: 'other' }] })(harness), 'expected exactly one container'],
      [actor({ queueName: 'amq.echo' })(harness), 'reserved for the broker'],
      [actor({ concurrency: 0 })(harness), 'spec.concurrency'],
      [actor({ timeout: { processing: 0 } })(harness), 'spec.timeout.processing'],
    ]
    for (const [object, says] of refusals) {
      const refused = await apply(harness, object).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'invalid', next: 'change' })
      expect(String(refused)).toContain(says)
    }
  },

  'What apply cannot read is refused for good, though the status says otherwise.': async (
    harness,
  ) => {
    const refusals: [KubeObject, string][] = [
      [actor({ timeout: { processing: '5' } })(harness), '.spec.timeout.processing: expected'],
      [actor({ concurency: 2 })(harness), '.spec.concurency: field not declared in schema'],
    ]
    for (const [object, says] of refusals) {
      const refused = await apply(harness, object).catch((error: unknown) => error)
      expect(refused).toMatchObject({ code: 'invalid', next: 'change', status: 500 })
      expect(String(refused)).toContain(says)
    }
  },

  'What may not change does not.': async (harness) => {
    await apply(harness, actor()(harness))
    const refused = await apply(harness, actor({ queueName: 'another' })(harness)).catch(String)
    expect(refused).toContain('the queue of an actor cannot be changed (it is echo)')
  },

  'A plain change needs the resourceVersion that it is based on.': async (harness) => {
    const { client, send } = harness
    const made = await apply(harness, actor()(harness))
    const body = { ...made, metadata: { ...made.metadata, resourceVersion: undefined } }
    const without = await send('PUT', `${pathOf(harness)}/echo`, { body })
    expect(without.status).toBe(422)
    expect(without.body['message']).toContain('must be specified for an update')
    const next = { ...made, spec: { ...(made['spec'] as object), concurrency: 3 } }
    const replaced = await client.replace(ASYNC_ACTORS, next)
    expect(pick(replaced, 'spec', 'concurrency')).toBe(3)
    const late = client.replace(ASYNC_ACTORS, made)
    await expect(late).rejects.toMatchObject({ code: 'conflict', next: 'read' })
  },
}

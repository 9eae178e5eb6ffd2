import { expect } from 'vitest'
import { CONFIG_MAPS, EVENTS, JOBS, LEASES } from '../../kube/resources.ts'
import { makeObject, pick, type Laws } from './harness.ts'

const SIX_DIGITS = '2026-01-01T00:00:00.000000Z'
const THREE_DIGITS = '2026-01-01T00:00:00.000Z'

function lease(spec: object) {
  return makeObject(LEASES, 'echo', {
    spec: { holderIdentity: 'me', leaseDurationSeconds: 15, ...spec },
  })
}

function event(members: object = {}) {
  return makeObject(EVENTS, 'echo.1', {
    eventTime: SIX_DIGITS,
    type: 'Normal',
    reason: 'Because',
    action: 'Reconcile',
    note: 'it is so',
    reportingController: 'asya-operator',
    reportingInstance: 'asya-operator-1',
    ...members,
  })
}

export const leaseAndEventLaws: Laws = {
  'A lease has times of six digits, and none other.': async (harness) => {
    const { client } = harness
    const refused = client.create(LEASES, lease({ renewTime: THREE_DIGITS })(harness))
    await expect(refused).rejects.toMatchObject({ code: 'invalid', status: 400 })
    const made = await client.create(LEASES, lease({ renewTime: SIX_DIGITS })(harness))
    expect(pick(made, 'spec', 'renewTime')).toBe(SIX_DIGITS)
  },

  'A lease is made once, and of two who take it at the same version one gets it.': async (
    harness,
  ) => {
    const { client } = harness
    const made = await client.create(LEASES, lease({})(harness))
    const again = client.create(LEASES, lease({})(harness))
    await expect(again).rejects.toMatchObject({ code: 'exists', next: 'read' })
    const spec = made['spec'] as object
    await client.replace(LEASES, { ...made, spec: { ...spec, holderIdentity: 'a' } })
    const late = client.replace(LEASES, { ...made, spec: { ...spec, holderIdentity: 'b' } })
    await expect(late).rejects.toMatchObject({ code: 'conflict', next: 'read' })
  },

  'A lease may have no holder, but not for no time.': async (harness) => {
    const { client } = harness
    const made = await client.create(LEASES, lease({})(harness))
    const released = await client.replace(LEASES, { ...made, spec: { leaseDurationSeconds: 1 } })
    expect(pick(released, 'spec')).toEqual({ leaseDurationSeconds: 1 })
    const timeless = client.replace(LEASES, { ...released, spec: { leaseDurationSeconds: 0 } })
    await expect(timeless).rejects.toMatchObject({ code: 'invalid', status: 422 })
  },

  'An event says all that it must, and later only how often.': async (harness) => {
    const { client } = harness
    const { namespace } = harness
    const regarding = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', namespace }
    const made = await client.create(EVENTS, event({ regarding })(harness))
    expect(made['regarding']).toMatchObject(regarding)
    const { apiVersion, kind, metadata } = made
    const { name } = metadata
    const series = { count: 2, lastObservedTime: SIX_DIGITS }
    const counted = { apiVersion, kind, metadata: { name, namespace }, series }
    const applied = await client.apply(EVENTS, counted, { manager: 'me' })
    expect(applied).toMatchObject({ note: 'it is so', series })
    for (const missing of ['reason', 'action', 'reportingController', 'eventTime']) {
      const incomplete = event({ [missing]: undefined, metadata: { name: 'echo.2' } })(harness)
      await expect(client.create(EVENTS, incomplete)).rejects.toMatchObject({ code: 'invalid' })
    }
    const long = event({ note: 'é'.repeat(600), metadata: { name: 'echo.3' } })(harness)
    await expect(client.create(EVENTS, long)).rejects.toMatchObject({ code: 'invalid' })
  },

  'A config map that is immutable stays as it is.': async (harness) => {
    const { client } = harness
    const map = (data: object) =>
      makeObject(CONFIG_MAPS, 'echo', { immutable: true, data })(harness)
    await client.apply(CONFIG_MAPS, map({ a: '1' }), { manager: 'me' })
    const changed = client.apply(CONFIG_MAPS, map({ a: '2' }), { manager: 'me' })
    await expect(changed).rejects.toMatchObject({ code: 'invalid', status: 422 })
  },

  'A job has a selector of its own, labels its pods by it, and keeps its template.': async (
    harness,
  ) => {
    const { client } = harness
    const job = (image: string) =>
      makeObject(JOBS, 'echo', {
        spec: {
          template: {
            metadata: { labels: { app: 'a' } },
            spec: { restartPolicy: 'Never', containers: [{ name: 'runtime', image }] },
          },
        },
      })(harness)
    const made = await client.apply(JOBS, job('a'), { manager: 'me' })
    expect(pick(made, 'spec')).toMatchObject({ backoffLimit: 6, completions: 1, parallelism: 1 })
    const { uid } = made.metadata
    expect(pick(made, 'spec', 'selector', 'matchLabels')).toEqual({
      'batch.kubernetes.io/controller-uid': uid,
    })
    expect(pick(made, 'spec', 'template', 'metadata', 'labels')).toMatchObject({
      app: 'a',
      'batch.kubernetes.io/job-name': 'echo',
    })
    const again = await client.apply(JOBS, job('a'), { manager: 'me' })
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion)
    const changed = client.apply(JOBS, job('b'), { manager: 'me' })
    await expect(changed).rejects.toMatchObject({ code: 'invalid', status: 422 })
  },
}

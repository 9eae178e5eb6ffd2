import { expect } from 'vitest'
import type { KubeError } from '../../kube/errors.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { CONFIG_MAPS, DEPLOYMENTS, SERVICE_ACCOUNTS } from '../../kube/resources.ts'
import { listNames, makeObject, pick, type Harness, type Laws } from './harness.ts'

const ME = { manager: 'me' }
const OTHER = { manager: 'other' }

const container = (members: object = {}): object => ({ name: 'runtime', image: 'a', ...members })

/** A Deployment of one container, with more members of its spec and pod. */
function deployment(parts: { spec?: object; pod?: object; metadata?: object } = {}) {
  const labels = { app: 'a' }
  return makeObject(DEPLOYMENTS, 'echo', {
    metadata: parts.metadata ?? {},
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container()], ...parts.pod } },
      ...parts.spec,
    },
  })
}

function apply(harness: Harness, object: KubeObject, options = ME): Promise<KubeObject> {
  return harness.client.apply(DEPLOYMENTS, object, options)
}

function patch({ send, namespace }: Harness, body: object): Promise<unknown> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/echo`
  return send('PATCH', path, { body, type: 'application/strategic-merge-patch+json' })
}

const podOf = (object: KubeObject): Readonly<Record<string, unknown>> =>
  pick(object, 'spec', 'template', 'spec') as Readonly<Record<string, unknown>>

const firstOf = (object: KubeObject): Readonly<Record<string, unknown>> =>
  (podOf(object)['containers'] as readonly Readonly<Record<string, unknown>>[])[0] ?? {}

const key = ({ namespace }: Harness) => ({ namespace, name: 'echo' })

export const applyingLaws: Laws = {
  'What is applied is made, with defaults and a generation of 1.': async (harness) => {
    const made = await apply(harness, deployment()(harness))
    expect(made.metadata.generation).toBe(1)
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
    expect(made['spec']).toMatchObject({
      replicas: 1,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
      },
    })
    expect(podOf(made)).toMatchObject({
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
    })
    expect(firstOf(made)).toMatchObject({ imagePullPolicy: 'Always', resources: {} })
  },

  'What is applied again as it was changes nothing, not even the resourceVersion.': async (
    harness,
  ) => {
    const made = await apply(harness, deployment()(harness))
    const again = await apply(harness, deployment()(harness))
    expect(again).toEqual(made)
  },

  'A change counts a generation; one of labels does not.': async (harness) => {
    await apply(harness, deployment()(harness))
    const labelled = await apply(harness, deployment({ metadata: { labels: { a: 'b' } } })(harness))
    expect(labelled.metadata.generation).toBe(1)
    const changed = await apply(harness, deployment({ spec: { minReadySeconds: 3 } })(harness))
    expect(changed.metadata.generation).toBe(2)
    expect(changed.metadata.labels).toBeUndefined()
  },

  'A field that is not applied any more goes, back to its default if it has one.': async (
    harness,
  ) => {
    const probe = { httpGet: { path: '/', port: 80 }, periodSeconds: 3 }
    await apply(
      harness,
      deployment({
        spec: { minReadySeconds: 3, progressDeadlineSeconds: 30 },
        pod: { priorityClassName: '', containers: [container({ livenessProbe: probe })] },
      })(harness),
    )
    const left = await apply(harness, deployment()(harness))
    expect(left['spec']).not.toHaveProperty('minReadySeconds')
    expect(pick(left, 'spec', 'progressDeadlineSeconds')).toBe(600)
    expect(firstOf(left)).not.toHaveProperty('livenessProbe')
  },

  'Replicas of another manager are neither set nor reset by one that applies none.': async (
    harness,
  ) => {
    await apply(harness, deployment()(harness))
    const replicas = makeObject(DEPLOYMENTS, 'echo', { spec: { replicas: 4 } })(harness)
    await apply(harness, replicas, OTHER)
    const changed = await apply(harness, deployment({ spec: { minReadySeconds: 3 } })(harness))
    expect(pick(changed, 'spec', 'replicas')).toBe(4)
    const owners = (changed.metadata['managedFields'] as { manager: string }[]).map(
      (e) => e.manager,
    )
    expect(owners.toSorted()).toEqual(['me', 'other'])
  },

  'Replicas that one manager gives up and nobody else has go back to the default.': async (
    harness,
  ) => {
    await apply(harness, deployment({ spec: { replicas: 3 } })(harness))
    const left = await apply(harness, deployment()(harness))
    expect(pick(left, 'spec', 'replicas')).toBe(1)
  },

  'What two managers apply stays when one of them gives it up.': async (harness) => {
    await apply(harness, deployment({ spec: { replicas: 3 } })(harness))
    const replicas = makeObject(DEPLOYMENTS, 'echo', { spec: { replicas: 3 } })(harness)
    await apply(harness, replicas, OTHER)
    const left = await apply(harness, deployment()(harness))
    expect(pick(left, 'spec', 'replicas')).toBe(3)
  },

  'What another manager scaled by a plain write is overwritten by force, and conflicts without.':
    async (harness) => {
      await apply(harness, deployment({ spec: { replicas: 3 } })(harness))
      await patch(harness, { spec: { replicas: 5 } })
      const query = 'fieldManager=me&force=false'
      const path = `/apis/apps/v1/namespaces/${harness.namespace}/deployments/echo?${query}`
      const refused = await harness.send('PATCH', path, {
        body: deployment({ spec: { replicas: 3 } })(harness),
        type: 'application/apply-patch+yaml',
      })
      expect(refused.status).toBe(409)
      expect(refused.body['reason']).toBe('Conflict')
      expect(refused.body['message']).toContain('.spec.replicas')
      const forced = await apply(harness, deployment({ spec: { replicas: 3 } })(harness))
      expect(pick(forced, 'spec', 'replicas')).toBe(3)
    },

  'A restart that somebody annotates stays, whatever is applied then.': async (harness) => {
    const annotations = { 'asya.io/hash': '1' }
    const template = (hash: string): object => ({
      metadata: { labels: { app: 'a' }, annotations: { ...annotations, 'asya.io/hash': hash } },
      spec: { containers: [container()] },
    })
    await apply(harness, deployment({ spec: { template: template('1') } })(harness))
    const restartedAt = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' }
    await patch(harness, { spec: { template: { metadata: { annotations: restartedAt } } } })
    const changed = await apply(harness, deployment({ spec: { template: template('2') } })(harness))
    expect(pick(changed, 'spec', 'template', 'metadata', 'annotations')).toEqual({
      'asya.io/hash': '2',
      ...restartedAt,
    })
    const without = await apply(harness, deployment()(harness))
    expect(pick(without, 'spec', 'template', 'metadata', 'annotations')).toEqual(restartedAt)
  },

  'Containers, variables, ports, volumes and mounts are known by their keys: each manager has its own.':
    async (harness) => {
      const mine = container({
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '2' },
        ],
        ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
        volumeMounts: [{ name: 'a', mountPath: '/a' }],
      })
      const volumes = [{ name: 'a', emptyDir: {} }]
      await apply(harness, deployment({ pod: { containers: [mine], volumes } })(harness))
      const theirs = makeObject(DEPLOYMENTS, 'echo', {
        spec: {
          template: {
            spec: {
              containers: [
                { name: 'other', image: 'b' },
                { name: 'runtime', env: [{ name: 'C', value: '3' }] },
              ],
              volumes: [{ name: 'b', emptyDir: {} }],
            },
          },
        },
      })(harness)
      await apply(harness, theirs, OTHER)
      const env = [{ name: 'B', value: '3' }]
      const less = { ...mine, env, ports: [{ containerPort: 80 }] }
      const left = await apply(
        harness,
        deployment({ pod: { containers: [less], volumes } })(harness),
      )
      const containers = podOf(left)['containers'] as readonly KubeObject[]
      expect([...listNames(containers)].toSorted()).toEqual(['other', 'runtime'])
      const runtime = containers.find((each) => pick(each, 'name') === 'runtime')
      expect(
        [...(pick(runtime, 'env') as object[])].map((v) => JSON.stringify(v)).toSorted(),
      ).toEqual(
        [
          { name: 'B', value: '3' },
          { name: 'C', value: '3' },
        ].map((v) => JSON.stringify(v)),
      )
      expect(pick(runtime, 'ports')).toEqual([{ containerPort: 80, protocol: 'TCP' }])
      expect([...listNames(podOf(left)['volumes'])].toSorted()).toEqual(['a', 'b'])
    },

  'The order of what is applied is kept, and comes to hold when it changes.': async (harness) => {
    const env = (names: string): object[] => Array.from(names, (name) => ({ name, value: '1' }))
    const withEnv = (names: string) =>
      deployment({ pod: { containers: [container({ env: env(names) })] } })(harness)
    const orders: unknown[] = []
    for (const names of ['ABC', 'CAB', 'XABC', 'AYC', 'CYA']) {
      orders.push(listNames(firstOf(await apply(harness, withEnv(names)))['env']))
    }
    expect(orders.map((names) => (names as string[]).join(''))).toEqual([
      'ABC',
      'CAB',
      'XABC',
      'AYC',
      'CYA',
    ])
  },

  'Tolerations and commands are replaced whole.': async (harness) => {
    const pod = (key: string, command: readonly string[]): object => ({
      containers: [container({ command })],
      tolerations: [{ key, operator: 'Exists' }],
    })
    await apply(harness, deployment({ pod: pod('a', ['x', 'y']) })(harness))
    const changed = await apply(harness, deployment({ pod: pod('b', ['z']) })(harness))
    expect(podOf(changed)['tolerations']).toEqual([{ key: 'b', operator: 'Exists' }])
    expect(firstOf(changed)['command']).toEqual(['z'])
  },

  'Labels and data are merged one by one.': async (harness) => {
    const map = (data: object) => makeObject(CONFIG_MAPS, 'echo', { data })(harness)
    const { client } = harness
    await client.apply(CONFIG_MAPS, map({ a: '1', b: '2' }), ME)
    await client.apply(CONFIG_MAPS, map({ b: '3', c: '4' }), OTHER)
    const merged = await client.apply(CONFIG_MAPS, map({ a: '5' }), ME)
    expect(merged['data']).toEqual({ a: '5', b: '3', c: '4' })
  },

  'Owners are known by their uid.': async (harness) => {
    const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid })
    const owned = (...uids: readonly string[]) =>
      makeObject(SERVICE_ACCOUNTS, 'echo', {
        metadata: { ownerReferences: uids.map(owner) },
      })(harness)
    const { client } = harness
    await client.apply(SERVICE_ACCOUNTS, owned('1'), { ...ME, isDryRun: false })
    const both = await client.apply(SERVICE_ACCOUNTS, owned('1', '2'), { ...OTHER, isDryRun: true })
    expect(both.metadata.ownerReferences?.map(({ uid }) => uid)).toEqual(['1', '2'])
  },

  'A dry run answers what would be, and keeps nothing.': async (harness) => {
    const { client } = harness
    const object = deployment({ spec: { replicas: 7 } })(harness)
    const tried = await client.apply(DEPLOYMENTS, object, { ...ME, isDryRun: true })
    expect(pick(tried, 'spec', 'replicas')).toBe(7)
    expect(await client.get(DEPLOYMENTS, key(harness))).toBeUndefined()
  },

  'Nobody applies without a name, or with managedFields.': async (harness) => {
    const { send, namespace } = harness
    const path = `/api/v1/namespaces/${namespace}/configmaps/echo`
    const type = 'application/apply-patch+yaml'
    const body = makeObject(CONFIG_MAPS, 'echo')(harness)
    const nameless = await send('PATCH', path, { body, type })
    expect(nameless.status).toBe(422)
    const managed = { ...body, metadata: { ...body.metadata, managedFields: [{ manager: 'me' }] } }
    const withFields = await send('PATCH', `${path}?fieldManager=me`, { body: managed, type })
    expect(withFields.status).toBe(400)
  },

  'What is applied to a namespace that there is not is refused.': async (harness) => {
    const object = makeObject(CONFIG_MAPS, 'echo', { metadata: { namespace: 'nowhere-at-all' } })
    const refused = await harness.client
      .apply(CONFIG_MAPS, object(harness), ME)
      .catch((error: unknown) => error as KubeError)
    expect(refused).toMatchObject({ code: 'not_found', reason: 'NotFound' })
    expect((refused as KubeError).message).toContain('namespaces "nowhere-at-all" not found')
  },
}

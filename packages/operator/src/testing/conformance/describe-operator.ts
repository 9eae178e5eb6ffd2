import { setTimeout as sleep } from 'node:timers/promises'
import { createSilentLogger } from '@asya/service/logger'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OperatorConfig } from '../../config.ts'
import { CHILD_RESOURCES } from '../../desired/index.ts'
import { platform } from '../../desired/testing/make-actor.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject, Resource } from '../../kube/kube-object.ts'
import { ASYNC_ACTORS, DEPLOYMENTS, LEASES, PODS, SCALED_OBJECTS } from '../../kube/resources.ts'
import { Operator } from '../../operator.ts'
import { countWrites, type Death } from '../counting-client.ts'

/** A cluster with the CRDs of Asya and KEDA, and controllers for workloads and owned objects. */
export interface TestCluster {
  readonly openClient: () => KubeClient
  /** Makes a namespace of its own for a test. */
  readonly createNamespace: () => Promise<string>
  readonly close: () => Promise<void>
}

const CONVERGE_MS = 30_000
const QUIET_MS = 1_500

interface Running {
  readonly operator: Operator
  readonly writes: readonly string[]
}

/** What an operator does on any cluster: the same laws on a real one and on the fake. */
export function describeOperator(name: string, openCluster: () => Promise<TestCluster>): void {
  describe(name, { timeout: 120_000 }, () => {
    let cluster: TestCluster
    let client: KubeClient
    let namespace: string
    const closers: (() => Promise<void>)[] = []

    beforeAll(async () => {
      cluster = await openCluster()
      client = cluster.openClient()
    }, 120_000)

    afterAll(async () => {
      client.close()
      await cluster.close()
    })

    beforeEach(async () => {
      namespace = await cluster.createNamespace()
      return async () => {
        for (const close of closers.splice(0).toReversed()) await close()
        await removeAll()
      }
    })

    async function removeAll(): Promise<void> {
      const { items } = await client.list(ASYNC_ACTORS, { namespace })
      for (const { metadata } of items) {
        await client.remove(ASYNC_ACTORS, { namespace, name: metadata.name })
      }
    }

    interface StartOptions {
      readonly identity?: string
      readonly death?: Death
    }

    async function start({ identity, death }: StartOptions = {}): Promise<Running> {
      const { client: counting, writes } = countWrites(cluster.openClient(), death)
      const config: OperatorConfig = {
        platform,
        namespaces: [namespace],
        lease: identity === undefined ? undefined : { namespace, name: 'asya-operator', identity },
        concurrency: 4,
        metricsAddress: { host: '127.0.0.1', port: 0 },
        logLevel: 'silent',
      }
      const operator = new Operator(config, {
        logger: createSilentLogger(),
        exit: () => undefined,
        client: counting,
      })
      // One that died does not end in order.
      if (death === undefined) closers.push(() => operator.close())
      await operator.start()
      return { operator, writes }
    }

    function makeActor(name: string, spec: object = {}): KubeObject {
      const containers = [{ name: 'runtime', image: 'example.com/actor:1' }]
      return {
        apiVersion: 'asya.io/v1alpha1',
        kind: 'AsyncActor',
        metadata: { name, namespace },
        spec: { queueName: name, workload: { template: { spec: { containers } } }, ...spec },
      }
    }

    function workload(more: object): object {
      const containers = [{ name: 'runtime', image: 'example.com/actor:1' }]
      return { workload: { template: { spec: { containers } }, ...more } }
    }

    const put = (actor: KubeObject): Promise<KubeObject> =>
      client.apply(ASYNC_ACTORS, actor, { manager: 'author' })

    const read = (resource: Resource, of: string): Promise<KubeObject | undefined> =>
      client.get(resource, { namespace, name: of })

    async function listChildren(): Promise<string[]> {
      const lists = await Promise.all(
        CHILD_RESOURCES.map((resource) =>
          client.list(resource, {
            namespace,
            labelSelector: 'app.kubernetes.io/managed-by=asya-operator',
          }),
        ),
      )
      return lists
        .flatMap(({ items }, index) =>
          items.map(({ metadata }) => `${CHILD_RESOURCES[index]?.kind ?? ''} ${metadata.name}`),
        )
        .sort()
    }

    async function becomes<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
      const end = Date.now() + CONVERGE_MS
      for (;;) {
        const seen = await look()
        if (isSo(seen)) return seen
        if (Date.now() > end)
          throw new Error(`it stays at ${JSON.stringify({ seen }).slice(0, 2_000)}`)
        await sleep(50)
      }
    }

    const childrenBecome = (expected: readonly string[]): Promise<string[]> =>
      becomes(listChildren, (seen) => seen.join() === [...expected].sort().join())

    function readCondition(object: KubeObject | undefined, type: string) {
      const status = object?.['status'] as { conditions?: Record<string, string>[] } | undefined
      return status?.conditions?.find((condition) => condition['type'] === type)
    }

    const conditionBecomes = (of: string, type: string, reason: string): Promise<unknown> =>
      becomes(
        async () => readCondition(await read(ASYNC_ACTORS, of), type),
        (condition) => condition?.['reason'] === reason,
      )

    function readReplicas(object: KubeObject | undefined): unknown {
      return (object?.['spec'] as { replicas?: number } | undefined)?.replicas
    }

    /** As an autoscaler does. */
    async function scale(of: string, replicas: number): Promise<void> {
      const object = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: of, namespace },
      }
      await client.apply(DEPLOYMENTS, { ...object, spec: { replicas } }, { manager: 'autoscaler' })
    }

    /** As KEDA does. */
    async function sayOfScaler(of: string, status: 'True' | 'False', message = ''): Promise<void> {
      const conditions = [
        {
          type: 'Ready',
          status,
          reason: status === 'True' ? 'ScaledObjectReady' : 'TriggerError',
          message,
        },
        { type: 'Active', status: 'False', reason: 'ScalerNotActive', message: '' },
      ]
      const scaler = {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name: of, namespace },
        status: { conditions },
      }
      await client.apply(SCALED_OBJECTS, scaler, { manager: 'keda', subresource: 'status' })
    }

    const SCALED = [
      'ConfigMap echo-scaler',
      'Deployment echo',
      'ScaledObject echo',
      'ServiceAccount echo',
      'TriggerAuthentication echo-rabbitmq',
    ]

    test('An actor becomes a workload that scales, says how it is, and leaves nothing.', async () => {
      await start()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      await conditionBecomes('echo', 'WorkloadReady', 'Running')
      await sayOfScaler('echo', 'True')
      await conditionBecomes('echo', 'ScalingReady', 'Inactive')
      await conditionBecomes('echo', 'Ready', 'Running')
      await sayOfScaler('echo', 'False', 'no such host')
      await conditionBecomes('echo', 'Ready', 'TriggerError')
      await client.remove(ASYNC_ACTORS, { namespace, name: 'echo' })
      await childrenBecome([])
    })

    test.each([
      [
        'StatefulSet',
        [
          'ConfigMap echo-scaler',
          'ScaledObject echo',
          'ServiceAccount echo',
          'StatefulSet echo',
          'TriggerAuthentication echo-rabbitmq',
        ],
      ],
      [
        'Job',
        [
          'ConfigMap echo-scaler',
          'ScaledJob echo',
          'ServiceAccount echo',
          'TriggerAuthentication echo-rabbitmq',
        ],
      ],
    ])('A %s scales too.', async (type, children) => {
      await start()
      const template = {
        spec: {
          containers: [{ name: 'runtime', image: 'example.com/actor:1' }],
          ...(type === 'Job' && { restartPolicy: 'Never' }),
        },
      }
      await put(makeActor('echo', { workload: { type, template } }))
      await childrenBecome(children)
    })

    test('Edits converge: a new image, more replicas, another way to scale.', async () => {
      await start()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      const containers = [{ name: 'runtime', image: 'example.com/actor:2' }]
      await put(
        makeActor('echo', {
          workload: { template: { spec: { containers } } },
          scaling: { maxReplicas: 7 },
        }),
      )
      await becomes(
        async () =>
          JSON.stringify([await read(DEPLOYMENTS, 'echo'), await read(SCALED_OBJECTS, 'echo')]),
        (seen) => seen.includes('example.com/actor:2') && seen.includes('"maxReplicaCount":7'),
      )
      await put(makeActor('echo', { scaling: { enabled: false } }))
      await childrenBecome(['Deployment echo', 'ServiceAccount echo'])
    })

    test('What somebody deletes comes back, and what somebody changes is set right.', async () => {
      await start()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      for (const resource of CHILD_RESOURCES) {
        const { items } = await client.list(resource, {
          namespace,
          labelSelector: 'asya.io/actor=echo',
        })
        for (const { metadata } of items) {
          await client.remove(resource, { namespace, name: metadata.name })
        }
      }
      await childrenBecome(SCALED)
      const scaler = await read(SCALED_OBJECTS, 'echo')
      const edited = {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledObject',
        metadata: { name: 'echo', namespace },
        spec: { ...(scaler?.['spec'] as object), maxReplicaCount: 1 },
      }
      await client.apply(SCALED_OBJECTS, edited, { manager: 'somebody' })
      await becomes(
        async () => JSON.stringify(await read(SCALED_OBJECTS, 'echo')),
        (seen) => seen.includes('"maxReplicaCount":50'),
      )
    })

    test('A rollout that somebody restarts stays restarted.', async () => {
      await start()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      const restartedAt = '2026-01-01T00:00:00Z'
      const annotations = { 'kubectl.kubernetes.io/restartedAt': restartedAt }
      const restart = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'echo', namespace },
        spec: { template: { metadata: { annotations } } },
      }
      await client.apply(DEPLOYMENTS, restart, { manager: 'kubectl-rollout' })
      const containers = [{ name: 'runtime', image: 'example.com/actor:2' }]
      await put(makeActor('echo', { workload: { template: { spec: { containers } } } }))
      const seen = await becomes(
        async () => JSON.stringify(await read(DEPLOYMENTS, 'echo')),
        (text) => text.includes('example.com/actor:2'),
      )
      expect(seen).toContain(restartedAt)
    })

    test('Switching scaling on and off resets no replicas.', async () => {
      await start()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      await scale('echo', 7)
      await put(makeActor('echo', { scaling: { enabled: false } }))
      await childrenBecome(['Deployment echo', 'ServiceAccount echo'])
      await sleep(QUIET_MS)
      expect(readReplicas(await read(DEPLOYMENTS, 'echo'))).toBe(7)
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      await sleep(QUIET_MS)
      expect(readReplicas(await read(DEPLOYMENTS, 'echo'))).toBe(7)
    })

    test('Where the queue does not decide, the actor’s own number holds.', async () => {
      await start()
      await put(makeActor('echo', { ...workload({ replicas: 3 }), scaling: { enabled: false } }))
      await becomes(
        async () => readReplicas(await read(DEPLOYMENTS, 'echo')),
        (replicas) => replicas === 3,
      )
      await scale('echo', 5)
      await becomes(
        async () => readReplicas(await read(DEPLOYMENTS, 'echo')),
        (replicas) => replicas === 3,
      )
    })

    test('What is as it should be is not written again, by this operator or the next.', async () => {
      const first = await start()
      await put(makeActor('echo'))
      await put(
        makeActor('job', {
          workload: {
            type: 'Job',
            template: {
              spec: {
                restartPolicy: 'Never',
                containers: [{ name: 'runtime', image: 'example.com/actor:1' }],
              },
            },
          },
        }),
      )
      await put(makeActor('plain', { scaling: { enabled: false } }))
      await conditionBecomes('echo', 'WorkloadReady', 'Running')
      await conditionBecomes('plain', 'WorkloadReady', 'Running')
      await conditionBecomes('job', 'WorkloadReady', 'JobsOnDemand')
      await sleep(QUIET_MS)
      const count = first.writes.length
      await sleep(QUIET_MS)
      expect(first.writes.slice(count)).toEqual([])
      await first.operator.close()
      const second = await start()
      await sleep(2 * QUIET_MS)
      expect(second.writes).toEqual([])
    })

    test('Somebody else’s object of the same name is left alone, and the actor says so.', async () => {
      const selector = { matchLabels: { app: 'theirs' } }
      const template = {
        metadata: { labels: { app: 'theirs' } },
        spec: { containers: [{ name: 'theirs', image: 'example.com/theirs:1' }] },
      }
      const theirs = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'echo', namespace },
        spec: { replicas: 0, selector, template },
      }
      await client.create(DEPLOYMENTS, theirs)
      await start()
      await put(makeActor('echo'))
      await conditionBecomes('echo', 'Stalled', 'NameTaken')
      expect(JSON.stringify(await read(DEPLOYMENTS, 'echo'))).not.toContain('asya-sidecar')
      await client.remove(DEPLOYMENTS, { namespace, name: 'echo' })
    })

    test('A pod that the API server does not take is told of, and nothing is made of it.', async () => {
      await start()
      const containers = [
        { name: 'runtime', image: 'example.com/actor:1', ports: [{ containerPort: 99_999 }] },
      ]
      await put(makeActor('echo', { workload: { template: { spec: { containers } } } }))
      await conditionBecomes('echo', 'Stalled', 'Refused')
      expect(await read(SCALED_OBJECTS, 'echo')).toBeUndefined()
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
    })

    test('An operator that is killed at any write is taken over from there.', async () => {
      // As many as the writes of one actor, its status included.
      for (const at of [0, 1, 2, 3, 4, 5, 6]) {
        for (const isWritten of [false, true]) {
          const name = `dies-${String(at)}-${isWritten ? 'after' : 'before'}`
          const died = Promise.withResolvers<undefined>()
          const first = await start({
            death: { at, isWritten, onDeath: () => died.resolve(undefined) },
          })
          await put(makeActor(name))
          await Promise.race([died.promise, sleep(QUIET_MS)])
          const second = await start()
          await conditionBecomes(name, 'WorkloadReady', 'Running')
          const expected = SCALED.map((child) => child.replace('echo', name))
          expect((await listChildren()).filter((child) => child.includes(name))).toEqual(expected)
          await second.operator.close()
          void first.operator.close()
        }
      }
    })

    test('Of two operators one leads; the other takes over within 20 s, and at once after an end in order.', async () => {
      const first = await start({ identity: 'one' })
      await becomes(
        () => Promise.resolve(first.operator.controller.state),
        (state) => state === 'leading',
      )
      const second = await start({ identity: 'two' })
      await put(makeActor('echo'))
      await childrenBecome(SCALED)
      expect(second.operator.controller.state).toBe('following')
      expect(second.writes).toEqual([])
      await first.operator.close()
      const closedAt = Date.now()
      await becomes(
        () => Promise.resolve(second.operator.controller.state),
        (state) => state === 'leading',
      )
      expect(Date.now() - closedAt).toBeLessThan(5_000)
      const lease = await read(LEASES, 'asya-operator')
      expect(JSON.stringify(lease?.['spec'])).toContain('"holderIdentity":"two"')
    })

    test('From one that is killed the other takes over within 20 s, and ends what it had begun.', async () => {
      const died = Promise.withResolvers<undefined>()
      const first = await start({
        identity: 'one',
        death: { at: 1, isWritten: true, onDeath: () => died.resolve(undefined) },
      })
      await becomes(
        () => Promise.resolve(first.operator.controller.state),
        (state) => state === 'leading',
      )
      const second = await start({ identity: 'two' })
      await put(makeActor('echo'))
      await died.promise
      const diedAt = Date.now()
      await becomes(
        () => Promise.resolve(second.operator.controller.state),
        (state) => state === 'leading',
      )
      expect(Date.now() - diedAt).toBeLessThan(20_000)
      await childrenBecome(SCALED)
      void first.operator.close()
    })

    test('Pods of an actor are found by its name.', async () => {
      await start()
      await put(makeActor('echo'))
      await conditionBecomes('echo', 'WorkloadReady', 'Running')
      const { items } = await client.list(PODS, { namespace, labelSelector: 'asya.io/actor=echo' })
      expect(items.length).toBeGreaterThan(0)
    })
  })
}

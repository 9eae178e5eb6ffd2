import type { AsyncActorSpec } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { desireObjects } from './desire-objects.ts'
import { fieldsOf, itemsOf } from '../kube/fields.ts'
import { findChild, listKinds } from './testing/find-child.ts'
import { makeActor, makeWorkload, platform } from './testing/make-actor.ts'

type Scaling = NonNullable<AsyncActorSpec['scaling']>

const scale = (scaling: Scaling) => findChild('ScaledObject', makeActor({ scaling }))
const triggerOf = (spec: Partial<AsyncActorSpec>) => {
  const scaled = findChild('ScaledObject', makeActor(spec))
  return fieldsOf(itemsOf(fieldsOf(scaled['spec'])['triggers'])[0])
}

describe('a ScaledObject', () => {
  test('goes from 0 to 50 by the depth of the queue, messages in progress included.', () => {
    expect(scale({})['spec']).toMatchObject({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'read-page' },
      pollingInterval: 10,
      cooldownPeriod: 60,
      initialCooldownPeriod: 60,
      minReplicaCount: 0,
      maxReplicaCount: 50,
    })
    expect(triggerOf({})).toEqual({
      type: 'rabbitmq',
      name: 'queue',
      metricType: 'AverageValue',
      metadata: {
        protocol: 'http',
        host: 'http://rabbitmq.asya.svc:15672',
        vhostName: '/',
        queueName: 'pages',
        mode: 'QueueLength',
        value: '5',
        activationValue: '0',
        excludeUnacknowledged: 'false',
      },
      authenticationRef: { name: 'read-page-rabbitmq', kind: 'TriggerAuthentication' },
    })
  })

  test('grows by 100 % or 4 pods, and shrinks by 50 %, every 15 s.', () => {
    const { behavior } = fieldsOf(
      fieldsOf(fieldsOf(fieldsOf(scale({})['spec'])['advanced'])['horizontalPodAutoscalerConfig']),
    )
    expect(behavior).toMatchObject({
      scaleUp: {
        selectPolicy: 'Max',
        policies: [
          { type: 'Percent', value: 100, periodSeconds: 15 },
          { type: 'Pods', value: 4, periodSeconds: 15 },
        ],
      },
      scaleDown: { policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }] },
    })
  })

  test('of an actor that never sleeps says nothing of the way to 0.', () => {
    const spec = fieldsOf(scale({ minReplicas: 2 })['spec'])
    expect(spec).toMatchObject({ minReplicaCount: 2 })
    expect(spec).not.toHaveProperty('pollingInterval')
    expect(spec).not.toHaveProperty('cooldownPeriod')
  })

  test('never cuts the first replica before it could declare the queue.', () => {
    expect(scale({ cooldownPeriod: 0 })['spec']).toMatchObject({ initialCooldownPeriod: 60 })
    expect(scale({ cooldownPeriod: 300 })['spec']).toMatchObject({ initialCooldownPeriod: 300 })
  })

  test("is paused by KEDA's own annotation, which is not there otherwise.", () => {
    const annotation = 'autoscaling.keda.sh/paused'
    expect(scale({ paused: true }).metadata.annotations).toHaveProperty([annotation], 'true')
    expect(scale({}).metadata.annotations).not.toHaveProperty([annotation])
  })

  test('falls back only where the actor says to what.', () => {
    expect(fieldsOf(scale({})['spec'])).not.toHaveProperty('fallback')
    expect(scale({ fallback: { replicas: 2 } })['spec']).toMatchObject({
      fallback: { failureThreshold: 3, replicas: 2, behavior: 'static' },
    })
  })
})

describe('the queue is counted', () => {
  test('over the management API, where the actor or the platform says that it is.', () => {
    const management = { scheme: 'https' } as const
    const hostOf = (rabbitmq: object) =>
      fieldsOf(triggerOf({ transport: { rabbitmq } })['metadata'])['host']
    expect(hostOf({ management })).toBe('https://rabbitmq.asya.svc:15671')
    expect(hostOf({ management: { port: 8080 } })).toBe('http://rabbitmq.asya.svc:8080')
    expect(hostOf({ host: 'fd00::5' })).toBe('http://[fd00::5]:15672')
  })

  test('over amqp without what only http knows, and with a word of warning.', () => {
    const actor = makeActor({ scaling: { protocol: 'amqp', cooldownPeriod: 300 } })
    expect(triggerOf(actor.spec)['metadata']).toEqual({
      protocol: 'amqp',
      host: 'amqp://rabbitmq.asya.svc:5672',
      vhostName: '/',
      queueName: 'pages',
      mode: 'QueueLength',
      value: '5',
      activationValue: '0',
    })
    const { warnings } = desireObjects(actor, platform)
    expect(warnings.map(({ reason }) => reason)).toEqual(['CountsReadyOnly'])
    expect(desireObjects(actor, { ...platform, hasKeda: false }).warnings).toEqual([])
  })

  test("with the name that the operator knows, and a password that only the user's secret knows.", () => {
    expect(findChild('ConfigMap', makeActor())).toMatchObject({
      metadata: { name: 'read-page-scaler' },
      data: { username: 'asya' },
    })
    expect(findChild('TriggerAuthentication', makeActor())['spec']).toEqual({
      configMapTargetRef: [{ parameter: 'username', name: 'read-page-scaler', key: 'username' }],
      secretTargetRef: [{ parameter: 'password', name: 'rabbitmq', key: 'password' }],
    })
  })

  test('as guest where there is no password: KEDA wants both, and no secret is in it.', () => {
    const actor = makeActor({ transport: { rabbitmq: { host: 'localhost' } } })
    expect(findChild('ConfigMap', actor)['data']).toEqual({ username: 'guest', password: 'guest' })
    const spec = fieldsOf(findChild('TriggerAuthentication', actor)['spec'])
    expect(spec).not.toHaveProperty('secretTargetRef')
    expect(itemsOf(spec['configMapTargetRef'])).toHaveLength(2)
  })

  test("by an authentication of the user's own, where there is one.", () => {
    const authenticationRef = { name: 'shared', kind: 'ClusterTriggerAuthentication' } as const
    const actor = makeActor({ scaling: { authenticationRef } })
    expect(triggerOf(actor.spec)['authenticationRef']).toEqual(authenticationRef)
    expect(listKinds(actor)).toEqual(['ServiceAccount', 'Deployment', 'ScaledObject'])
  })
})

describe('a ScaledJob', () => {
  const specOf = (scaling: Scaling) =>
    fieldsOf(
      findChild('ScaledJob', makeActor({ scaling, workload: makeWorkload({ type: 'Job' }) }))[
        'spec'
      ],
    )

  test('makes a job for what waits, and takes off those that run if their messages are counted.', () => {
    expect(specOf({})).toMatchObject({
      scalingStrategy: { strategy: 'default' },
      pollingInterval: 10,
      maxReplicaCount: 50,
    })
    expect(specOf({ protocol: 'amqp' })).toMatchObject({
      scalingStrategy: { strategy: 'accurate' },
    })
  })

  test('has pods that end.', () => {
    const { template } = fieldsOf(specOf({})['jobTargetRef'])
    expect(fieldsOf(fieldsOf(template)['spec'])).toMatchObject({ restartPolicy: 'Never' })
  })
})

import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/kube-object.ts'
import { judgeReady } from './judge-ready.ts'
import { judgeScaling } from './judge-scaling.ts'
import { judgeTransport } from './judge-transport.ts'
import { judgeWorkload } from './judge-workload.ts'
import type { StoredActor } from '../desired/read-settings.ts'
import { observe } from './observed.ts'
import { no, unknown, yes } from './verdict.ts'

function deployment(spec: object, status: object): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'echo', generation: 2 },
    spec,
    status: { observedGeneration: 2, ...status },
  }
}

function scaler(conditions: object[], kind = 'ScaledObject'): KubeObject {
  const metadata = { name: 'echo', generation: 1 }
  return { apiVersion: 'keda.sh/v1alpha1', kind, metadata, status: { conditions } }
}

interface PodParts {
  readonly runtime?: object
  readonly sidecar?: object
  readonly conditions?: object[]
  readonly deletionTimestamp?: string
}

function pod({ runtime, sidecar, conditions = [], deletionTimestamp }: PodParts): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'echo-1', ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
    status: {
      conditions,
      containerStatuses: runtime ? [{ name: 'runtime', ...runtime }] : [],
      initContainerStatuses: sidecar ? [{ name: 'asya-sidecar', ...sidecar }] : [],
    },
  }
}

const actor: StoredActor = {
  apiVersion: 'asya.io/v1alpha1',
  kind: 'AsyncActor',
  metadata: { name: 'echo', namespace: 'default', uid: 'u', generation: 3 },
  spec: { queueName: 'echo', workload: { template: { spec: { containers: [] } } } },
}

const ready = { type: 'Ready', status: 'True', reason: 'ScaledObjectReady', message: 'fine' }

describe('WorkloadReady', () => {
  test.each<[string, KubeObject[], KubeObject[], { status: string; reason: string }]>([
    ['There is none yet.', [], [], { status: 'Unknown', reason: 'NotCreated' }],
    [
      'Its controller is behind.',
      [deployment({ replicas: 1 }, { observedGeneration: 1, readyReplicas: 1 })],
      [],
      { status: 'Unknown', reason: 'Progressing' },
    ],
    [
      'It has what it is told to have.',
      [deployment({ replicas: 2 }, { replicas: 2, readyReplicas: 2, updatedReplicas: 2 })],
      [],
      { status: 'True', reason: 'Running' },
    ],
    [
      'At 0 it is healthy.',
      [deployment({ replicas: 0 }, {})],
      [],
      { status: 'True', reason: 'Napping' },
    ],
    [
      'The last replica is ending.',
      [deployment({ replicas: 0 }, { replicas: 1 })],
      [],
      { status: 'True', reason: 'ScalingIn' },
    ],
    [
      'Some serve while others start.',
      [
        deployment(
          { replicas: 4 },
          { replicas: 4, readyReplicas: 3, conditions: [{ type: 'Available', status: 'True' }] },
        ),
      ],
      [],
      { status: 'True', reason: 'ScalingOut' },
    ],
    [
      'None serves yet.',
      [deployment({ replicas: 1 }, { replicas: 1 })],
      [],
      { status: 'Unknown', reason: 'Progressing' },
    ],
    [
      'A quota is in the way.',
      [
        deployment(
          { replicas: 1 },
          {
            conditions: [
              { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'quota' },
            ],
          },
        ),
      ],
      [],
      { status: 'False', reason: 'FailedCreate' },
    ],
    [
      'A rollout takes too long.',
      [
        deployment(
          { replicas: 1 },
          {
            conditions: [
              { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' },
            ],
          },
        ),
      ],
      [],
      { status: 'False', reason: 'ProgressDeadlineExceeded' },
    ],
    [
      'An image cannot be had.',
      [deployment({ replicas: 1 }, {})],
      [pod({ runtime: { state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } } } })],
      { status: 'False', reason: 'ImagePullBackOff' },
    ],
    [
      'A container that is being made is no trouble.',
      [deployment({ replicas: 1 }, {})],
      [pod({ runtime: { state: { waiting: { reason: 'ContainerCreating' } } } })],
      { status: 'Unknown', reason: 'Progressing' },
    ],
    [
      'No node takes the pod.',
      [deployment({ replicas: 1 }, {})],
      [
        pod({
          conditions: [
            {
              type: 'PodScheduled',
              status: 'False',
              reason: 'Unschedulable',
              message: '0/3 nodes',
            },
          ],
        }),
      ],
      { status: 'False', reason: 'Unschedulable' },
    ],
    [
      'A pod that is ending may be in any trouble.',
      [deployment({ replicas: 0 }, {})],
      [
        pod({
          runtime: { state: { waiting: { reason: 'CrashLoopBackOff' } } },
          deletionTimestamp: '2026-01-01T00:00:00Z',
        }),
      ],
      { status: 'True', reason: 'Napping' },
    ],
    [
      'KEDA makes Jobs when there are messages.',
      [scaler([ready], 'ScaledJob')],
      [],
      { status: 'True', reason: 'JobsOnDemand' },
    ],
  ])('%s', (_, children, pods, verdict) => {
    expect(judgeWorkload(observe(children, pods))).toMatchObject(verdict)
  })

  test('A crash names the container, the pod, and its last words.', () => {
    const crashed = pod({
      runtime: {
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
        lastState: {
          terminated: { reason: 'Error', exitCode: 1, message: 'ASYA_HANDLER is not set' },
        },
      },
    })
    const { message } = judgeWorkload(observe([deployment({ replicas: 1 }, {})], [crashed]))
    expect(message).toBe(
      'container runtime of pod echo-1: back-off 40s; it ended with Error: ASYA_HANDLER is not set',
    )
  })
})

describe('ScalingReady', () => {
  const withKeda = { platform: { hasKeda: true }, warnings: [] }

  test.each<[string, object[], { status: string; reason: string }]>([
    ['KEDA has not said anything.', [], { status: 'Unknown', reason: 'KedaHasNotSaid' }],
    ['There are no messages.', [ready], { status: 'True', reason: 'Inactive' }],
    [
      'There are messages.',
      [ready, { type: 'Active', status: 'True' }],
      { status: 'True', reason: 'Active' },
    ],
    [
      'The queue cannot be counted.',
      [{ type: 'Ready', status: 'False', reason: 'TriggerError', message: 'no such host' }],
      { status: 'False', reason: 'TriggerError' },
    ],
    [
      'The fallback holds.',
      [ready, { type: 'Fallback', status: 'True' }],
      { status: 'False', reason: 'Fallback' },
    ],
    [
      'It is paused.',
      [ready, { type: 'Paused', status: 'True' }],
      { status: 'True', reason: 'Paused' },
    ],
  ])('%s', (_, conditions, verdict) => {
    expect(judgeScaling(actor, observe([scaler(conditions)], []), withKeda)).toMatchObject(verdict)
  })

  test('Without KEDA it says so, and what holds instead.', () => {
    const verdict = judgeScaling(actor, observe([], []), {
      ...withKeda,
      platform: { hasKeda: false },
    })
    expect(verdict).toMatchObject({ status: 'False', reason: 'KedaNotInstalled' })
    expect(verdict.message).toContain('workload.replicas')
  })

  test('What counts only waiting messages says so.', () => {
    const warnings = [{ reason: 'CountsReadyOnly', message: 'amqp counts …' }]
    const verdict = judgeScaling(actor, observe([scaler([ready])], []), { ...withKeda, warnings })
    expect(verdict).toMatchObject({ status: 'True', reason: 'CountsReadyOnly' })
  })

  test('Switched off, it is as it should be.', () => {
    const off = { ...actor, spec: { ...actor.spec, scaling: { enabled: false } } }
    expect(judgeScaling(off, observe([], []), withKeda)).toMatchObject({
      status: 'True',
      reason: 'ScalingDisabled',
    })
  })
})

describe('TransportReady', () => {
  test.each<[string, KubeObject[], KubeObject[], { status: string; reason: string }]>([
    ['Nobody can say.', [], [], { status: 'Unknown', reason: 'NoPods' }],
    [
      'A sidecar consumes.',
      [],
      [pod({ sidecar: { ready: true } })],
      { status: 'True', reason: 'Consuming' },
    ],
    [
      'A sidecar waits.',
      [],
      [pod({ sidecar: { ready: false } })],
      { status: 'Unknown', reason: 'NotConsuming' },
    ],
    [
      'A sidecar ends again and again.',
      [],
      [
        pod({
          sidecar: {
            ready: false,
            restartCount: 3,
            lastState: { terminated: { reason: 'Error', message: 'ACCESS_REFUSED' } },
          },
        }),
      ],
      { status: 'False', reason: 'SidecarFails' },
    ],
    [
      'KEDA counts while all sleep.',
      [scaler([ready])],
      [],
      { status: 'True', reason: 'QueueCounted' },
    ],
    [
      'KEDA cannot count.',
      [scaler([{ type: 'Ready', status: 'False', message: 'queue not found' }])],
      [],
      { status: 'False', reason: 'QueueNotCounted' },
    ],
  ])('%s', (_, children, pods, verdict) => {
    expect(judgeTransport(observe(children, pods))).toMatchObject(verdict)
  })
})

describe('Ready', () => {
  const parts = {
    WorkloadReady: yes('Running', 'w'),
    ScalingReady: yes('Active', 's'),
    TransportReady: yes('Consuming', 't'),
  }

  test('It is ready when all its parts are, and otherwise names the one that is not.', () => {
    expect(judgeReady(parts)).toEqual(yes('Running', 'w'))
    expect(judgeReady({ ...parts, TransportReady: no('SidecarFails', 'why') })).toEqual(
      no('SidecarFails', 'TransportReady: why'),
    )
    expect(judgeReady({ ...parts, WorkloadReady: unknown('Progressing', 'p') })).toEqual(
      unknown('Progressing', 'WorkloadReady: p'),
    )
  })

  test('What is wrong weighs more than what is not known.', () => {
    const mixed = {
      ...parts,
      WorkloadReady: unknown('Progressing', 'p'),
      ScalingReady: no('TriggerError', 'e'),
    }
    expect(judgeReady(mixed).status).toBe('False')
  })

  test('Without KEDA it serves all the same.', () => {
    expect(judgeReady({ ...parts, ScalingReady: no('KedaNotInstalled', '') }).status).toBe('True')
  })
})

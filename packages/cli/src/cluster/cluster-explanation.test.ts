import type { KubeObject } from '@asya/operator/kube'
import { describe, expect, test } from 'vitest'
import { formatClusterExplanation } from '../view/cluster-explanation-text.ts'
import { paintNothing } from '../view/paint.ts'
import type { ActorEvidence } from './actor-evidence.ts'
import { explainOnCluster } from './cluster-explanation.ts'

type Condition = readonly [type: string, status: string, reason: string, message: string]

function make(kind: string, body: object, ...conditions: readonly Condition[]): KubeObject {
  const listed = conditions.map(([type, status, reason, message]) => ({
    ...{ type, status, reason, message },
  }))
  const { status = {}, metadata = {}, ...rest } = body as { status?: object; metadata?: object }
  return {
    apiVersion: 'v1',
    kind,
    ...rest,
    metadata: { name: 'ocr', namespace: 'prod', generation: 1, ...metadata },
    status: { observedGeneration: 1, ...status, conditions: listed },
  }
}

const SCALING = { minReplicas: 0, maxReplicas: 10, queueLength: 5, cooldownPeriod: 60 }

function actor(scaling: object, replicas: number, ...conditions: readonly Condition[]): KubeObject {
  const spec = { scaling: { ...SCALING, ...scaling } }
  return make('AsyncActor', { spec, status: { replicas } }, ...conditions)
}

const ready: Condition = ['Ready', 'True', 'Running', '2 replicas ready']
const counted: Condition = ['Ready', 'True', 'ScaledObjectReady', '']
const active: Condition = ['Active', 'True', '', '']
const inactive: Condition = ['Active', 'False', '', '']

function explain(evidence: Partial<ActorEvidence>): string {
  const explanation = explainOnCluster({
    actor: actor({}, 2, ready),
    workload: undefined,
    scaler: undefined,
    autoscaler: undefined,
    pods: [],
    events: [],
    ...evidence,
  })
  return formatClusterExplanation(explanation, paintNothing).join('\n')
}

describe('why so many replicas', () => {
  const autoscaler = (desiredReplicas: number, ...conditions: readonly Condition[]) =>
    make(
      'HorizontalPodAutoscaler',
      {
        spec: { maxReplicas: 10 },
        status: {
          currentReplicas: 2,
          desiredReplicas,
          currentMetrics: [{ type: 'External', external: { current: { averageValue: '35' } } }],
        },
      },
      ['ScalingActive', 'True', '', ''],
      ...conditions,
    )
  const scaler = make('ScaledObject', {}, counted, active)

  test('The messages, the share of each, what the autoscaler wants, and that it may not have more.', () => {
    const limit: Condition = ['ScalingLimited', 'True', 'TooManyReplicas', '']
    const text = explain({ scaler, autoscaler: autoscaler(10, limit) })
    expect(text).toContain('It has 2 replicas, of 0 to 10.')
    expect(text).toContain(
      'There are about 70 messages, and each replica is given 5 (queueLength). ' +
        'The autoscaler wants 10 replicas, 8 more than there are.',
    )
    expect(text).toContain('It would want more, but maxReplicas is 10.')
    expect(text).toContain('→ asya scale ocr --max 20 allows more')
  })

  test('Before there is an autoscaler, KEDA lifts it from 0.', () => {
    expect(explain({ scaler })).toContain('KEDA lifts it from 0 now')
  })

  test('An autoscaler that cannot count is told, and one that waits to scale down.', () => {
    const failing: Condition = ['ScalingActive', 'False', 'FailedGetExternalMetric', 'no metrics']
    const blind = make('HorizontalPodAutoscaler', { status: {} }, failing)
    expect(explain({ scaler, autoscaler: blind })).toContain(
      'It cannot count (FailedGetExternalMetric): no metrics.',
    )
    const stable: Condition = ['AbleToScale', 'True', 'ScaleDownStabilized', '']
    expect(explain({ scaler, autoscaler: autoscaler(2, stable) })).toContain('Fewer would do')
  })

  test('An empty queue lets it sleep, after a while, but for those that always stay.', () => {
    const idle = make('ScaledObject', {}, counted, inactive)
    expect(explain({ scaler: idle, actor: actor({}, 0, ready) })).toContain('so it sleeps')
    expect(explain({ scaler: idle })).toContain('has been so for 60 s (cooldownPeriod)')
    expect(explain({ scaler: idle, actor: actor({ minReplicas: 2 }, 2, ready) })).toContain(
      '2 replicas always stay (minReplicas)',
    )
  })

  test('What cannot be counted leaves the replicas as they are.', () => {
    const failed = make('ScaledObject', {}, ['Ready', 'False', 'TriggerError', 'no queue "ocr"'])
    const text = explain({ scaler: failed })
    expect(text).toContain(
      'KEDA cannot count the queue (no queue "ocr"), so the replicas stay as they are.',
    )
    expect(text).toContain('→ KEDA asks the management API of RabbitMQ')
  })

  test('Who turned scaling off, or paused it, and how that ends.', () => {
    const by = (manager: string, field: string) => ({
      metadata: {
        name: 'ocr',
        managedFields: [{ manager, fieldsV1: { 'f:spec': { 'f:scaling': { [field]: {} } } } }],
      },
    })
    const off = { ...actor({ enabled: false }, 2, ready), ...by('asya-cli-scale', 'f:enabled') }
    const workload = make('Deployment', { spec: { replicas: 2 } })
    expect(explain({ actor: off, workload })).toContain(
      'Scaling is turned off by asya scale: 2 replicas are wanted, whatever is in the queue.',
    )
    const paused = { ...actor({ paused: true }, 2, ready), ...by('asya-cli-pause', 'f:paused') }
    const text = explain({ actor: paused, scaler })
    expect(text).toContain('Its scaling is paused by asya pause')
    expect(text).toContain('→ asya resume ocr lets the queue decide again')
  })

  test('Without KEDA it is said what holds.', () => {
    const message = 'the API server has no keda.sh/v1alpha1'
    const lacking = actor({}, 1, ready, ['ScalingReady', 'False', 'KedaNotInstalled', message])
    const text = explain({ actor: lacking })
    expect(text).toContain(`Nothing scales it (KedaNotInstalled): ${message}.`)
    expect(text).toContain('→ install KEDA')
  })
})

describe('why it is not ready', () => {
  test('Each part that is not, with what mends it, and nothing of those that are.', () => {
    const text = explain({
      actor: actor(
        {},
        1,
        ['Ready', 'False', 'ImagePullBackOff', 'm'],
        ['WorkloadReady', 'False', 'ImagePullBackOff', 'container runtime: no such image'],
        ['ScalingReady', 'True', 'Active', ''],
      ),
    })
    expect(text).toContain(
      'WorkloadReady is false (ImagePullBackOff): container runtime: no such image.\n' +
        '    → check the name and tag of the image',
    )
    expect(text).not.toContain('ScalingReady')
  })

  test('One that no operator has looked at leads to the operator.', () => {
    expect(explain({ actor: make('AsyncActor', { status: { observedGeneration: 0 } }) })).toContain(
      '→ if that lasts: kubectl get pods --all-namespaces',
    )
  })

  test('A container that ran out of memory needs more, and one that fails has a log.', () => {
    const pod = (reason: string) =>
      make('Pod', {
        metadata: { name: 'ocr-1' },
        status: {
          containerStatuses: [
            {
              name: 'runtime',
              restartCount: 4,
              state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
              lastState: { terminated: { reason, exitCode: 137 } },
            },
          ],
        },
      })
    const killed = explain({ pods: [pod('OOMKilled')] })
    expect(killed).toContain(
      '(CrashLoopBackOff): back-off; it ended with OOMKilled, exit code 137.',
    )
    expect(killed).toContain('→ give it more memory')
    expect(explain({ pods: [pod('Error')] })).toContain(
      '→ kubectl logs ocr-1 --namespace prod --container runtime --previous',
    )
  })

  test('A pod without a node says why, and one that ends is no trouble.', () => {
    const pending = make('Pod', {}, ['PodScheduled', 'False', 'Unschedulable', '0/1 nodes'])
    expect(explain({ pods: [pending] })).toContain('no node (Unschedulable): 0/1 nodes.')
    const ending = make('Pod', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } })
    expect(explain({ pods: [ending] })).toContain('is ending: it finishes what it has begun')
  })

  test('What happened last stands first, and by whichever name its time has.', () => {
    const event = (reason: string, times: object): KubeObject => ({
      ...make('Event', {}),
      ...{
        reason,
        type: 'Warning',
        note: 'n',
        regarding: { kind: 'Pod', name: 'ocr-1' },
        ...times,
      },
    })
    const events = [
      event('Older', { eventTime: '2026-01-01T00:00:00.000000Z' }),
      event('Newer', { deprecatedLastTimestamp: '2026-01-02T00:00:00Z' }),
    ]
    expect(explain({ events })).toMatch(/Newer {2}Pod ocr-1: n\n.*Older {2}Pod ocr-1: n$/)
  })
})

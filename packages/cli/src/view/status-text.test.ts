import { expect, test } from 'vitest'
import type { KubeObject } from '@asya/operator/kube'
import { summarize } from '../cluster/actor-summary.ts'
import { paintNothing } from './paint.ts'
import { formatStatus } from './status-text.ts'

function make(kind: string, name: string, body: object, more: object = {}): KubeObject {
  return { apiVersion: 'v1', kind, ...body, metadata: { name, namespace: 'prod', ...more } }
}

function actor(name: string, scaling: object, status: object, manager = 'asya-cli'): KubeObject {
  const containers = [{ name: 'runtime', image: `${name}:1` }]
  const spec = { scaling, workload: { type: 'Deployment', template: { spec: { containers } } } }
  const fieldsV1 = { 'f:spec': { 'f:scaling': {} } }
  const metadata = { uid: name, generation: 1, managedFields: [{ manager, fieldsV1 }] }
  return make('AsyncActor', name, { spec, status: { observedGeneration: 1, ...status } }, metadata)
}

const condition = (type: string, status: string, reason: string, message = '') => ({
  ...{ type, status, reason, message },
})

const owned = (uid: string) => ({
  ownerReferences: [{ apiVersion: 'a', kind: 'AsyncActor', name: uid, uid }],
})

const view = {
  actors: [
    actor(
      'ocr',
      { minReplicas: 1, maxReplicas: 9 },
      {
        replicas: 4,
        readyReplicas: 3,
        conditions: [
          condition('Ready', 'True', 'ScalingOut'),
          condition('WorkloadReady', 'True', 'ScalingOut', '3 of 4 replicas are ready'),
        ],
      },
    ),
    actor(
      'classify',
      { enabled: false },
      { replicas: 2, readyReplicas: 2, conditions: [condition('Ready', 'True', 'Running')] },
      'asya-cli-scale',
    ),
    actor('split', { paused: true, minReplicas: 0, maxReplicas: 5 }, { conditions: [] }),
  ],
  workloads: [],
  scalers: [
    make(
      'ScaledObject',
      'ocr',
      {
        status: {
          hpaName: 'hpa-of-ocr',
          conditions: [condition('Ready', 'True', ''), condition('Active', 'True', '')],
        },
      },
      owned('ocr'),
    ),
  ],
  autoscalers: [
    make('HorizontalPodAutoscaler', 'hpa-of-ocr', {
      status: {
        currentReplicas: 4,
        conditions: [condition('ScalingActive', 'True', '')],
        currentMetrics: [{ type: 'External', external: { current: { averageValue: '4500m' } } }],
      },
    }),
  ],
  forbidden: [],
}

const layout = { isWide: false, hasNamespaces: false, widthColumns: undefined, paint: paintNothing }

test('A line for each actor, sorted, with what is not known as a dash.', () => {
  expect(formatStatus(summarize(view), layout)).toEqual([
    'actor     ready    replicas  min  max  queue  why',
    'classify  yes             2    –    –      –  Running (by asya scale)',
    'ocr       not yet       3/4    1    9    ≈18  ScalingOut: 3 of 4 replicas are ready',
    'split     –               0    0    5      –  NotSeen: the operator has not looked at it yet (paused)',
  ])
})

test('A narrow terminal cuts lines, and never wraps them.', () => {
  const lines = formatStatus(summarize(view), { ...layout, widthColumns: 40 })
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40)
})

test('Wide, the image, who has changed it, and all its conditions.', () => {
  const lines = formatStatus(summarize(view), { ...layout, isWide: true, hasNamespaces: true })
  const text = lines.join('\n')
  expect(text).toContain('prod       classify')
  expect(text).toContain('Deployment  asya scale  classify:1')
  expect(text).toContain('    WorkloadReady  True     ScalingOut: 3 of 4 replicas are ready')
})

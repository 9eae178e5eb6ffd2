import {
  emitAll,
  type ActorModel,
  type ActorSettings,
  type BrokerSettings,
  type Model,
} from '@asya/compiler'
import type { Schema } from '@asya/operator/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readDefinition, readResourceCheck } from './read-resource-check.ts'

/** What the build emits is what the CRD takes, whatever an author says. */

const check = readResourceCheck()

const broker: BrokerSettings = {
  host: 'rabbitmq.queues.svc',
  port: 5_671,
  vhost: 'docs',
  exchange: 'docs',
  tls: true,
  username: 'docs',
  passwordSecret: { name: 'docs', key: 'password' },
  management: { port: 15_671, scheme: 'https' },
}

const everything: ActorSettings = {
  image: 'registry.example.com/shout:1',
  timeoutMs: 60_000,
  gracefulShutdownMs: 30_000,
  concurrency: 2,
  retry: {
    maxAttempts: 4,
    initialDelayMs: 100,
    maxDelayMs: 1_000,
    backoff: 3,
    retryCodes: ['validation_error'],
    fatalCodes: ['oom_error'],
  },
  scaling: {
    min: 0,
    max: 4,
    queueLength: 2,
    pollingIntervalMs: 5_000,
    cooldownPeriodMs: 60_000,
    paused: true,
    protocol: 'amqp',
    fallback: { replicas: 2, failureThreshold: 4, behavior: 'static' },
    authenticationRef: { name: 'broker', kind: 'ClusterTriggerAuthentication' },
  },
  workload: { type: 'StatefulSet' },
  resources: { cpu: '0.5', memory: '1.5Gi', gpu: 2 },
  env: { A: { value: '' }, B: { secret: 'b', key: 'k' }, C: { configMap: 'c', key: 'k' } },
  nodeSelector: { zone: '' },
  tolerations: [{ operator: 'Exists' }],
  sidecar: {
    image: 'registry.example.com/sidecar:1',
    imagePullPolicy: 'Always',
    mode: 'Container',
    resources: { cpu: '100m', memory: '64Mi' },
    env: { ASYA_LOG_LEVEL: { value: 'debug' } },
  },
  socket: { path: '/run/asya/app.sock', maxSize: 1_048_576 },
}

/** An actor whose number is given is one that its queue does not scale. */
const unscaled: ActorSettings = { workload: { replicas: 2 } }

function makeModel(settings: ActorSettings): Model {
  const text = { schema: { type: 'string' }, typeText: 'string' } as const
  const actor: ActorModel = {
    name: 'shout',
    kind: 'node',
    queue: 'shout',
    declared: { file: 'actors/shout.ts', line: 1, column: 1 },
    exportName: 'shout',
    input: text,
    output: text,
    cardinality: 'one',
    settings,
  }
  const project = { name: 'loud', version: '0.1.0', namespace: 'loud', broker }
  return { project, actors: [actor], pipelines: [], schemas: {} }
}

function emit(settings: ActorSettings): object {
  const emitted = emitAll(makeModel(settings))
  const content = emitted.find(({ path }) => path === 'kubernetes/shout.yaml')?.content ?? ''
  return parse(content, { version: '1.1' }) as object
}

/** What the schema of the resource names below `spec`; a pod is Kubernetes' own to describe. */
function listFields({ properties = {} }: Schema = {}, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`
    const isOwn =
      at === 'spec' || (at.startsWith('spec.') && !at.startsWith('spec.workload.template.'))
    return isOwn ? [at, ...listFields(member, at)] : []
  })
}

/** `spec.retry.factor`, of everything that an object holds. */
function listPaths(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`
    return [at, ...listPaths(member, at)]
  })
}

describe('the AsyncActor of an actor', () => {
  test.each<[string, ActorSettings]>([
    ['that says nothing', {}],
    ['with times below a second', { timeoutMs: 1, retry: { initialDelayMs: 1, maxDelayMs: 1.5 } }],
    ['with the longest times', { timeoutMs: 2_147_483_647, retry: { maxDelayMs: 2_147_483_647 } }],
    ['with long waits', { retry: { initialDelayMs: 86_400_000, maxDelayMs: 2_000_000_001 } }],
    ['that never sleeps', { scaling: { min: 1, max: 1, cooldownPeriodMs: 0 } }],
    ['that does not scale', { workload: { replicas: 0 } }],
    ['of a job', { workload: { type: 'Job' }, scaling: { max: 10_000 } }],
    ['at every upper bound', { concurrency: 1_000, retry: { maxAttempts: 1_000, backoff: 100 } }],
    ['with everything that there is', everything],
  ])('The CRD takes the one of an actor %s.', (_, settings) => {
    expect(check.find(emit(settings))).toEqual([])
  })

  test('Every field of the resource can be said by an author.', () => {
    const said = [everything, unscaled].flatMap((settings) => listPaths(emit(settings)))
    // There is one kind of broker, and the language is known by the handler.
    const unsaid = listFields(readDefinition().spec.versions[0]?.schema.openAPIV3Schema).filter(
      (path) => !said.includes(path),
    )
    expect(unsaid).toEqual(['spec.transport.type', 'spec.workload.runtime'])
  })
})

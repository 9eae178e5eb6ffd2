import { emitAll, type ActorModel, type ActorSettings, type Model } from '@asya/compiler'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readResourceCheck } from './read-resource-check.ts'

/** What the build emits is what the CRD takes, whatever an author says. */

const check = readResourceCheck()

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
  const broker = { vhost: 'docs', port: 5_671, tls: true, exchange: 'docs' }
  const project = { name: 'loud', version: '0.1.0', namespace: 'loud', broker }
  return { project, actors: [actor], pipelines: [], schemas: {} }
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
    [
      'with everything that its pod may have',
      {
        image: 'registry.example.com/shout:1',
        resources: { cpu: '0.5', memory: '1.5Gi', gpu: 2 },
        env: { A: { value: '' }, B: { secret: 'b', key: 'k' }, C: { configMap: 'c', key: 'k' } },
        nodeSelector: { zone: '' },
        tolerations: [{ operator: 'Exists' }],
      },
    ],
  ])('The CRD takes the one of an actor %s.', (_, settings) => {
    const emitted = emitAll(makeModel(settings))
    const content = emitted.find(({ path }) => path === 'kubernetes/shout.yaml')?.content ?? ''
    expect(check.find(parse(content, { version: '1.1' }) as object)).toEqual([])
  })
})

import type { Metric } from '@asya/protocol'
import { describe, expect, test } from 'vitest'
import { parseCustomMetrics } from './custom-metrics.ts'
import { createMetrics } from './metrics.ts'

function metricsWith(custom = '[]'): ReturnType<typeof createMetrics> {
  const specs = parseCustomMetrics(custom)
  if (!specs) throw new Error('malformed')
  return createMetrics({ namespace: 'asya_actor', queue: 'a', custom: specs })
}

function counter(name: string, value: number, labels: Record<string, string> = {}): Metric {
  return { kind: 'counter', name, value, labels }
}

describe("a handler's own metrics", () => {
  test('appear under the namespace, with the labels that came first', async () => {
    const metrics = metricsWith()
    metrics.custom([
      counter('tokens_total', 3, { model: 'm' }),
      counter('tokens_total', 4, { model: 'm' }),
    ])
    expect(await metrics.registry.metrics()).toContain(
      'asya_actor_tokens_total{model="m",queue="a"} 7',
    )
  })

  test('have the help text and buckets of their declaration', async () => {
    const metrics = metricsWith(
      '[{"kind":"histogram","name":"inference_seconds","help":"Model time","buckets":[0.5,2]}]',
    )
    metrics.custom([{ kind: 'histogram', name: 'inference_seconds', value: 1, labels: {} }])
    const text = await metrics.registry.metrics()
    expect(text).toContain('# HELP asya_actor_inference_seconds Model time')
    expect(text).toContain('asya_actor_inference_seconds_bucket{le="2",queue="a"} 1')
  })

  test('cannot take the name of one of ours, nor a malformed one', async () => {
    const metrics = metricsWith()
    metrics.custom([counter('messages_received_total', 5), counter('no-dashes', 1)])
    const text = await metrics.registry.metrics()
    expect(text).toContain('asya_actor_messages_received_total{queue="a"} 0')
    expect(text).not.toContain('no-dashes')
  })

  test('are bounded in names and in label values', async () => {
    const metrics = metricsWith()
    for (let i = 0; i < 1_000; i++) metrics.custom([counter('users', 1, { id: String(i) })])
    for (let i = 0; i < 1_000; i++) metrics.custom([counter(`made_up_${String(i)}`, 1)])
    const lines = (await metrics.registry.metrics()).split('\n')
    expect(lines.filter((line) => line.startsWith('asya_actor_users{'))).toHaveLength(201)
    expect(lines).toContain('asya_actor_users{id="other",queue="a"} 800')
    expect(lines.filter((line) => line.startsWith('asya_actor_made_up')).length).toBeLessThan(100)
  })

  test('leave out values that cannot be: NaN, and a counter that falls', async () => {
    const metrics = metricsWith()
    metrics.custom([counter('c', NaN), counter('c', -1)])
    expect(await metrics.registry.metrics()).toContain('asya_actor_c{queue="a"} 0')
  })

  test('are declared as a JSON list, and refused otherwise', () => {
    expect(parseCustomMetrics('nonsense')).toBeUndefined()
    expect(parseCustomMetrics('{}')).toBeUndefined()
    expect(parseCustomMetrics('[{"kind":"counter","name":"a-b"}]')).toBeUndefined()
    expect(parseCustomMetrics('[{"kind":"counter","name":"a","unknown":1}]')).toBeUndefined()
  })
})

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { createMetrics } from '../../packages/sidecar/src/metrics.ts'
import { ROOT } from './render.ts'

const FOLDER = `${ROOT}deploy/kustomize/base/monitoring/`
const PROMTOOL = process.env['ASYA_PROMTOOL'] ?? 'promtool'

/** Of other programs: RabbitMQ 3.10 and later (rabbitmq_prometheus, /metrics/detailed), KEDA 2.16 and later. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'rabbitmq_detailed_queue_messages_ready',
  'rabbitmq_detailed_queue_messages_unacked',
  'rabbitmq_detailed_queue_consumers',
  'keda_scaled_object_errors_total',
])

/** Of ours: the sidecar's by making them, the others as their modules write them. */
function readOwnNames(): ReadonlySet<string> {
  const sidecar = createMetrics({ namespace: 'asya_actor', queue: 'q', custom: [] })
  const code = ['gateway', 'operator']
    .map((name) => readFileSync(`${ROOT}packages/${name}/src/metrics.ts`, 'utf8'))
    .join('\n')
  return new Set([
    ...sidecar.registry.getMetricsAsArray().map(({ name }) => name),
    ...[...code.matchAll(/name: '(asya_\w+)'/g)].map(([, name]) => name ?? ''),
  ])
}

interface Rules {
  readonly spec: {
    readonly groups: readonly {
      readonly rules: readonly {
        readonly alert: string
        readonly expr: string
        readonly annotations: Readonly<Record<string, string>>
      }[]
    }[]
  }
}

const rulesText = readFileSync(`${FOLDER}rules.yaml`, 'utf8')
const rules = (parse(rulesText) as Rules).spec.groups.flatMap((group) => group.rules)

interface Dashboard {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

const panels = readdirSync(`${FOLDER}dashboards`).flatMap(
  (file) => (JSON.parse(readFileSync(`${FOLDER}dashboards/${file}`, 'utf8')) as Dashboard).panels,
)

const queries: readonly (readonly [string, string])[] = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
]

describe('What is watched', () => {
  test.each(queries)('is measured: %s.', (_, expression) => {
    const names = expression.match(/\b(?:asya|rabbitmq|keda)_\w+/g) ?? []
    expect(names.length).toBeGreaterThan(0)
    const own = readOwnNames()
    for (const name of names) {
      const plain = name.replace(/_(?:bucket|count|sum)$/, '')
      expect([...own, ...OF_OTHERS], name).toEqual(
        expect.arrayContaining([own.has(name) || OF_OTHERS.has(name) ? name : plain]),
      )
    }
  })

  test('has words for whoever is woken by it.', () => {
    for (const { annotations } of rules) {
      expect(annotations['summary']).toMatch(/\w/)
      expect(annotations['description']).toMatch(/\.$/)
    }
  })

  const hasPromtool = spawnSync(PROMTOOL, ['--version']).status === 0
  if (!hasPromtool)
    console.warn('there is no promtool (ASYA_PROMTOOL is its path): rules are not checked')

  test.runIf(hasPromtool)('is written as Prometheus reads it.', () => {
    const dir = mkdtempSync(join(tmpdir(), 'asya-rules-'))
    const path = join(dir, 'rules.yaml')
    const asRules = panels.flatMap(({ targets }) =>
      targets.map(({ expr }, index) => ({
        record: `panel:${index}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$queue', '.*'),
      })),
    )
    const groups = [
      ...(parse(rulesText) as Rules).spec.groups,
      ...asRules.map((rule, index) => ({ name: `panel-${index}`, rules: [rule] })),
    ]
    writeFileSync(path, stringify({ groups }))
    const { status, stdout, stderr } = spawnSync(PROMTOOL, ['check', 'rules', path], {
      encoding: 'utf8',
    })
    rmSync(dir, { recursive: true })
    expect(status, stdout + stderr).toBe(0)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../kube/kube-object.ts'
import { projectOnto } from './project-onto.ts'

const wanted: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'echo', ownerReferences: [owner('1')], labels: { a: '1' } },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'runtime', env: [{ name: 'A', value: '1' }], args: ['x', 'y'] },
          { name: 'other' },
        ],
        volumes: [{ name: 'socket', emptyDir: {} }],
      },
    },
  },
}

function owner(uid: string) {
  return { apiVersion: 'asya.io/v1alpha1', kind: 'AsyncActor', name: 'echo', uid }
}

interface Container {
  name: string
  env?: { name: string; value: string }[]
  args?: string[]
  [member: string]: unknown
}

/** As the API server would keep it: with defaults, a status, and what others added. */
function keep(change: (containers: Container[], spec: Record<string, unknown>) => void = () => {}) {
  const held = structuredClone(wanted) as unknown as {
    metadata: Record<string, unknown> & { ownerReferences: unknown[]; labels: object }
    spec: { template: { spec: { containers: Container[]; volumes: Record<string, unknown>[] } } }
    status?: object
  }
  held.metadata = { ...held.metadata, uid: 'x', labels: { ...held.metadata.labels, theirs: '2' } }
  held.metadata.ownerReferences.unshift(owner('another'))
  held.status = { replicas: 3 }
  const { spec } = held.spec.template
  spec.containers = [{ name: 'injected' }, ...spec.containers.toReversed()]
  for (const container of spec.containers) container['imagePullPolicy'] = 'IfNotPresent'
  change(spec.containers, spec)
  return held as unknown as KubeObject
}

function isAsWanted(held: KubeObject): boolean {
  return projectOnto(wanted, held) === JSON.stringify(wanted)
}

function runtimeOf(containers: Container[]): Container {
  const found = containers.find(({ name }) => name === 'runtime')
  if (found === undefined) throw new Error('no runtime')
  return found
}

describe('projectOnto', () => {
  test('Defaults, a status, and what others added are no difference.', () => {
    expect(isAsWanted(keep())).toBe(true)
  })

  test.each<[string, (containers: Container[], spec: Record<string, unknown>) => void]>([
    ['a value that was changed', (c) => runtimeOf(c).env?.splice(0, 1, { name: 'A', value: '2' })],
    ['a variable that was taken', (c) => runtimeOf(c).env?.pop()],
    ['a container that was taken', (c) => c.splice(c.indexOf(runtimeOf(c)), 1)],
    ['an argument that was added', (c) => runtimeOf(c).args?.push('z')],
    ['a list that was taken', (_, spec) => delete spec['volumes']],
    ['another kind of volume', (_, spec) => (spec['volumes'] = [{ name: 'socket', hostPath: {} }])],
  ])('%s is one.', (_, change) => {
    expect(isAsWanted(keep(change))).toBe(false)
  })

  test('The order of members is no difference, wherever they are.', () => {
    const list = { ...wanted, spec: { sources: [{ secret: { name: 's', items: ['a'] } }] } }
    const held = { ...list, spec: { sources: [{ secret: { items: ['a'], name: 's' } }] } }
    expect(projectOnto(list, held)).toBe(JSON.stringify(list))
  })

  test('Any object is as it wants itself to be, whatever stands beside.', () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'spec'), tie('value')),
      ),
    })).value
    fc.assert(
      fc.property(json, json, (value, beside) => {
        const object: KubeObject = { ...wanted, spec: value }
        expect(projectOnto(object, { ...object, beside })).toBe(JSON.stringify(object))
      }),
    )
  })
})

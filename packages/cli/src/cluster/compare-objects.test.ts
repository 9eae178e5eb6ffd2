import { expect, test } from 'vitest'
import { compareObjects } from './compare-objects.ts'
import { showPath } from './field-path.ts'

const show = (before: object, after: object) =>
  compareObjects(before, after).map((change) => [
    showPath(change.path),
    change.before,
    change.after,
  ])

test('A change is told by its field, and items of a list by their names.', () => {
  const make = (image: string, labels: object) => ({
    metadata: { name: 'a', labels },
    spec: { containers: [{ name: 'runtime', image }], args: [1, 2] },
  })
  expect(show(make('a:1', { 'a.b/c': 'x' }), make('a:2', {}))).toEqual([
    ['metadata.labels["a.b/c"]', 'x', undefined],
    ['spec.containers[runtime].image', 'a:1', 'a:2'],
  ])
})

test('A list of values is one value, and a new object is told as one.', () => {
  expect(show({ spec: { args: [1, 2] } }, { spec: { args: [1], retry: { factor: 2 } } })).toEqual([
    ['spec.args', [1, 2], [1]],
    ['spec.retry', undefined, { factor: 2 }],
  ])
})

test('What the API server writes, and the status, are no changes.', () => {
  const before = { metadata: { name: 'a', generation: 1, managedFields: [{}] }, status: {} }
  const after = { metadata: { name: 'a', generation: 2, uid: 'u' }, status: { replicas: 1 } }
  expect(show(before, after)).toEqual([])
})

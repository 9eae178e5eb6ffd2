import { describe, expect, test } from 'vitest'
import { UsageError } from '../errors.ts'
import { readActors } from './resource-files.ts'

const actor = (name: string) => `apiVersion: asya.io/v1alpha1
kind: AsyncActor
metadata: {name: ${name}, labels: {team: a}}
spec: {queueName: ${name}}
status: {replicas: 3}
`

const read = (...texts: readonly string[]) =>
  readActors(texts.map((text, index) => ({ name: `${index}.yaml`, text })))

describe('the actors of some files', () => {
  test('They are sorted, have no status, and the labels of the kustomization.', () => {
    const kustomization = `kind: Kustomization
labels:
  - pairs: {app.kubernetes.io/part-of: triage}
`
    const actors = readActors([
      { name: 'k/b.yaml', text: `${actor('b')}---\n` },
      { name: 'k/kustomization.yaml', text: kustomization },
      { name: 'k/a.yaml', text: actor('a') },
    ])
    expect(actors.map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
    expect(actors[0]?.metadata.labels).toEqual({ team: 'a', 'app.kubernetes.io/part-of': 'triage' })
    expect(actors[0]).not.toHaveProperty('status')
  })

  test('Several documents and lists are read alike.', () => {
    const list = JSON.stringify({ kind: 'List', items: [{ ...object('c') }] })
    expect(read(`${actor('a')}---\n${actor('b')}`, list).map((one) => one.metadata.name)).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(read('', '---\n')).toEqual([])
  })

  test('What else is there is refused, with the file and its name.', () => {
    expect(() => read('kind: Secret\napiVersion: v1\nmetadata: {name: s}')).toThrow(
      '0.yaml has v1 Secret "s": asya deploy applies AsyncActors',
    )
    expect(() => read(actor('a').replace('v1alpha1', 'v2'))).toThrow('asya.io/v2 AsyncActor "a"')
    expect(() => read('a: [')).toThrow('0.yaml is no YAML')
    expect(() => read('just words')).toThrow('something without a kind')
    expect(() => read(actor('a'), actor('a'))).toThrow('two AsyncActors "a"')
    expect(() => read(actor('""'))).toThrow(UsageError)
  })
})

function object(name: string) {
  return { apiVersion: 'asya.io/v1alpha1', kind: 'AsyncActor', metadata: { name }, spec: {} }
}

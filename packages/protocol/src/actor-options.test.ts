import { describe, expect, test } from 'vitest'
import { findActorOptionProblems, findPipelineOptionProblems } from './actor-options.ts'

/** What each option is told is tested where authors meet it, in the SDK: here it is where. */
describe('the place of a problem', () => {
  test.each<[unknown, readonly (string | number)[]]>([
    [{ timeout: 'soon' }, ['timeout']],
    [{ retry: { backoff: 0 } }, ['retry', 'backoff']],
    [{ retry: { tries: 1 } }, ['retry', 'tries']],
    [{ env: { 'A B': 'x' } }, ['env', 'A B']],
    [{ env: { A: 1 } }, ['env', 'A']],
    [{ tolerations: [{ key: 'a' }, { effect: 'x' }] }, ['tolerations', 1, 'effect']],
    [{ tolerations: [{ effect: 'NoExecute' }] }, ['tolerations', 0]],
    [{ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }, ['tolerations', 0, 'value']],
    [{ retry: { maxDelay: 1 } }, ['retry', 'maxDelay']],
    [{ retry: { initialDelay: 2, maxDelay: 1 } }, ['retry', 'initialDelay']],
    [{ workload: { replicas: 1 }, scaling: {} }, ['workload', 'replicas']],
    [{ workload: { type: 'Job' }, scaling: { min: 1 } }, ['scaling', 'min']],
    ['options', []],
  ])('In %j it is %j.', (options, path) => {
    expect(findActorOptionProblems(options).map((problem) => problem.path)).toEqual([path])
  })

  test('Contradictions are looked for once every value is allowed.', () => {
    const options = { scaling: { min: 2, max: 1 }, timeout: 0 }
    expect(findActorOptionProblems(options)).toHaveLength(1)
    expect(findActorOptionProblems({ ...options, timeout: 1 })).toHaveLength(1)
    expect(findActorOptionProblems({})).toEqual([])
  })

  test('A pipeline has options of its own.', () => {
    expect(findPipelineOptionProblems({ name: 'a', description: 'b', timeout: '1m' })).toEqual([])
    expect(findPipelineOptionProblems({ retry: {} }).map(({ path }) => path)).toEqual([['retry']])
  })
})

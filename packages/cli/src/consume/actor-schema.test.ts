import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openProject } from '@asya/compiler'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createProject, SDK, type TemporaryProject } from '../testing/temporary-project.ts'
import { findStaleImports } from './find-stale-imports.ts'
import { importActors } from './import-actors.ts'

vi.setConfig({ testTimeout: 90_000 })

let project: TemporaryProject

afterEach(() => {
  project.remove()
})

const SCORE = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  description: 'Scores a text.',
  queue: 'team-ml.score',
  cardinality: 'many',
  input: { $ref: '#/definitions/Text' },
  output: {
    type: 'object',
    required: ['score'],
    properties: { score: { type: 'number', minimum: 0 } },
  },
  definitions: {
    Text: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
  },
}

async function importScore(schema: object): Promise<string> {
  project.write('python/score.schema.json', JSON.stringify(schema))
  const path = join(project.dir, 'python/score.schema.json')
  return (await importActors(path, '../python/score.schema.json')).text
}

describe('a JSON Schema beside a handler in Python', () => {
  test('becomes a declaration with which a pipeline is checked.', async () => {
    project = createProject({})
    project.write('remote/score.ts', await importScore(SCORE))
    const pipeline = (given: string): string => `${SDK}import { score } from '../remote/score.ts'
export const read = defineActor((url: string) => ({ ${given}: url }))
export const scored = definePipeline([read, score])
`
    project.write('pipelines/scored.ts', pipeline('text'))
    const { model, problems } = openProject({ projectDir: project.dir }).read()
    expect(problems).toEqual([])
    expect(model.actors).toMatchObject([
      { name: 'read', kind: 'node' },
      { name: 'score', kind: 'remote', queue: 'team-ml.score', cardinality: 'many' },
    ])
    expect(model.actors[1]?.description).toBe('Scores a text.')
    project.write('pipelines/scored.ts', pipeline('link'))
    const again = openProject({ projectDir: project.dir }).read()
    expect(again.problems).toMatchObject([{ code: 'edge-does-not-fit' }])
  })

  test('is compared with what was imported from it.', async () => {
    project = createProject({})
    const path = join(project.dir, 'remote/score.ts')
    project.write('remote/score.ts', await importScore(SCORE))
    expect(await findStaleImports(project.dir, [path])).toEqual([])
    const text = await importScore({ ...SCORE, output: undefined })
    expect(await findStaleImports(project.dir, [path])).toMatchObject([
      {
        code: 'import-stale',
        fix: 'npx asya import python/score.schema.json --out remote/score.ts',
        position: { file: 'remote/score.ts' },
      },
    ])
    project.write('remote/score.ts', text)
    expect(readFileSync(path, 'utf8')).toContain('remoteActor<Text, void>')
    expect(await findStaleImports(project.dir, [path])).toEqual([])
  })

  test('that names its handler becomes an actor of this project.', async () => {
    project = createProject({})
    const own = { ...SCORE, queue: undefined, name: 'score-text', python: 'scores.model:score' }
    project.write('actors/score.ts', await importScore(own))
    const { model, problems } = openProject({ projectDir: project.dir }).read()
    expect(problems).toEqual([])
    expect(model.actors).toMatchObject([
      { name: 'score-text', kind: 'python', python: 'scores.model:score', cardinality: 'many' },
    ])
  })

  test.each([
    ['a member that there is not', { ...SCORE, outptu: {} }, 'outptu'],
    ['another number of results', { ...SCORE, cardinality: 'some' }, 'cardinality'],
    ['a queue that no route can hold', { ...SCORE, queue: 'a b' }, '"queue"'],
    ['a schema that is none', { ...SCORE, input: 'text' }, 'must be a JSON Schema'],
  ])('is refused for %s, with its place.', async (_, schema, why) => {
    project = createProject({})
    await expect(importScore(schema)).rejects.toThrow(why)
  })
})

import { afterEach, expect, test, vi } from 'vitest'
import { createProject, type TemporaryProject } from '../testing/temporary-project.ts'

// Each of them starts the compiler anew.
vi.setConfig({ testTimeout: 60_000 })

let project: TemporaryProject

afterEach(() => {
  project.remove()
})

const REMOTE = `import { remoteActor } from '@asya/sdk'
export const classify = remoteActor<{ text: string }, { label: string }>({
  name: 'classify',
  queue: 'team-b.classify',
})
export const unused = remoteActor<number, number>({ name: 'unused' })
`

const PIPELINE = `import { defineActor, definePipeline } from '@asya/sdk'
import { classify } from '../remote/team-b.ts'
export const read = defineActor((text: string) => ({ text }))
export const far = definePipeline([read, classify])
`

test("a step that is somebody else's actor is read wherever it is declared, and its edge is checked.", () => {
  project = createProject({ 'remote/team-b.ts': REMOTE, 'pipelines/far.ts': PIPELINE })
  const result = project.reader.read()
  expect(project.show(result)).toBe('')
  expect(result.model.actors).toMatchObject([
    {
      name: 'classify',
      kind: 'remote',
      queue: 'team-b.classify',
      exportName: 'classify',
      declared: { file: 'remote/team-b.ts', line: 2 },
    },
    { name: 'read', kind: 'node' },
  ])
  expect(result.model.pipelines).toMatchObject([
    { steps: ['read', 'classify'], edges: [{ isFitting: true }] },
  ])

  project.write('pipelines/far.ts', PIPELINE.replace('({ text })', 'text'))
  expect(project.show(project.reader.read())).toContain('edge-does-not-fit')
})

test('what stands in for it here is no actor of the build.', () => {
  project = createProject({
    'remote/team-b.ts': REMOTE,
    'pipelines/far.ts': `${PIPELINE}export const here = classify.standIn(({ text }) => ({ label: text }))\n`,
  })
  const result = project.reader.read()
  expect(project.show(result)).toBe('')
  expect(result.model.actors.map(({ name }) => name)).toEqual(['classify', 'read'])
})

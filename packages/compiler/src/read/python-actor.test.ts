import { afterEach, expect, test, vi } from 'vitest'
import { emitDockerfiles } from '../emit/kubernetes/emit-dockerfiles.ts'
import { emitKubernetes } from '../emit/kubernetes/emit-kubernetes.ts'
import { createProject, removeProjects, WITH_NODE_TYPES } from '../testing/temporary-project.ts'

// Each test opens a project of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

const FILES = {
  'actors/classify.ts': `import { pythonActor } from '@asya/sdk'
export interface Text { text: string }
export interface Label { label: string }
const MODULE = 'topics.model'
/** Says what a text is about. */
export const classify = pythonActor<Text, Label[]>(\`\${MODULE}:classify\`, { concurrency: 2, env: { SIZE: 'small' } })
`,
}

test('An actor in Python is read with its handler, its types, its cardinality and its options.', () => {
  const project = createProject(FILES)
  const { model, problems } = project.reader.read()
  expect(problems).toEqual([])
  expect(model.actors).toMatchObject([
    {
      name: 'classify',
      kind: 'python',
      python: 'topics.model:classify',
      description: 'Says what a text is about.',
      cardinality: 'many',
      input: { typeText: 'Text' },
      output: { typeText: 'Label' },
      settings: { concurrency: 2 },
    },
  ])
})

test('Its resource names the handler, by which the operator knows that it is in Python.', () => {
  const project = createProject(FILES)
  const { model } = project.reader.read()
  const [resource] = emitKubernetes(model)
  expect(resource?.content).toMatch(
    /image: classify:1\.2\.3\s+env:\s+- name: ASYA_HANDLER\s+value: topics\.model:classify\s+- name: SIZE/,
  )
  const files = emitDockerfiles(model)
  expect(files.map(({ path }) => path)).toEqual([
    'bundles/classify/Dockerfile',
    'bundles/classify/Dockerfile.dockerignore',
  ])
  expect(files[0]?.content).toContain('pip install --no-cache-dir --requirement requirements.txt')
  expect(files[0]?.content).not.toContain('CMD')
})

test('A handler that is known only when the program runs is refused, with its place.', () => {
  const project = createProject({
    ...WITH_NODE_TYPES,
    'actors/classify.ts': `import { pythonActor } from '@asya/sdk'
export const classify = pythonActor<string, string>(process.argv[2] ?? 'a:b')
`,
  })
  const { problems } = project.reader.read()
  expect(problems).toMatchObject([
    { code: 'python-handler-unknown', position: { file: 'actors/classify.ts', line: 2 } },
  ])
})

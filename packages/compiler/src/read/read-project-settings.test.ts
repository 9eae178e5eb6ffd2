import { afterEach, describe, expect, test, vi } from 'vitest'
import { createProject, removeProjects, SDK } from '../testing/temporary-project.ts'
import type { ReadResult } from './open-project.ts'

// Each of them is a compilation of its own.
vi.setConfig({ testTimeout: 60_000 })

afterEach(removeProjects)

const CONFIG = `import { defineConfig } from '@asya/sdk'
const team = 'team-a'
export default defineConfig({
  namespace: team,
  image: { registry: 'registry.example.com/team', tag: '1.0' },
  broker: { host: 'rabbitmq', passwordSecret: { name: 'rabbitmq', key: 'password' } },
  defaults: { timeout: '1m', retry: { maxAttempts: 5 } },
  environments: {
    staging: { namespace: 'staging', image: { tag: 'next' }, defaults: { retry: { backoff: 3 } } },
  },
})
`

function read(files: Readonly<Record<string, string>>, environment?: string): ReadResult {
  const project = createProject(
    {
      'a.ts': `${SDK}export const one = defineActor((n: number) => n, { timeout: '2m' })\n`,
      ...files,
    },
    environment,
  )
  return project.reader.read()
}

describe('the settings of a project', () => {
  test('come from package.json where there is no configuration.', () => {
    const { model, problems } = read({})
    expect(problems).toEqual([])
    expect(model.project).toEqual({ name: 'some-project', version: '1.2.3' })
  })

  test('come from asya.config.ts, read without being run; those of actors lie below their own.', () => {
    const { model, problems } = read({ 'asya.config.ts': CONFIG })
    expect(problems).toEqual([])
    expect(model.project).toEqual({
      name: 'some-project',
      version: '1.2.3',
      namespace: 'team-a',
      image: { registry: 'registry.example.com/team', tag: '1.0' },
      broker: { host: 'rabbitmq', passwordSecret: { name: 'rabbitmq', key: 'password' } },
      defaults: { timeoutMs: 60_000, retry: { maxAttempts: 5 } },
    })
    expect(model.actors).toMatchObject([
      {
        settings: { timeoutMs: 120_000, retry: { maxAttempts: 5 } },
        origins: {
          timeoutMs: { from: 'options', position: { file: 'a.ts' } },
          'retry.maxAttempts': { from: 'project', position: { file: 'asya.config.ts', line: 7 } },
        },
      },
    ])
  })

  test('are overlaid by those of the environment, member by member.', () => {
    const { model, problems } = read({ 'asya.config.ts': CONFIG }, 'staging')
    expect(problems).toEqual([])
    expect(model.project).toMatchObject({
      namespace: 'staging',
      image: { registry: 'registry.example.com/team', tag: 'next' },
      defaults: { retry: { maxAttempts: 5, backoff: 3 } },
    })
    expect(model.actors[0]?.origins).toMatchObject({ 'retry.backoff': { from: 'environment' } })
  })

  test('may be a plain object, or a constant.', () => {
    expect(
      read({ 'asya.config.ts': `export default { namespace: 'a' }` }).model.project.namespace,
    ).toBe('a')
    expect(
      read({ 'asya.config.mts': `const c = { namespace: 'b' } as const\nexport default c` }).model
        .project.namespace,
    ).toBe('b')
  })

  test.each<[what: string, config: string, code: string, why: string]>([
    ['no default', 'export const a = 1', 'config-without-default', 'exports nothing by default'],
    [
      'an unknown member',
      `export default { namspace: 'a' }`,
      'option-refused',
      'there is no option namspace; did you mean namespace?',
    ],
    [
      'a bad value',
      `export default { broker: { port: 0 } }`,
      'option-refused',
      'option broker.port is 0: expected a whole number from 1 to 65535',
    ],
    [
      'half a secret',
      `export default { broker: { passwordSecret: { name: 'a' } } }`,
      'option-refused',
      'needs a name and a key',
    ],
    [
      'a bad overlay',
      `export default { environments: { a: { image: { tag: '' } } } }`,
      'option-refused',
      "option environments.a.image.tag is ''",
    ],
    [
      'a value of run time',
      `export default { namespace: process.env.NAMESPACE }`,
      'option-not-static',
      'option namespace cannot be read',
    ],
    [
      'defaults that contradict an actor',
      `export default { defaults: { workload: { replicas: 2 } } }`,
      'option-refused',
      'with the defaults of asya.config.ts, option workload.replicas is 2',
    ],
  ])('are refused where they stand: %s', (_, config, code, why) => {
    const { problems } = read({
      'asya.config.ts': `${config}\n`,
      'a.ts': `${SDK}export const one = defineActor((n: number) => n, { scaling: { min: 0 } })\n`,
    })
    expect(problems).toMatchObject([{ code, severity: 'error' }])
    expect(problems[0]?.message).toContain(why)
  })

  test('have no environment that nobody wrote.', () => {
    const { problems } = read({ 'asya.config.ts': CONFIG }, 'production')
    expect(problems).toMatchObject([{ code: 'environment-unknown', fix: 'choose one of staging' }])
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Ended } from '../testing/run-cli.ts'
import { runInProcess } from '../testing/run-in-process.ts'
import {
  createProject,
  SDK,
  WITHOUT_NODE_TYPES,
  type TemporaryProject,
} from '../testing/temporary-project.ts'

vi.setConfig({ testTimeout: 120_000 })

// Each process loads the same compiler.
vi.stubEnv(
  'NODE_COMPILE_CACHE',
  fileURLToPath(new URL('../../build/compile-cache', import.meta.url)),
)

const HELLO = `${SDK}
/** Greets a person. */
export const greet = defineActor((name: string): string => name)
export const hello = definePipeline([greet])
`

let project: TemporaryProject

beforeEach(() => {
  project = createProject({ ...WITHOUT_NODE_TYPES, 'hello.ts': HELLO })
})

afterEach(() => {
  project.remove()
})

function asya(...args: readonly string[]): Promise<Ended> {
  return runInProcess(args, project.dir)
}

function readPage(): string {
  return readFileSync(join(project.dir, 'generated/docs.html'), 'utf8')
}

const LINK = '<a href="asyncapi/actors/greet.yaml">'

test('asya docs shows the project as it is, built or not, and leads to documents that are there.', async () => {
  const first = await asya('docs')
  expect(first).toMatchObject({ code: 0, stdout: 'wrote generated/docs.html\n' })
  expect(first.stderr).toContain('run `asya build`, then `asya docs` again')
  expect(readPage()).toContain('Greets a person.')
  expect(readPage()).not.toContain(LINK)

  await asya('build', '--no-bundle')
  expect(await asya('docs')).toMatchObject({ code: 0, stderr: '' })
  expect(readPage()).toContain(LINK)

  project.write('hello.ts', HELLO.replace('a person', 'somebody'))
  expect((await asya('docs')).stderr).toContain(
    'generated does not hold as they are now are not linked',
  )
  expect(readPage()).toContain('Greets somebody.')
  expect(readPage()).not.toContain(LINK)

  expect(await asya('docs', '--build', 'generated')).toMatchObject({ code: 0, stderr: '' })
  expect(readPage()).toContain('Greets a person.')
})

test('asya docs of a project that does not build shows why, and writes nothing.', async () => {
  project.write('hello.ts', HELLO.replace('name: string', 'name: Date'))
  const { code, stdout, stderr } = await asya('docs')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/Date[^]*does not build as it is, so there is nothing to show/)
})

import { openProject } from '@asya/compiler'
import { findSourceFiles } from '@asya/compiler/source-files'
import { afterEach, expect, test, vi } from 'vitest'
import { createProject, SDK, type TemporaryProject } from '../testing/temporary-project.ts'
import { bundle } from './bundle.ts'
import { inspect } from './inspect.ts'
import { readManifest } from './read-manifest.ts'

vi.setConfig({ testTimeout: 90_000 })

let project: TemporaryProject

afterEach(() => {
  project.remove()
})

/** One of everything that gives a name or an option. */
const FILES = {
  'actors/read-page.ts': `${SDK}
export const readPage = defineActor((url: string) => ({ url }), {
  timeout: '1m30s',
  concurrency: 4,
  retry: { maxAttempts: 5, initialDelay: '2s', maxDelay: 60_000, backoff: 3, fatalCodes: ['oom_error'] },
})`,
  'actors/named.ts': `${SDK}
export const whatever = defineActor((page: { url: string }) => page.url, { name: 'said-otherwise' })
const parseHTML = defineActor((text: string) => text.length)
export { parseHTML, parseHTML as default }`,
  'actors/index.ts': `export { readPage } from './read-page.ts'`,
  'actors/view.tsx': `${SDK}export const ofTsx = defineActor((n: number) => n)`,
  'actors/generated/no.ts': `${SDK}export const made = defineActor((n: number) => n)`,
  'actors/plain.jsx': `${SDK}export const ofJsx = defineActor((/** @type {number} */ n) => n)`,
  'actors/by-default.ts': `${SDK}
export default defineActor((n: number) => n, { name: 'by-default' })`,
  'pipelines/all.ts': `${SDK}
import { readPage } from '../actors/index.ts'
import parse, { whatever } from '../actors/named.ts'
export const readItAll = definePipeline([readPage, whatever, parse])
export const short = definePipeline([readPage], { name: 'shorter' })`,
}

test('what is read without being run and what is loaded have the same names, steps and options.', async () => {
  project = createProject(FILES)
  const { model, problems } = openProject({ projectDir: project.dir }).read()
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const files = findSourceFiles(project.dir)
  const outDir = `${project.dir}/.asya/dev/1`
  const bundled = await bundle({ projectDir: project.dir, files, outDir })
  if (!bundled.ok) throw new Error(bundled.report)
  const { signal } = new AbortController()
  const loaded = readManifest(await inspect(project.dir, bundled.modules, signal))
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'))

  const byName = <T extends { readonly name: string }>(all: readonly T[]): readonly T[] =>
    all.toSorted((one, other) => one.name.localeCompare(other.name))
  expect(byName(loaded.actors).map(({ name }) => name)).toEqual(
    byName(model.actors).map(({ name }) => name),
  )
  for (const { name, settings } of model.actors) {
    const { retry, ...rest } = settings
    expect(loaded.actors.find((actor) => actor.name === name)).toMatchObject({
      ...rest,
      ...(retry && { retry }),
    })
  }
  expect(byName(loaded.pipelines).map(({ name, steps }) => ({ name, steps }))).toEqual(
    byName(model.pipelines).map(({ name, steps }) => ({ name, steps })),
  )
})

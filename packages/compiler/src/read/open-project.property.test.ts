import * as fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { createProject, removeProjects, SDK } from '../testing/temporary-project.ts'
import { openProject, type ReadResult } from './open-project.ts'

vi.setConfig({ testTimeout: 300_000 })

afterEach(removeProjects)

/** What may stand in each file, at first the first of them; undefined: the file is not there. */
const TEXTS: Readonly<Record<string, readonly [string, ...(string | undefined)[]]>> = {
  'types/page.ts': [
    `import type { Tree } from './tree.ts'\nexport interface Page { url: string; tree?: Tree }\n`,
    `export interface Page { url: string; kind: 'b' | 'a' }\n`,
    `/**\n * @example\n * read(page)\n * again\n */\nexport interface Page { url: string; at: Missing }\n`,
    `/**\n * @example\n * read(page)\n * again\n */\nexport interface Page { url: string }\n`,
    'export interface Page { url: ',
    undefined,
  ],
  'types/tree.ts': [
    `export type Tree = { kind: 'leaf'; text: string } | Branch\nexport interface Branch { kind: 'branch'; trees: Tree[] }\n`,
    `export interface Tree { kind: 'z' | 'b'; next?: Tree }\nexport interface Branch { kind: 'branch' }\n`,
  ],
  'types/made.ts': [
    `export function make() { return { text: 'a', kind: 'x' as 'x' | 'y' } }\nexport type Made = ReturnType<typeof make>\n`,
    `export function make() { return { text: 'a', kind: 'y' as 'y' | 'x' } }\n`,
    `declare global { interface Made { text: string } }\nexport function make(): Made { return { text: 'a' } }\n`,
  ],
  'actors/a.ts': [
    `${SDK}import type { Page } from '../types/page.ts'\n/** Reads. */\nexport const one = defineActor((page: Page) => page)\n`,
    `${SDK}import type { Page } from '../types/page.ts'\nexport const one = defineActor((page: Page): { kind: 'b' | 'a' | 'x' } => ({ kind: 'a' }), { timeout: '1m' })\n`,
    `${SDK}import type { Branch } from '../types/tree.ts'\nexport const one = defineActor((page: Branch) => page)\nexport const made = () => defineActor((n: number) => n)\n`,
    undefined,
  ],
  'actors/b.ts': [
    `${SDK}import type { Page } from '../types/page.ts'\nexport const two = defineActor((page: Page) => page.url)\n`,
    `${SDK}import { make } from '../types/made.ts'\nexport const two = defineActor((page: { url: string; kind?: 'a' | 'b' }) => ({ ...make(), page }))\n`,
    `${SDK}import type { Tree } from '../types/tree.ts'\nexport interface Page { other: Tree }\nexport const two = defineActor((page: Page) => page.other, { name: 'renamed' })\n`,
  ],
  'actors/index.ts': [
    `export * from './b.ts'\n`,
    `export { two as again } from './b.ts'\n`,
    `export { one as two } from './a.ts'\nexport const n: number = 'no'\n`,
    undefined,
  ],
  'pipelines/p.ts': [
    `${SDK}import { one } from '../actors/a.ts'\nimport { two } from '../actors/index.ts'\nexport const all = definePipeline([one, two])\n`,
    `${SDK}import { two } from '../actors/b.ts'\nconst steps = [two] as const\nexport const all = definePipeline([...steps])\nexport const short = definePipeline(steps)\n`,
    `${SDK}import { one } from '../actors/a.ts'\nexport const all = definePipeline([one, one])\nexport const hidden = [defineActor((n: number) => n)]\n`,
  ],
  'asya.config.ts': [
    `export default { namespace: 'a' }\n`,
    `export default { defaults: { timeout: '3s', retry: { maxAttempts: 9 } } }\n`,
    undefined,
  ],
  'package.json': [
    '{ "name": "some-project", "version": "1.2.3", "type": "module" }',
    '{ "name": "other", "type": "commonjs" }',
  ],
}

const edits = fc.constantFrom(
  ...Object.entries(TEXTS).flatMap(([path, texts]) => texts.map((text) => ({ path, text }))),
)

function toBytes({ model, problems, inputs }: ReadResult): string {
  return JSON.stringify({ model, problems, inputs }, undefined, 1)
}

test('a reader that kept what it read says byte for byte what a new one says, whatever is edited.', () => {
  fc.assert(
    fc.property(fc.array(edits, { minLength: 3, maxLength: 6 }), (all) => {
      const first = Object.entries(TEXTS).map(([path, [text]]) => [path, text] as const)
      const project = createProject(Object.fromEntries(first))
      project.reader.read()
      for (const { path, text } of all) {
        if (text === undefined) project.remove(path)
        else project.write(path, text)
        const anew = openProject({ projectDir: project.dir }).read()
        expect(toBytes(project.reader.read())).toBe(toBytes(anew))
      }
      project.remove()
    }),
    { numRuns: 8, endOnFailure: true },
  )
})

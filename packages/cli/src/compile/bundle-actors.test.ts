import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { pathToFileURL } from 'node:url'
import { isActor } from '@asya/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import {
  createProject,
  removeProjects,
  SDK,
  type TemporaryProject,
} from '../testing/temporary-project.ts'
import { bundleActors, type BundleActorsOptions, type BundledActors } from './bundle-actors.ts'

afterEach(removeProjects)

const ONE = { name: 'one', file: 'actors.ts', exportName: 'one' }
const TWO = { name: 'two', file: 'actors.ts', exportName: 'two' }

function bundle(
  { dir }: TemporaryProject,
  options: Partial<BundleActorsOptions> = {},
): Promise<BundledActors> {
  return bundleActors({
    projectDir: dir,
    outDir: join(dir, 'generated'),
    actors: [ONE],
    dependencies: 'external',
    ...options,
  })
}

/** The texts of a bundle's files, by path. */
async function bundleWhole(
  project: TemporaryProject,
  options?: Partial<BundleActorsOptions>,
): Promise<Readonly<Record<string, string>>> {
  const bundled = await bundle(project, options)
  if (!bundled.ok) throw new Error(bundled.report)
  return Object.fromEntries(bundled.files.map(({ path, content }) => [path, content]))
}

const ACTORS = `${SDK}
import { add } from 'adder'
export const one = defineActor((n: number) => add(n))
export const two = defineActor((n: number) => { throw new Error('of two') })
`

const ADDER = {
  'node_modules/adder/package.json': '{ "name": "adder", "version": "1.2.3", "main": "adder.js" }',
  'node_modules/adder/adder.js': 'exports.add = (n) => n + require("node:os").EOL.length',
}

describe('a bundle', () => {
  test('exports its actor alone, under its own name.', async () => {
    const project = createProject({
      'actors.ts': ACTORS,
      'package.json': '{ "type": "module", "dependencies": { "adder": "^1.0.0" } }',
      ...ADDER,
    })
    const files = await bundleWhole(project, { actors: [ONE, TWO] })
    expect(Object.keys(files)).toEqual([
      'bundles/one/handler.mjs',
      'bundles/one/handler.mjs.map',
      'bundles/one/package.json',
      'bundles/two/handler.mjs',
      'bundles/two/handler.mjs.map',
      'bundles/two/package.json',
    ])
    const written = join(project.dir, 'generated/bundles/one/handler.mjs')
    mkdirSync(dirname(written), { recursive: true })
    writeFileSync(written, files['bundles/one/handler.mjs'] ?? '')
    const module = (await import(pathToFileURL(written).href)) as Record<string, unknown>
    expect(Object.keys(module)).toEqual(['one'])
    expect(isActor(module['one'])).toBe(true)
  })

  test('leaves dependencies to be installed in the versions that are installed here.', async () => {
    const project = createProject({
      'actors.ts': ACTORS,
      'package.json': '{ "dependencies": { "adder": "^1.0.0", "@asya/sdk": "*" } }',
      ...ADDER,
    })
    const files = await bundleWhole(project)
    expect(files['bundles/one/handler.mjs']).toContain('from "adder"')
    expect(files['bundles/one/handler.mjs']).not.toContain('from "@asya/sdk"')
    expect(JSON.parse(files['bundles/one/package.json'] ?? '')).toMatchObject({
      name: 'one',
      dependencies: { adder: '1.2.3' },
    })
  })

  test('holds its dependencies when that is asked for, CommonJS among them.', async () => {
    const project = createProject({
      'actors.ts': ACTORS,
      'package.json': '{ "dependencies": { "adder": "^1.0.0" } }',
      ...ADDER,
    })
    const files = await bundleWhole(project, { dependencies: 'bundled' })
    expect(JSON.parse(files['bundles/one/package.json'] ?? '')).toMatchObject({ dependencies: {} })
    const written = join(project.dir, 'one.mjs')
    writeFileSync(written, files['bundles/one/handler.mjs'] ?? '')
    const module = (await import(pathToFileURL(written).href)) as Record<string, unknown>
    const { one } = module
    if (!isActor(one)) throw new Error('no actor')
    expect(one.process(1 as never, {} as never)).toBe(2)
  })

  test('names the lines that the author wrote, under its header.', async () => {
    const project = createProject({ 'actors.ts': ACTORS, ...ADDER })
    const files = await bundleWhole(project, { actors: [TWO] })
    const code = files['bundles/two/handler.mjs'] ?? ''
    expect(code).toMatch(/^\/\/ Made by `asya build` from actors\.ts\b/)
    const map = new SourceMap(
      JSON.parse(files['bundles/two/handler.mjs.map'] ?? '') as SourceMapPayload,
    )
    const line = code.split('\n').findIndex((text) => text.includes('"of two"'))
    expect(map.findEntry(line, 4)).toMatchObject({
      originalSource: '../../../actors.ts',
      originalLine: ACTORS.split('\n').findIndex((text) => text.includes("'of two'")),
    })
    expect(code).toContain('sourceMappingURL=handler.mjs.map')
  })

  test('is the same, byte for byte, whenever it is made.', async () => {
    const project = createProject({ 'actors.ts': ACTORS, ...ADDER })
    const options = { actors: [ONE, TWO] }
    expect(await bundleWhole(project, options)).toEqual(await bundleWhole(project, options))
  })
})

test('what cannot be bundled is told with its place.', async () => {
  const project = createProject({ 'actors.ts': `${SDK}import './none.ts'\nexport const one = 1` })
  const bundled = await bundle(project)
  expect(bundled).toMatchObject({ ok: false })
  expect(bundled.ok ? '' : bundled.report).toContain('actors.ts:2:7')
})

test('without actors there is nothing to bundle.', async () => {
  expect(await bundle(createProject({}), { actors: [] })).toEqual({ ok: true, files: [] })
})

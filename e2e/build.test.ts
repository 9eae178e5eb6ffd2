import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Parser } from '@asyncapi/parser'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

/** What an author does who begins with a copy of the example: with what is shipped, from outside. */

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const ASYA = join(ROOT, 'packages/cli/bin/asya.js')

let project: string

beforeAll(() => {
  const parent = join(ROOT, 'build/e2e-projects')
  mkdirSync(parent, { recursive: true })
  project = mkdtempSync(join(parent, 'p-'))
  cpSync(join(ROOT, 'examples/document-triage'), project, {
    recursive: true,
    filter: (path) => !/[/\\](?:generated|\.asya|node_modules)$/.test(path),
  })
})

afterAll(() => {
  rmSync(project, { recursive: true, force: true })
})

function asya(...args: readonly string[]): { code: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ASYA, ...args], {
    cwd: project,
    encoding: 'utf8',
  })
  return { code: status, stdout, stderr }
}

test('a copy of the example is built, and built again without a change.', () => {
  expect(asya('build')).toMatchObject({ code: 0, stderr: '' })
  expect(readdirSync(join(project, 'generated')).sort()).toEqual([
    'asyncapi',
    'bundles',
    'guards',
    'kubernetes',
    'manifest.json',
    'schemas',
    'tools.json',
  ])
  expect(readdirSync(join(project, 'generated/bundles/read-page')).sort()).toEqual([
    'Dockerfile',
    'handler.mjs',
    'handler.mjs.map',
    'package.json',
  ])
  expect(asya('build').stdout).toContain('nothing to write')
})

test('every document that it makes parses, with no diagnostics but the note on a newer version.', async () => {
  const parser = new Parser()
  const folders = ['actors', 'pipelines'].map((folder) =>
    join(project, 'generated/asyncapi', folder),
  )
  const paths = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  expect(paths).toHaveLength(4)
  for (const path of paths) {
    const { document, diagnostics } = await parser.parse(readFileSync(path, 'utf8'))
    const others = diagnostics.filter(({ code }) => code !== 'asyncapi-latest-version')
    expect({ path, others, isRead: document !== undefined }).toEqual({
      path,
      others: [],
      isRead: true,
    })
  }
})

test('under asya dev the guard refuses what does not fit, and asya call shows the path.', async () => {
  const dev = spawn(process.execPath, [ASYA, 'dev', '--plain'], { cwd: project })
  let said = ''
  dev.stdout.on('data', (chunk) => (said += String(chunk)))
  dev.stderr.on('data', (chunk) => (said += String(chunk)))
  const ended = new Promise((resolve) => dev.once('close', resolve))
  try {
    await vi.waitUntil(() => said.includes('ready in'), { timeout: 120_000 })
    const { code, stderr } = asya('call', 'triage', '--json', '{"path":7}')
    expect(stderr).toContain('validation_error in read-page')
    expect(stderr).toMatch(/\$?\.?path\b.*string/)
    expect(code).toBe(1)
  } finally {
    dev.kill('SIGTERM')
    await ended
  }
})

import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

let base: string

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(args: readonly string[], cwd: string): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' })
  return { status, stdout, stderr }
}

function create(...args: readonly string[]): Ended {
  return run(['--conditions=source', MAIN, ...args], base)
}

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'create-asya-')))
})

afterAll(() => {
  rmSync(base, { recursive: true, force: true })
})

describe('npm create asya', () => {
  test('shows its help, and with it what it did not understand.', () => {
    expect(create('--help')).toMatchObject({ status: 0, stderr: '' })
    expect(create('--frce').stderr).toMatch(/create-asya: .*'--frce'[^]*npm create asya \[dir\]/)
    expect(create('a', 'b')).toMatchObject({ status: 2, stdout: '' })
  })

  test('ends with 1 when it must not write.', () => {
    const { status, stderr } = create('texts', '--name', 'No Name')
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining(`create-asya: "No Name" cannot be a project's name`),
    })
  })
})

/** As `npm install` would, with the packages of this repository as they were built. */
function linkPackages(project: string, names: readonly string[]): void {
  for (const name of names) {
    const link = join(project, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), link, 'dir')
  }
}

describe('the project', () => {
  let project: string

  beforeAll(() => {
    expect(create('texts', '--yes')).toMatchObject({ status: 0, stderr: '' })
    project = join(base, 'texts')
    linkPackages(project, ['@asya/sdk', '@asya/cli', '@types/node', 'typescript', 'vitest'])
  })

  function runTool(path: string, ...args: readonly string[]): Ended {
    return run([join(project, 'node_modules', path), ...args], project)
  }

  test('compiles.', () => {
    expect(runTool('typescript/bin/tsc')).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('passes its tests.', () => {
    const { status, stdout } = runTool('vitest/vitest.mjs', 'run')
    expect(stdout).toContain('2 passed')
    expect(status).toBe(0)
  })

  test('runs as its README says.', () => {
    const payload = '{"title":"Rain","text":"It rains. Will it stop?"}'
    const { status, stdout } = runTool('@asya/cli/bin/asya.js', 'call', 'review', '--json', payload)
    expect(JSON.parse(stdout)).toEqual([
      { text: 'It rains.', words: 2, grade: 'easy' },
      { text: 'Will it stop?', words: 3, grade: 'easy' },
    ])
    expect(status).toBe(0)
  })

  test('is checked and built, as its scripts do.', () => {
    const asya = '@asya/cli/bin/asya.js'
    expect(runTool(asya, 'check')).toMatchObject({ status: 0, stderr: '' })
    const { status, stderr } = runTool(asya, 'build')
    expect({ status, stderr }).toMatchObject({ status: 0 })
    const made = readdirSync(join(project, 'generated'), { recursive: true }).map(String)
    expect(made).toEqual(
      expect.arrayContaining([
        'manifest.json',
        'asyncapi/pipelines/review.yaml',
        'asyncapi/actors/rate-sentence.yaml',
        'kubernetes/kustomization.yaml',
        'bundles/rate-sentence/Dockerfile',
      ]),
    )
  })

  test('has a pipeline whose document a typed client is made of.', () => {
    const args = ['client', 'generated/asyncapi/pipelines/review.yaml', '--out', 'review-client.ts']
    expect(runTool('@asya/cli/bin/asya.js', ...args)).toMatchObject({ status: 0 })
    const code = readFileSync(join(project, 'review-client.ts'), 'utf8')
    expect(code).toContain('send(input: Article, options?: SendOptions): Promise<Job>')
    expect(code).toContain('Promise<readonly (Rating | null)[]>')
  })

  test('can be imported by another team, with the types of its author; it all compiles, the client too.', () => {
    for (const name of ['split-sentences', 'rate-sentence']) {
      const document = `generated/asyncapi/actors/${name}.yaml`
      const args = ['import', document, '--out', `remote/${name}.ts`]
      expect(runTool('@asya/cli/bin/asya.js', ...args)).toMatchObject({ status: 0 })
    }
    writeFileSync(join(project, 'remote/probe.ts'), PROBE)
    expect(runTool('typescript/bin/tsc')).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

/** Compiles if what was imported and what the author wrote can take each other's place. */
const PROBE = `import { definePipeline } from '@asya/sdk'
import type { Rating } from '../actors/rate-sentence.ts'
import type { Article, Sentence } from '../actors/split-sentences.ts'
import { splitSentences } from '../actors/split-sentences.ts'
import * as rate from './rate-sentence.ts'
import * as split from './split-sentences.ts'
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
export const same: [
  Same<split.Article, Article>,
  Same<split.Sentence, Sentence>,
  Same<rate.Sentence, Sentence>,
  Same<rate.Rating, Rating>,
] = [true, true, true, true]
export const mixed = definePipeline([splitSentences, rate.rateSentence])
export const far = definePipeline([split.splitSentences, rate.rateSentence])
`

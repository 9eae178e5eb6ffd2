import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
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
})

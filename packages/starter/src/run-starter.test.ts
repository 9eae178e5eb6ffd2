import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { suggestProjectName } from './project-name.ts'
import { runStarter, type StarterRequest } from './run-starter.ts'

const ROOT = new URL('../../../', import.meta.url)

let base: string

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'asya-starter-'))
})

afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

/** What is typed is answered to questions; without it there is no terminal. */
async function start(request: Partial<StarterRequest>, typed?: string) {
  const isTTY = typed !== undefined
  const input = Object.assign(new PassThrough(), { isTTY })
  const output = Object.assign(new PassThrough(), { isTTY })
  let said = ''
  output.on('data', (chunk) => (said += String(chunk)))
  if (typed !== undefined) input.write(typed)
  const end = await runStarter({
    ...{ fallbackDir: join(base, 'asya-project'), isForced: false, isSilent: false },
    ...{ input, output },
    ...request,
  })
  return { end, said }
}

interface Manifest {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function parse(text: string): Manifest {
  return JSON.parse(text) as Manifest
}

function readProject(path: string): string {
  return readFileSync(join(base, path), 'utf8')
}

describe('a new project', () => {
  test('is written under its folder’s name, and what to do next is said.', async () => {
    const { end, said } = await start({ dir: join(base, 'My Texts') })
    expect(end).toEqual({ ok: true, dir: join(base, 'My Texts') })
    expect(readdirSync(join(base, 'My Texts')).sort()).toEqual(
      '.gitignore AGENTS.md README.md actors asya.config.ts package.json pipelines tests tsconfig.json'.split(
        ' ',
      ),
    )
    expect(JSON.parse(readProject('My Texts/package.json'))).toMatchObject({ name: 'my-texts' })
    expect(readProject('My Texts/README.md')).toContain('# my-texts\n')
    expect(said).toMatch(
      /made my-texts: 10 files in .*\n\nNext:\n {2}cd '.*My Texts'\n {2}npm install/,
    )
  })

  test('wants the versions that this repository has.', async () => {
    await start({ dir: join(base, 'a') })
    const { dependencies, devDependencies } = parse(readProject('a/package.json'))
    const { devDependencies: ours } = parse(readFileSync(new URL('package.json', ROOT), 'utf8'))
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      const folder = name.startsWith('@asya/') ? `packages/${name.slice('@asya/'.length)}/` : ''
      const own = parse(readFileSync(new URL(`${folder}package.json`, ROOT), 'utf8'))
      expect(version, name).toBe(folder === '' ? ours?.[name] : own.version)
    }
  })

  test.each(['Upper', '-a', 'a_b', 'a'.repeat(51)])('is not named %s.', async (name) => {
    const { end } = await start({ dir: join(base, 'a'), name })
    expect(end).toMatchObject({
      ok: false,
      reason: expect.stringContaining(`"${name}" cannot be a project's name: at most 50 of a-z`),
    })
    expect(readdirSync(base)).toEqual([])
  })

  test('has a name of letters, whatever its folder is called.', () => {
    expect(suggestProjectName('2026 – Überblick_neu-')).toBe('berblick-neu')
    expect(suggestProjectName('日本')).toBeUndefined()
  })
})

describe('a folder that holds something', () => {
  test('is refused, and left as it is.', async () => {
    writeFileSync(join(base, 'notes.txt'), 'mine')
    const { end } = await start({ dir: base, name: 'texts' })
    expect(end).toMatchObject({
      ok: false,
      reason: expect.stringContaining('is not empty: it has notes.txt. Choose another folder, or'),
    })
    expect(readdirSync(base)).toEqual(['notes.txt'])
  })

  test('is used when that is said, and keeps what it had.', async () => {
    writeFileSync(join(base, 'package.json'), '{"name":"mine"}')
    const { end, said } = await start({ dir: base, name: 'texts', isForced: true })
    expect(end.ok).toBe(true)
    expect(said).toContain('kept as they were: package.json\nYour package.json needs @asya/sdk')
    expect(readProject('package.json')).toBe('{"name":"mine"}')
    expect(readProject('actors/rate-sentence.ts')).toContain('rateSentence')
  })

  test('may be one that git has made.', async () => {
    mkdirSync(join(base, '.git'))
    expect((await start({ dir: base, name: 'texts' })).end.ok).toBe(true)
  })

  test('is no file.', async () => {
    writeFileSync(join(base, 'file'), '')
    const { end } = await start({ dir: join(base, 'file') })
    expect(end).toMatchObject({ ok: false, reason: expect.stringContaining('is a file') })
  })
})

describe('questions', () => {
  test('are not asked without a terminal, or when that is said.', async () => {
    expect((await start({})).end).toEqual({ ok: true, dir: join(base, 'asya-project') })
    const { end } = await start({ isSilent: true }, 'elsewhere\n')
    expect(end).toMatchObject({ ok: false, reason: expect.stringContaining('is not empty') })
  })

  test('at a terminal are where it goes, and whether what is there is in the way.', async () => {
    const { end, said } = await start({}, `${join(base, 'texts')}\n`)
    expect(said).toContain('Where shall the project be?')
    expect(end).toEqual({ ok: true, dir: join(base, 'texts') })
    const refused = await start({ dir: join(base, 'texts') }, 'n\n')
    expect(refused.said).toContain('texts has .gitignore, AGENTS.md, README.md and 6 more. Put the')
    expect(refused.end.ok).toBe(false)
    expect((await start({ dir: join(base, 'texts') }, 'y\n')).end.ok).toBe(true)
  })
})

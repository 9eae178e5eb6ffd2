import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { OutputFile } from '@asya/compiler'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  compareOutput as compare,
  DOCUMENTS,
  writeOutput,
  type Differences,
} from './output-folder.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asya-output-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
})

function compareOutput(outDir: string, files: readonly OutputFile[]): Differences {
  return compare(outDir, files, DOCUMENTS)
}

const HEAD = '# Made by `asya build` from hello.ts.\n'

function file(path: string, text = path): OutputFile {
  return { path, content: HEAD + text }
}

function put(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

test('a first build misses every file, and writes it.', () => {
  const files = [file('manifest.json'), file('asyncapi/actors/one.yaml')]
  const differences = compareOutput(folder, files)
  expect(differences.missing).toEqual(files)
  writeOutput(folder, differences)
  expect(readFileSync(join(folder, 'asyncapi/actors/one.yaml'), 'utf8')).toBe(files[1]?.content)
  expect(compareOutput(folder, files)).toMatchObject({
    missing: [],
    stale: [],
    superfluous: [],
    unchangedCount: 2,
  })
})

test('a file that did not change is not written again.', () => {
  const files = [file('manifest.json', 'a'), file('tools.json', 'b')]
  writeOutput(folder, compareOutput(folder, files))
  const before = statSync(join(folder, 'manifest.json'))
  const changed = [file('manifest.json', 'a'), file('tools.json', 'c')]
  const differences = compareOutput(folder, changed)
  expect(differences.stale.map(({ path }) => path)).toEqual(['tools.json'])
  writeOutput(folder, differences)
  expect(statSync(join(folder, 'manifest.json')).mtimeMs).toBe(before.mtimeMs)
  expect(readFileSync(join(folder, 'tools.json'), 'utf8')).toBe(`${HEAD}c`)
})

test('files of ours that are made no more go, with the folders that they leave empty.', () => {
  writeOutput(folder, compareOutput(folder, [file('asyncapi/actors/one.yaml'), file('tools.json')]))
  const differences = compareOutput(folder, [file('tools.json')])
  expect(differences.superfluous).toEqual(['asyncapi/actors/one.yaml'])
  writeOutput(folder, differences)
  expect(existsSync(join(folder, 'asyncapi'))).toBe(false)
})

test('files of somebody else are never removed, nor written over.', () => {
  put('kubernetes/secret.yaml', 'kind: Secret\n')
  put('notes.md', 'what asya does')
  put('tools.json', '[]')
  put('elsewhere/old.yaml', HEAD)
  const differences = compareOutput(folder, [file('tools.json')])
  expect(differences).toMatchObject({
    missing: [],
    stale: [],
    superfluous: [],
    foreign: ['tools.json'],
  })
  writeOutput(folder, differences)
  expect(readFileSync(join(folder, 'tools.json'), 'utf8')).toBe('[]')
  expect(existsSync(join(folder, 'kubernetes/secret.yaml'))).toBe(true)
})

test('a folder that is not there yet is an empty one.', () => {
  expect(compareOutput(join(folder, 'none'), []).superfluous).toEqual([])
})

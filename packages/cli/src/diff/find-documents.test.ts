import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findOutDir } from '../compile/build-project.ts'
import {
  findDocuments,
  placeOf,
  readBuilt,
  readContracts,
  type BuildPlace,
} from './find-documents.ts'

const DOCUMENT = 'asyncapi: 3.0.0\ninfo: { title: a, version: 1.0.0 }\n'

let dir: string
let place: BuildPlace

function write(path: string, text: string): void {
  mkdirSync(join(dir, path, '..'), { recursive: true })
  writeFileSync(join(dir, path), text)
}

function git(...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    cwd: dir,
  })
}

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'asya-diff-')))
  write('app/package.json', '{}')
  git('init', '--quiet', '.')
  git('commit', '--quiet', '--allow-empty', '-m', 'empty')
  git('tag', 'empty')
  write('app/generated/asyncapi/actors/a.yaml', DOCUMENT)
  write('app/generated/asyncapi/pipelines/größe.yaml', DOCUMENT)
  write('app/generated/kubernetes/a.yaml', 'kind: AsyncActor\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'built')
  git('tag', 'v1.0.0')
  write('app/generated/asyncapi/actors/b.yaml', DOCUMENT)
  place = placeOf(join(dir, 'app'))
})

afterAll(() => {
  rmSync(dir, { recursive: true, force: true })
})

const names = (named: string): string[] => findDocuments(named, () => place).map(({ name }) => name)

describe('Documents are found', () => {
  test('in a commit, below the folder of the build, whatever lies in the working tree.', () => {
    const found = findDocuments('v1.0.0', () => place)
    expect(found).toEqual([
      { name: 'v1.0.0:generated/asyncapi/actors/a.yaml', text: DOCUMENT },
      { name: 'v1.0.0:generated/asyncapi/pipelines/größe.yaml', text: DOCUMENT },
    ])
  })

  test('in the working tree, as they were built.', () => {
    expect(readBuilt(place).map(({ name }) => name.split('/').at(-1))).toEqual([
      'a.yaml',
      'b.yaml',
      'größe.yaml',
    ])
  })

  test('in a folder that is no build: those that say what they are.', () => {
    write('others/one.yml', DOCUMENT)
    write('others/two.json', '{ "asyncapi": "3.0.0" }')
    write('others/values.yaml', 'replicas: 1\n')
    expect(names(join(dir, 'others')).map((name) => name.split('/').at(-1))).toEqual([
      'one.yml',
      'two.json',
    ])
  })

  test('in a file, whatever it is called.', () => {
    write('contract', DOCUMENT)
    expect(names(join(dir, 'contract'))).toEqual([join(dir, 'contract')])
  })
})

describe('The folder of the build', () => {
  test('is in the project, or where the one who types says, as for asya build.', () => {
    const projectDir = join(dir, 'app')
    for (const named of [undefined, 'generated', 'made/here', join(dir, 'made')])
      expect(placeOf(projectDir, named).outDir).toBe(findOutDir(projectDir, named))
  })
})

describe('What is not found is named, with what to do', () => {
  test('a commit that there is not.', () => {
    expect(() => names('v1.0.1')).toThrow(
      'there is no file or folder "v1.0.1", and there is no commit, branch or tag "v1.0.1": did you mean "v1.0.0"?',
    )
  })

  test('a name that git would take for an option.', () => {
    expect(() => names('--all')).toThrow(
      'there is no file or folder "--all", and there is no commit',
    )
  })

  test('documents in a commit that has none.', () => {
    expect(() => names('empty')).toThrow(
      'there are no AsyncAPI documents in empty, below generated: commit what `asya build` writes',
    )
  })

  test('a build that was never made.', () => {
    expect(() => readBuilt(placeOf(dir))).toThrow('run `asya build` first')
  })

  test('every document that is none.', async () => {
    const files = [
      { name: 'a.yaml', text: 'asyncapi: [' },
      { name: 'b.yaml', text: DOCUMENT },
      { name: 'c.yaml', text: 'asyncapi: 2.6.0' },
    ]
    await expect(readContracts(files)).rejects.toThrow(
      /^a\.yaml is neither YAML nor JSON: .*\nc\.yaml is AsyncAPI "2\.6\.0"/,
    )
  })
})

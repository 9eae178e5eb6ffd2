import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ROOT } from './render.ts'

/** Dockerfiles, as far as they can be judged without Docker; CI builds them where it has one. */

const FOLDER = `${ROOT}deploy/images/`
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.Dockerfile'))

const isBuilt = (source: string): boolean => /^packages\/[^/]+\/dist$/.test(source)

describe.each(FILES)('%s', (file) => {
  const lines = readFileSync(FOLDER + file, 'utf8')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const of = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))

  test('runs as a numeric user who is not root.', () => {
    expect(of('USER').at(-1)).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  })

  test('copies only what there is, or what the build makes.', () => {
    const sources = of('COPY')
      .filter((copy) => !copy.startsWith('--from='))
      .flatMap((copy) => copy.split(' ').slice(0, -1))
    const missing = sources.filter((source) => !isBuilt(source) && !existsSync(ROOT + source))
    expect(missing).toEqual([])
  })

  test('copies nothing that .dockerignore keeps out.', () => {
    const allowed = readFileSync(`${ROOT}.dockerignore`, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => new RegExp(`^${line.slice(1).replaceAll('*', '[^/]+')}$`))
    const sources = of('COPY')
      .filter((copy) => !copy.startsWith('--from='))
      .flatMap((copy) => copy.split(' ').slice(0, -1))
      .filter((source) => source !== 'packages')
    for (const source of sources)
      expect(
        allowed.some((pattern) => pattern.test(source)),
        source,
      ).toBe(true)
  })

  test('says what it is, in the version of the repository.', () => {
    const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
      version: string
    }
    const title = file.replace('.Dockerfile', '')
    expect(of('LABEL').join(' ')).toContain(`org.opencontainers.image.title="asya-${title}"`)
    expect(of('LABEL').join(' ')).toContain(`org.opencontainers.image.version="${version}"`)
  })

  test('takes bases with a tag.', () => {
    for (const from of of('FROM'))
      expect(from).toMatch(/^(?:\S+:\S+|\$\{RUNTIME_IMAGE\})(?: AS \w+)?$/)
  })
})

test('Each image of the manifests that is ours has a Dockerfile.', () => {
  const golden = readFileSync(`${ROOT}deploy/golden/full.yaml`, 'utf8')
  const names = [...golden.matchAll(/\basya-([a-z-]+):\d/g)].map(([, name]) => `${name}.Dockerfile`)
  expect(new Set(names)).toEqual(
    new Set(['operator', 'sidecar', 'gateway', 'end-actors'].map((name) => `${name}.Dockerfile`)),
  )
  for (const name of names) expect(FILES).toContain(name)
})

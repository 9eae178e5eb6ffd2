import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { python } from './pythons.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${ROOT}docs`).map((file) => `docs/${file}`),
  ...readdirSync(`${ROOT}examples`).map((folder) => `examples/${folder}/README.md`),
]

interface Block {
  readonly page: string
  readonly language: string
  readonly code: string
}

const BLOCKS: readonly Block[] = PAGES.flatMap((page) =>
  [...readFileSync(ROOT + page, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map((match) => ({
    page,
    language: match[1] ?? '',
    code: match[2] ?? '',
  })),
)

const SCRATCH = `${ROOT}e2e/.docs-scratch`

afterAll(() => {
  rmSync(SCRATCH, { recursive: true, force: true })
})

test('the TypeScript in the docs compiles, as an author would compile it', () => {
  mkdirSync(SCRATCH, { recursive: true })
  const files = BLOCKS.filter((block) => block.language === 'ts').map((block, index) => {
    const file = `${SCRATCH}/block-${String(index)}.ts`
    writeFileSync(file, block.code)
    return file
  })
  expect(files.length).toBeGreaterThan(3)
  const options = ['--strict', '--noEmit', '--skipLibCheck', '--ignoreConfig']
  const target = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node']
  const tsc = `${ROOT}node_modules/typescript/bin/tsc`
  const { stdout } = spawnSync(process.execPath, [tsc, ...options, ...target, ...files])
  expect(stdout.toString()).toBe('')
}, 60_000)

test("the README's actors are those of examples/hello", () => {
  const [block] = BLOCKS.filter(({ page, language }) => page === 'README.md' && language === 'ts')
  expect(block?.code).toBe(readFileSync(`${ROOT}examples/hello/hello.ts`, 'utf8'))
})

describe('the table of variables says what the code reads', () => {
  test.each([
    ['## Sidecar', ['packages/sidecar/src/config.ts', 'packages/transport/src/rabbitmq/config.ts']],
    ['## Gateway', ['packages/gateway/src/config.ts', 'packages/gateway/src/auth/config.ts']],
    ['## Operator', ['packages/operator/src/config.ts']],
    ['## Node runtime', ['packages/runtime-node/src/config.ts']],
    ['## Python runtime', ['packages/runtime-python/asya.py']],
    ['## End actors', ['packages/end-actors/src/config.ts']],
  ])('%s', (title, files) => {
    const page = readFileSync(`${ROOT}docs/configuration.md`, 'utf8')
    const section = page.split(/^(?=## )/m).find((part) => part.startsWith(title)) ?? ''
    const namesIn = (text: string): string[] => [...new Set(text.match(/\bASYA_[A-Z_]+/g))].sort()
    const code = files.map((file) => readFileSync(ROOT + file, 'utf8')).join('\n')
    expect(namesIn(section)).toEqual(namesIn(code))
  })
})

/** Commands that CI itself runs, this test among them. */
const RUN_BY_CI = new Set(
  [...readFileSync(`${ROOT}.ci/run`, 'utf8').matchAll(/^(npm .+?) (?:\|\||>)/gm)].map(
    (match) => match[1],
  ),
)

/** Commands that go on until they are stopped: run by the tests of the CLI. */
const RUN_BY_CLI_TESTS = new Set(['npx asya dev'])

/** Where `npx` finds them too: what it adds is half a second for each. */
const PATH = `${ROOT}node_modules/.bin:${process.env['PATH'] ?? ''}`

/** Several pages say the same command, which does the same each time. */
const done = new Set<string>()

describe('the commands in the docs work', () => {
  // The one example in Python needs an interpreter; without one, pythons.ts says so.
  const isRunnable = ({ page }: Block): boolean =>
    python !== undefined || !page.includes('two-languages')
  const scripts = BLOCKS.filter((block) => block.language === 'sh' && isRunnable(block))
  test.each(scripts.map((block) => [block.page, block.code] as const))(
    '%s',
    (page, code) => {
      let folder = page.startsWith('examples/') ? ROOT + page.replace('README.md', '') : ROOT
      for (const line of code.split('\n')) {
        const command = line.replace(/\s+#.*$/, '').trim()
        if (command === '' || RUN_BY_CI.has(command) || RUN_BY_CLI_TESTS.has(command)) continue
        if (command.startsWith('cd ')) {
          folder = `${ROOT}${command.slice(3)}`
          continue
        }
        expect(command, 'a command that this test knows how to run').toMatch(/^npx asya /)
        const once = `${folder.replace(/\/$/, '')} ${command}`
        if (done.has(once)) continue
        done.add(once)
        const ran = spawnSync('bash', ['-c', command.replace(/^npx /, '')], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, PATH },
        })
        expect(ran.status, `${command}\n${ran.stdout}${ran.stderr}`).toBe(0)
      }
    },
    120_000,
  )
})

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startCli, type Ended } from '../testing/run-cli.ts'
import { runInProcess } from '../testing/run-in-process.ts'
import {
  createProject,
  SDK,
  WITHOUT_NODE_TYPES,
  type TemporaryProject,
} from '../testing/temporary-project.ts'

vi.setConfig({ testTimeout: 120_000 })

// Each process loads the same compiler.
vi.stubEnv(
  'NODE_COMPILE_CACHE',
  fileURLToPath(new URL('../../build/compile-cache', import.meta.url)),
)

let project: TemporaryProject

beforeEach(() => {
  project = createProject({ ...WITHOUT_NODE_TYPES, 'hello.ts': HELLO })
})

afterEach(() => {
  project.remove()
})

const HELLO = `${SDK}
export interface Person { name: string }
export interface Greeting { text: string }
/** Greets a person. */
export const greet = defineActor((person: Person): Greeting => ({ text: person.name }), { timeout: '2m' })
export const shout = defineActor((greeting: Greeting): Greeting => greeting)
/** Greets, loudly. */
export const hello = definePipeline([greet, shout])
`

/** Its steps are in the wrong order. */
const WRONG = HELLO.replace('[greet, shout]', '[shout, greet]')

function asya(...args: readonly string[]): Promise<Ended> {
  return runInProcess(args, project.dir)
}

function read(path: string): string {
  return readFileSync(join(project.dir, path), 'utf8')
}

describe('asya build', () => {
  test('writes everything once, then only what changed, and removes what is made no more.', async () => {
    const first = await asya('build')
    expect(first.stderr).toBe('')
    expect(first.code).toBe(0)
    expect(first.stdout).toContain('+ generated/asyncapi/actors/greet.yaml')
    expect(first.stdout).toMatch(/✓ 2 actors, 1 pipeline: wrote \d+ files in generated \(\d/)
    expect(read('generated/bundles/greet/handler.mjs')).toContain(
      'Made by `asya build` from hello.ts',
    )

    const second = await asya('build')
    expect(second.stdout).toMatch(/^✓ 2 actors, 1 pipeline: nothing to write, \d+ as they were/)

    project.write('hello.ts', HELLO.replaceAll('shout', 'yell'))
    const third = await asya('build')
    expect(third.stdout).toContain('+ generated/asyncapi/actors/yell.yaml')
    expect(third.stdout).toContain('- generated/asyncapi/actors/shout.yaml')
    expect(third.stdout).toContain('- generated/bundles/shout/handler.mjs')
    expect(third.stdout).not.toContain('actors/greet.yaml')
    expect(existsSync(join(project.dir, 'generated/asyncapi/actors/shout.yaml'))).toBe(false)
    expect(existsSync(join(project.dir, 'generated/bundles/shout'))).toBe(false)
  })

  test('--check writes nothing, and names what is stale, missing or superfluous.', async () => {
    const missing = await asya('build', '--check')
    expect(missing.code).toBe(1)
    expect(missing.stderr).toContain('missing      generated/asyncapi/actors/greet.yaml')
    expect(existsSync(join(project.dir, 'generated'))).toBe(false)

    await asya('build', '--no-bundle')
    const fresh = await asya('build', '--check')
    expect(fresh).toMatchObject({ code: 0, stderr: '' })
    expect(fresh.stdout).toContain('generated holds what asya build makes')

    project.write(
      'hello.ts',
      HELLO.replaceAll('shout', 'yell').replace('name:', 'fullName:').replace('.name', '.fullName'),
    )
    const stale = await asya('build', '--check')
    expect(stale.code).toBe(1)
    for (const line of [
      'stale        generated/asyncapi/actors/greet.yaml',
      'missing      generated/asyncapi/actors/yell.yaml',
      'superfluous  generated/asyncapi/actors/shout.yaml',
    ])
      expect(stale.stderr).toContain(line)
    expect(existsSync(join(project.dir, 'generated/asyncapi/actors/shout.yaml'))).toBe(true)

    const annotated = await asya('build', '--check', '--format', 'github')
    expect(annotated.code).toBe(1)
    expect(annotated.stdout).toContain(
      '::error title=stale output,file=generated/asyncapi/actors/greet.yaml::',
    )
  })

  test('of a project with mistakes shows them with their places, and writes nothing.', async () => {
    project.write('hello.ts', WRONG)
    const { code, stdout, stderr } = await asya('build')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/at hello\.ts:9:\d+/)
    expect(stderr).toMatch(/> +9 \| export const hello/)
    expect(stderr).toMatch(/1 error$/m)
    expect(existsSync(join(project.dir, 'generated'))).toBe(false)
  })

  test('annotates mistakes for GitHub when asked to.', async () => {
    project.write('hello.ts', WRONG)
    const { code, stdout, stderr } = await asya('build', '--format', 'github')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(
      /^::error title=[a-z-]+,file=hello\.ts,line=9,col=\d+(,endColumn=\d+)?::\S/m,
    )
  })

  test('never writes over a file that is not of a build.', async () => {
    project.write('generated/asyncapi/actors/greet.yaml', 'mine: true\n')
    const { code, stderr } = await asya('build', '--no-bundle')
    expect(code).toBe(1)
    expect(stderr).toContain('asyncapi/actors/greet.yaml would be written over')
    expect(read('generated/asyncapi/actors/greet.yaml')).toBe('mine: true\n')
    expect(existsSync(join(project.dir, 'generated/asyncapi/actors/shout.yaml'))).toBe(false)
  })

  test.each([
    [['build', '--out', '.'], "holds the project's source"],
    [['build', '--out', '..'], "holds the project's source"],
    [['build', '--out', 'actors/generated'], "holds the project's source"],
    [['build', '--check', '--watch'], "option '--check' cannot be used with option '-w, --watch'"],
    [['build', 'nowhere'], 'there is no folder'],
    [['check', '--format', 'xml'], 'Allowed choices are text, json, github'],
  ])('%j is refused with exit code 2 and a way out.', async (args, hint) => {
    const { code, stdout, stderr } = await asya(...args)
    expect(stderr).toContain(hint)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('--watch builds again on each change, and keeps the last build when there is a mistake.', async () => {
    const watching = startCli(['build', '--watch'], project.dir)
    const said = async (pattern: RegExp): Promise<void> => {
      await vi.waitUntil(() => pattern.test(watching.output()), { timeout: 90_000, interval: 50 })
    }
    try {
      await said(/built in \d+ ms: \d+ files written[^]*watching/)
      project.write('hello.ts', HELLO.replace('Greets a person', 'Greets somebody'))
      await said(/written[^]*built in \d+ ms: \d+ files? written/)
      expect(read('generated/asyncapi/actors/greet.yaml')).toContain('Greets somebody')
      project.write('hello.ts', WRONG)
      await said(/not built \(\d+ ms\): what was built before stays/)
      expect(read('generated/asyncapi/actors/greet.yaml')).toContain('Greets somebody')
      rmSync(join(project.dir, 'hello.ts'))
      project.write('hello.ts', HELLO)
      await said(/stays[^]*built in \d+ ms: /)
      expect(read('generated/asyncapi/actors/greet.yaml')).toContain('Greets a person')
    } finally {
      watching.kill('SIGINT')
    }
    expect(await watching.ended).toMatchObject({ code: 0 })
  })
})

describe('asya check', () => {
  test('says in a line that all is well, and writes nothing.', async () => {
    const { code, stdout, stderr } = await asya('check')
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '✓ 2 actors, 1 pipeline\n',
      stderr: '',
    })
    expect(existsSync(join(project.dir, 'generated'))).toBe(false)
  })

  test('gives problems with their places as JSON.', async () => {
    project.write('hello.ts', WRONG)
    const { code, stdout } = await asya('check', '--format', 'json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      actors: 2,
      problems: [{ severity: 'error', position: { file: 'hello.ts', line: 9 } }],
    })
  })
})

describe('asya explain', () => {
  test('shows what was read of an actor, for people and for programs.', async () => {
    const { code, stdout } = await asya('explain', 'greet')
    expect(code).toBe(0)
    for (const line of ['Greets a person.', 'hello.ts:6:14, export greet', 'input Person', '2m'])
      expect(stdout).toContain(line)
    const json = await asya('explain', 'hello', '--format', 'json')
    expect(JSON.parse(json.stdout)).toMatchObject([
      {
        kind: 'pipeline',
        edges: [{ from: 'greet', to: 'shout', sent: 'Greeting', isFitting: true }],
      },
    ])
  })

  test('of a name that there is not suggests the near ones.', async () => {
    const { code, stderr } = await asya('explain', 'gret')
    expect(code).toBe(2)
    expect(stderr).toContain('there is no actor or pipeline "gret": did you mean "greet"?')
  })
})

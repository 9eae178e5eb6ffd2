import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { startCli, type Ended, type Started } from './testing/run-cli.ts'
import { runInProcess } from './testing/run-in-process.ts'
import {
  createProject,
  SDK,
  WITHOUT_NODE_TYPES,
  type TemporaryProject,
} from './testing/temporary-project.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

// Each run has a database of its own on the server that all tests share.
vi.stubEnv('ASYA_DATABASE_URL', inject('postgresUrl'))

// Dozens of processes load the same sources.
vi.stubEnv('NODE_COMPILE_CACHE', fileURLToPath(new URL('../build/compile-cache', import.meta.url)))

interface Running extends Started {
  /** Resolves when it has printed this. */
  said(text: string): Promise<void>
}

const started: Running[] = []

function start(args: readonly string[], cwd: string, stdin = ''): Running {
  const one = startCli(args, cwd, stdin)
  const said = async (text: string): Promise<void> => {
    await vi.waitUntil(() => one.output().includes(text), { timeout: 60_000 })
  }
  const running = { ...one, said }
  started.push(running)
  return running
}

/** In this process; what has to do with processes is `start`ed. */
function asya(args: readonly string[], cwd: string): Promise<Ended> {
  return runInProcess(args, cwd)
}

afterEach(async () => {
  for (const one of started.splice(0)) {
    one.kill('SIGTERM')
    await one.ended
  }
})

function listSocketFolders(pid: number): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(`asya-${pid}-`))
}

const HELLO = `${SDK}
declare const console: { log(line: string): void }
export const greet = defineActor((person: { name: string; times?: number }) => {
  console.log('greeting ' + person.name)
  if (person.name === '') throw new RangeError('nobody to greet')
  return Array.from({ length: person.times ?? 1 }, (_, n) => ({ text: 'Hello, ' + person.name, n }))
}, { retry: { maxAttempts: 1 } })
export const shout = defineActor((g: { text: string; n: number }) => ({ ...g, text: g.text.toUpperCase() }))
export const wait = defineActor(async (n: number, ctx) => {
  ctx.progress(10, 'waiting')
  await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
  return n
})
export const hello = definePipeline([greet, shout])
export const loud = definePipeline([shout])
export const forever = definePipeline([wait])
`

let project: TemporaryProject

beforeAll(() => {
  project = createProject({ ...WITHOUT_NODE_TYPES, 'hello.ts': HELLO })
})

/** The dev run of the project, for tests that only call it, until one ends it. */
let shared: Running | undefined

async function shareDev(): Promise<Running> {
  if (!shared) {
    shared = start(['dev'], project.dir)
    started.splice(started.indexOf(shared), 1)
  }
  await shared.said('ready in')
  return shared
}

async function endShared(signal: NodeJS.Signals): Promise<Ended | undefined> {
  const dev = shared
  shared = undefined
  dev?.kill(signal)
  return dev?.ended
}

afterAll(async () => {
  await endShared('SIGTERM')
  project.remove()
})

describe('asya', () => {
  test.each([
    [['--help']],
    ...['dev', 'call', 'logs', 'import', 'client', 'init'].map((name) => [[name, '--help']]),
  ])('%s shows an example.', async (args) => {
    const { code, stdout } = await asya(args, project.dir)
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:\n {2}asya /)
  })

  test('errors shows examples for each of its commands.', async () => {
    for (const args of [['errors'], ['errors', 'ls'], ['errors', 'show'], ['errors', 'replay']]) {
      const { code, stdout } = await asya([...args, '--help'], project.dir)
      expect(code).toBe(0)
      expect(stdout).toMatch(/Examples?:\n {2}asya errors/)
    }
  })

  test.each<[string[], string]>([
    [['cal'], 'Did you mean call?'],
    [['call', 'hello', '--jsn', '1'], 'Did you mean --json?'],
    [['call'], "missing required argument 'pipeline'"],
    [['call', 'hello'], 'asya call hello --json'],
    [['call', 'hello', '{"a":1}'], 'write --json \'{"a":1}\''],
    [['call', 'hello', '--json', '{"a":}'], '--json: this is not JSON: line 1, column 6'],
    [['call', 'hello', '--file', 'none.json'], 'none.json cannot be read: there is no such file'],
    [
      ['call', 'hello', '--json', '1', '--output', 'xml'],
      'Allowed choices are json, table, pretty',
    ],
    [['call', 'hello', '--json', '1', '--timeout', 'soon'], 'Write it like 90s'],
    [['errors', 'show', 'nothing'], 'there is no error "nothing"'],
    [['import', 'none.yaml'], 'none.yaml: there is no such file'],
  ])('%j is refused with exit code 2 and a way out.', async (args, hint) => {
    const { code, stdout, stderr } = await asya(args, project.dir)
    expect(stderr).toContain(hint)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('logs and errors replay need a dev run, and say so.', async () => {
    const { code, stderr } = await start(['logs'], project.dir).ended
    expect(code).toBe(1)
    expect(stderr).toContain('no asya dev runs in')
  })
})

describe('asya call without a dev run', () => {
  test('runs a project just for one call and leaves nothing behind.', async () => {
    const call = start(['call', 'hello', '--json', ' { "name": "Ada" } '], project.dir)
    const { code, stdout, stderr } = await call.ended
    expect(stdout).toBe('{"text":"HELLO, ADA","n":0}\n')
    expect(stderr).toContain('greet  greeting Ada')
    expect(code).toBe(0)
    expect(listSocketFolders(call.pid)).toEqual([])
    expect(readdirSync(join(project.dir, '.asya/dev'))).toEqual([])
  })

  test('in a project that cannot be run says why.', async () => {
    const broken = createProject({ ...WITHOUT_NODE_TYPES, 'hello.ts': `${HELLO}export const = ` })
    const { code, stderr } = await start(['call', 'hello', '--json', '1'], broken.dir).ended
    broken.remove()
    expect(stderr).toContain('the project does not build')
    expect(code).toBe(1)
  })

  test('is cancelled by Ctrl-C, ends with 130 and leaves nothing behind.', async () => {
    const call = start(['call', 'forever', '--json', '1'], project.dir)
    await call.said('1/1 wait')
    call.kill('SIGINT')
    const { code, stderr } = await call.ended
    expect(stderr).toContain('was cancelled after')
    expect(code).toBe(130)
    expect(listSocketFolders(call.pid)).toEqual([])
  })
})

describe('asya call beside a dev run', () => {
  beforeAll(async () => {
    await shareDev()
  })

  test('takes payloads from files and stdin, and prints one list.', async () => {
    project.write('grace.json', '\ufeff{"name":"Grace","times":2}\n')
    const args = ['call', 'hello', '-', '--file', 'grace.json', '--json', '{"name":"Ada"}']
    const { code, stdout } = await start(args, project.dir, '{"name":"Kay"}\n').ended
    expect(JSON.parse(stdout)).toEqual([
      { text: 'HELLO, ADA', n: 0 },
      { text: 'HELLO, GRACE', n: 0 },
      { text: 'HELLO, GRACE', n: 1 },
      { text: 'HELLO, KAY', n: 0 },
    ])
    expect(code).toBe(0)
  })

  test('takes more payloads than jobs are kept.', async () => {
    const payloads = Array.from({ length: 1_010 }, (_, n) => ['--json', `{"text":"a","n":${n}}`])
    const { code, stdout, stderr } = await asya(['call', 'loud', ...payloads.flat()], project.dir)
    expect(JSON.parse(stdout)).toEqual(payloads.map((_, n) => ({ text: 'A', n })))
    expect(stderr).toContain('1010 of 1010 jobs done')
    expect(code).toBe(0)
  })

  test('prints a table when asked to.', async () => {
    const args = ['call', 'hello', '--json', '{"name":"Ada","times":2}', '--output', 'table']
    const { stdout } = await asya(args, project.dir)
    expect(stdout.replace(/\d\.\d s/, '0.1 s')).toBe(`
 hello · 1 job · 2 results · 0.1 s

 n
 ─
 HELLO, ADA
 0
 1

`)
  })

  test('ends with 1 when a job failed, and says why; the rest is printed.', async () => {
    const args = ['call', 'hello', '--json', '{"name":""}', '--json', '{"name":"Ada"}']
    const { code, stdout, stderr } = await asya(args, project.dir)
    expect(code).toBe(1)
    expect(stdout).toBe('[{"text":"HELLO, ADA","n":0}]\n')
    expect(stderr).toContain(
      'processing_error in greet, after 1 attempt\n  RangeError: nobody to greet',
    )
    const [, id = ''] = /asya errors show (\w+)/.exec(stderr) ?? []
    const shown = await asya(['errors', 'show', id], project.dir)
    expect(shown.stdout).toMatch(/at {7}\[greet\] → shout/)
    expect(shown.stdout).toContain('payload  { "name": "" }')
    expect(shown.stdout).toContain('hello.ts:6:')
    const listed = await asya(['errors', 'ls'], project.dir)
    expect(listed.stdout).toContain(id)
  })

  test('of an unknown pipeline suggests the near ones.', async () => {
    const { code, stderr } = await asya(['call', 'helo', '--json', '1'], project.dir)
    expect(stderr).toContain('there is no pipeline "helo": did you mean "hello"?')
    expect(code).toBe(2)
  })

  test('of an actor says that it is one.', async () => {
    const { code, stderr } = await start(['call', 'greet', '--json', '1'], project.dir).ended
    expect(stderr).toContain(
      '"greet" is an actor; what is called is a pipeline: there is forever, hello, loud',
    )
    expect(code).toBe(2)
  })

  test('that takes too long is cancelled.', async () => {
    const { code, stderr } = await asya(
      ['call', 'forever', '--json', '1', '-t', '500ms'],
      project.dir,
    )
    expect(stderr).toContain('was cancelled after')
    expect(stderr).toContain('not done within 0.5 s')
    expect(code).toBe(1)
  })
})

/** The runtimes of a dev run: they hold its id in their arguments. */
function listRuntimes(pid: number): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`parent-guard.ts?parent=${pid}`)
    } catch {
      return false
    }
  })
}

/** The folders with bundles that a dev run has made. */
function listBuilds(pid: number): string[] {
  return readdirSync(join(project.dir, '.asya/dev')).filter((name) => name.startsWith(`${pid}-`))
}

describe('asya dev', () => {
  test('that is killed takes its runtimes with it, and the next one sweeps what it left.', async () => {
    const killed = await shareDev()
    expect(listRuntimes(killed.pid)).toHaveLength(5)
    await endShared('SIGKILL')
    await vi.waitUntil(() => listRuntimes(killed.pid).length === 0, { timeout: 10_000 })
    expect(listSocketFolders(killed.pid)).toHaveLength(1)
    expect(listBuilds(killed.pid)).not.toEqual([])
    await shareDev()
    expect(listSocketFolders(killed.pid)).toEqual([])
    expect(listBuilds(killed.pid)).toEqual([])
  })

  test('serves calls of other processes, is alone, and ends in order.', async () => {
    const dev = await shareDev()
    const call = start(['call', 'hello', '--json', '{"name":"Ada"}'], project.dir)
    expect(await call.ended).toMatchObject({ code: 0, stdout: '{"text":"HELLO, ADA","n":0}\n' })
    const second = await start(['dev'], project.dir).ended
    expect(second).toMatchObject({ code: 1 })
    expect(second.stderr).toContain('runs in')

    const logs = await asya(['logs', '--actor', 'greet'], project.dir)
    expect(logs.stdout).toMatch(/^\d\d:\d\d:\d\d greet {2}greeting Ada$/m)
    expect((await asya(['logs', '--actor', 'gret'], project.dir)).stderr).toContain('"greet"')

    const failed = await asya(['call', 'hello', '--json', '{"name":""}'], project.dir)
    const [, id = ''] = /asya errors show (\w+)/.exec(failed.stderr) ?? []
    const replayed = await asya(['errors', 'replay', id], project.dir)
    expect(replayed).toMatchObject({ code: 1 })
    expect(replayed.stderr).toContain('RangeError: nobody to greet')

    expect(listRuntimes(dev.pid)).toHaveLength(5)
    const ended = await endShared('SIGINT')
    const { code, stdout, stderr } = ended ?? { code: null, stdout: '', stderr: '' }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('started greet')
    expect(stdout).toMatch(/^job \w+ hello succeeded \d\.\d s$/m)
    expect(stdout).toMatch(/^job \w+ hello failed .*: processing_error in greet: nobody to greet$/m)
    expect(listRuntimes(dev.pid)).toEqual([])
    expect(existsSync(join(project.dir, '.asya/dev.json'))).toBe(false)
  })

  test('that ends is noticed by those who wait for it.', async () => {
    const dev = start(['dev'], project.dir)
    await dev.said('ready in')
    const call = start(['call', 'forever', '--json', '1'], project.dir)
    const logs = start(['logs', '--follow'], project.dir)
    await call.said('1/1 wait')
    await logs.said('ready in')
    dev.kill('SIGTERM')
    expect(await call.ended).toMatchObject({ code: 1, stdout: '' })
    expect((await call.ended).stderr).toContain('asya: asya dev ended meanwhile')
    expect(await logs.ended).toMatchObject({ code: 0, stderr: '' })
    expect((await dev.ended).code).toBe(0)
  })
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPython } from '@asya/runtime-python'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { DevClient } from '../client/dev-client.ts'
import type { JobEvent } from '../client/events.ts'
import {
  createProject,
  SDK,
  WITHOUT_NODE_TYPES,
  type TemporaryProject,
} from '../testing/temporary-project.ts'
import type { ActorView } from './actor-host.ts'
import { DevRun } from './dev-run.ts'
import { findError, listErrors } from './kept-errors.ts'

// Each run has a database of its own on the server that all tests share.
vi.stubEnv('ASYA_DATABASE_URL', inject('postgresUrl'))

// Dozens of processes load the same sources.
vi.stubEnv(
  'NODE_COMPILE_CACHE',
  fileURLToPath(new URL('../../build/compile-cache', import.meta.url)),
)

const hasPython = findPython({ directory: '.' }).ok
if (!hasPython) console.warn('SKIPPED: actors in Python, for there is no python3 here')

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

interface Running {
  readonly run: DevRun
  readonly client: DevClient
  readonly project: TemporaryProject
}

type Files = Readonly<Record<string, string>>

const open: Running[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map(stop))
})

/** For the one test that runs. */
async function start(files: Files): Promise<Running> {
  const running = await launch(files)
  open.push(running)
  return running
}

async function launch(files: Files): Promise<Running> {
  const project = createProject(files)
  const run = new DevRun({ projectDir: project.dir, mode: 'dev' })
  await run.start()
  return { run, project, client: new DevClient(run.url) }
}

async function stop({ run, project }: Running): Promise<void> {
  await run.close(0)
  project.remove()
}

/** One for all tests of a block: to start takes seconds of work. Each test has actors of its own. */
function share(files: Files): () => Running {
  let running: Running | undefined
  beforeAll(async () => {
    running = await launch(files)
  })
  afterAll(async () => {
    if (running) await stop(running)
  })
  return () => {
    if (!running) throw new Error('it does not run')
    return running
  }
}

async function begin({ client }: Running, pipeline: string, payload: unknown): Promise<string> {
  const started = await client.call(pipeline, Buffer.from(JSON.stringify(payload)))
  if (started.type !== 'started') throw new Error(JSON.stringify(started))
  return started.job_id
}

async function endOf({ client }: Running, jobId: string): Promise<JobEvent> {
  let last: JobEvent | undefined
  for await (const event of client.follow(jobId)) last = event
  if (!last) throw new Error('the job had no events')
  return last
}

async function call(running: Running, pipeline: string, payload: unknown): Promise<JobEvent> {
  return endOf(running, await begin(running, pipeline, payload))
}

function actorOf({ run }: Running, name: string): ActorView {
  const actor = run.view().actors.find((one) => one.name === name)
  if (!actor) throw new Error(`there is no actor ${name}`)
  return actor
}

function until(isTrue: () => boolean): Promise<void> {
  return vi.waitUntil(isTrue, {
    timeout: 20_000,
    interval: 20,
  }) as Promise<unknown> as Promise<void>
}

function sayings({ run }: Running): string {
  return run.logs
    .list()
    .map((line) => line.text)
    .join('\n')
}

const HELLO = `${SDK}
export const greet = defineActor((person: { name: string }) => ({ text: 'Hello, ' + person.name }))
export const shout = defineActor(({ text }: { text: string }) => ({ text: text.toUpperCase() }))
export const hello = definePipeline([greet, shout])
`

/** Waits for a file of this name in the project. */
const WAIT = `
import { existsSync, appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
const until = async (path: string) => { while (!existsSync(path)) await sleep(10) }
`

describe('a job', () => {
  const getRunning = share({
    'asya.config.ts': `export default { defaults: { env: { MODEL: 'small', LEVEL: 'low' } } }`,
    'actors/letters.ts': `${SDK}
      export const split = defineActor((text: string) => [...text])
      export const letter = defineActor((text: string, ctx) => {
        ctx.progress(50, 'looking')
        return text === '-' ? null : { text, code: text.charCodeAt(0) }
      })
      export const letters = definePipeline([split, letter])`,
    'actors/tell.ts': `${SDK}
      export const tell = defineActor((_: string) => process.env.MODEL + ' ' + process.env.LEVEL, {
        env: { LEVEL: 'high', KEY: { secret: 'model', key: 'api-key' } } })
      export const told = definePipeline([tell])`,
    'actors/picky.ts': `${SDK}${WAIT}
      export const picky = defineActor((n: number) => {
        if (!existsSync('mended')) throw new RangeError('not ' + n)
        return n
      }, { retry: { maxAttempts: 1 } })
      export const picked = definePipeline([picky])`,
    'actors/slow.ts': `${SDK}${WAIT}
      export const slow = defineActor(async (n: number) => {
        appendFileSync('slow-started', 'x')
        await until('go')
        return n
      })
      export const slowly = definePipeline([slow])`,
    'actors/endless.ts': `${SDK}${WAIT}
      export const endless = defineActor(async (n: number, ctx) => {
        appendFileSync('endless-started', 'x')
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
        appendFileSync('aborted', 'x')
        return n
      })
      export const forever = definePipeline([endless])`,
    'actors/hello.ts': HELLO,
  })

  test('goes through queues, sidecars, sockets and runtimes, and comes out in order.', async () => {
    expect(await call(getRunning(), 'letters', 'a-b')).toMatchObject({
      type: 'succeeded',
      results: ['{"text":"a","code":97}', null, '{"text":"b","code":98}'],
    })
  })

  test('shows what came to each step, what left it, and what its handler took.', async () => {
    const running = getRunning()
    const jobId = await begin(running, 'letters', 'a-')
    await endOf(running, jobId)
    const gatewayUrl = /gateway (\S+):/.exec(sayings(running))?.[1] ?? ''
    const read = async (path: string): Promise<string> =>
      (await fetch(`${gatewayUrl}${path}`)).text()
    await vi.waitFor(async () => {
      const split: unknown = JSON.parse(await read(`/dashboard/jobs/${jobId}/steps/0`))
      const texts = ['"a"', '"-"'].map((text) => ({ text, bytes: 3 }))
      expect(split).toEqual({
        messages: [
          {
            branch: '',
            before: { excerpts: [{ text: '"a-"', bytes: 4 }], count: 1 },
            after: { excerpts: texts, count: 2 },
          },
        ],
      })
      const letter = await read(`/dashboard/jobs/${jobId}/steps/1`)
      expect(letter).toContain(JSON.stringify('{"text":"a","code":97}'))
      expect(letter).toContain('"after":{"count":0,"excerpts":[]}')
    })
    const [stream, page] = [`/jobs/${jobId}/stream`, `/dashboard/jobs/${jobId}`]
    // The last steps are told after the end.
    expect((await read(stream)) + (await read(page))).toMatch(/"duration_ms":[\d.]+/)
  })

  test('meets actors with the environment that they and asya.config.ts say.', async () => {
    expect(await call(getRunning(), 'told', '')).toMatchObject({
      type: 'succeeded',
      results: ['"small high"'],
    })
  })

  test('whose handler fails is kept with its error, and succeeds when it is replayed.', async () => {
    const running = getRunning()
    const { client, project } = running
    const jobId = await begin(running, 'picked', 7)
    expect(await endOf(running, jobId)).toMatchObject({
      type: 'failed',
      errors: [
        { type: 'processing_error', step: 'picky', exception: 'RangeError', message: 'not 7' },
      ],
    })
    const [kept] = await listErrors(project.dir)
    expect(kept).toMatchObject({ id: jobId, jobId, error: { attempts: 1 } })
    expect(await findError(project.dir, jobId.slice(0, 4))).toMatchObject({ type: 'found' })
    expect(await findError(project.dir, 'nothing')).toMatchObject({ type: 'unknown' })

    const again = await client.replay(jobId)
    if (again?.type !== 'started') throw new Error('not replayed')
    expect(await endOf(running, again.job_id)).toMatchObject({ type: 'failed' })
    await vi.waitFor(async () => {
      expect(await listErrors(project.dir)).toMatchObject([{ jobId: again.job_id }])
    })

    project.write('mended', '')
    const mended = await client.replay(again.job_id)
    if (mended?.type !== 'started') throw new Error('not replayed')
    expect(await endOf(running, mended.job_id)).toMatchObject({ type: 'succeeded', results: ['7'] })
    await vi.waitFor(async () => expect(await listErrors(project.dir)).toEqual([]))
  })

  test('succeeds although its runtime is killed while it works on it.', async () => {
    const running = getRunning()
    const jobId = await begin(running, 'slowly', 1)
    await until(() => existsSync(join(running.project.dir, 'slow-started')))
    const { pid } = actorOf(running, 'slow')
    process.kill(pid ?? 0, 'SIGKILL')
    running.project.write('go', '')
    expect(await endOf(running, jobId)).toMatchObject({ type: 'succeeded', results: ['1'] })
    const after = actorOf(running, 'slow')
    expect(after).toMatchObject({ runtime: 'serving', deaths: 1 })
    expect(after.pid).not.toBe(pid)
    expect(sayings(running)).toContain('the runtime died: SIGKILL')
  })

  test('that is cancelled stays so, and its handler is told.', async () => {
    const running = getRunning()
    const { dir } = running.project
    const jobId = await begin(running, 'forever', 1)
    await until(() => existsSync(join(dir, 'endless-started')))
    await running.client.cancel(jobId)
    expect(await endOf(running, jobId)).toMatchObject({ type: 'cancelled' })
    await until(() => existsSync(join(dir, 'aborted')))
    await until(() => actorOf(running, 'endless').inFlight === 0)
    expect(running.run.board.find(jobId)?.state.status).toBe('cancelled')
  })

  test('has the payload of its caller byte for byte.', async () => {
    const running = getRunning()
    const bytes = '{ "name" : "\\u00c4", "big": 12345678901234567890 }'
    const started = await running.client.call('hello', Buffer.from(bytes))
    if (started.type !== 'started') throw new Error('not started')
    await endOf(running, started.job_id)
    const path = join(running.project.dir, '.asya/kept/happy-end', `${started.job_id}.json`)
    expect(readFileSync(path, 'utf8')).toContain('"payload":{"text":"HELLO, Ä"}')
  })

  test('cannot be made of a pipeline that there is not.', async () => {
    const { client } = getRunning()
    expect(await client.call('helo', Buffer.from('{}'))).toEqual({
      type: 'unknown-pipeline',
      pipelines: ['forever', 'hello', 'letters', 'picked', 'slowly', 'told'],
      actors: ['endless', 'greet', 'shout', 'split', 'letter', 'picky', 'slow', 'tell'],
    })
  })
})

/** An actor that tells on which version of its code it began and ended. */
function versioned(version: number): string {
  return `${SDK}${WAIT}
    export const work = defineActor(async (n: number) => {
      appendFileSync('diary', 'begin ' + n + ' v${version}\\n')
      await sleep(100)
      appendFileSync('diary', 'end ' + n + ' v${version}\\n')
      return ${version}
    }, { concurrency: 4 })
    export const only = definePipeline([work])`
}

function lettered(name: string, text: string): string {
  return `${SDK}export const ${name} = defineActor((n: number) => '${text}')`
}

function adding(name: string): string {
  return `${SDK}export const ${name} = defineActor((n: number) => n + 1, { retry: { maxAttempts: 1 } })`
}

describe('a change of files', () => {
  test('is seen also while the project is loaded for the first time.', async () => {
    const running = await start({
      'actors/all.ts': `${SDK}
        import { existsSync, readFileSync, writeFileSync } from 'node:fs'
        // What loads it has read it before: this is as when somebody saves it a moment too early.
        if (!existsSync('loaded')) {
          writeFileSync('loaded', '')
          const text = readFileSync('actors/all.ts', 'utf8')
          writeFileSync('actors/all.ts', text.replaceAll("'old'", "'new'"))
        }
        export const tell = defineActor((_: string): string => 'old')
        export const only = definePipeline([tell])`,
    })
    await until(() => actorOf(running, 'tell').reloads === 1)
    expect(await call(running, 'only', '')).toMatchObject({ results: ['"new"'] })
  })

  const getRunning = share({
    'actors/hello.ts': HELLO,
    'actors/work.ts': versioned(1),
    'actors/left.ts': lettered('left', 'a'),
    'actors/right.ts': lettered('right', 'a'),
    'actors/one.ts': adding('one'),
  })

  test('under load loses no message, and each ends on the code on which it began.', async () => {
    const running = getRunning()
    const results: unknown[] = []
    // Twice as many as are served at a time call again and again, until the new code answers.
    const keepCalling = async (caller: number): Promise<void> => {
      for (let n = caller; !results.includes('2'); n += 8) {
        const end = await call(running, 'only', n)
        results.push(end.type === 'succeeded' ? end.results[0] : end)
      }
    }
    const callers = [0, 1, 2, 3, 4, 5, 6, 7].map(keepCalling)
    await until(() => results.length > 8)
    running.project.write('actors/work.ts', versioned(2))
    await Promise.all(callers)
    expect(new Set(results)).toEqual(new Set(['1', '2']))

    const diary = readFileSync(join(running.project.dir, 'diary'), 'utf8').trim().split('\n')
    const begun = diary.filter((line) => line.startsWith('begin'))
    expect(begun).toHaveLength(results.length)
    const ended = diary.filter((line) => line.startsWith('end'))
    expect(ended.map((line) => line.slice(4)).sort()).toEqual(
      begun.map((line) => line.slice(6)).sort(),
    )
    expect(await call(running, 'only', 0)).toMatchObject({ results: ['2'] })
    expect(actorOf(running, 'work')).toMatchObject({
      reloads: 1,
      served: results.length + 1,
      deaths: 0,
    })
    expect(sayings(running)).toMatch(/reloaded work \(\d+\.\d s\)/)
  })

  test('that is broken leaves the old code running and is told; the next one is taken.', async () => {
    const running = getRunning()
    const { run, project } = running
    project.write('actors/hello.ts', `${HELLO}export const = `)
    await until(() => run.view().problem !== undefined)
    expect(run.view().problem).toContain('hello.ts:')
    expect(await call(running, 'hello', { name: 'Ada' })).toMatchObject({
      results: ['{"text":"HELLO, ADA"}'],
    })
    project.write('actors/hello.ts', HELLO.replace('Hello', 'Bye'))
    await until(() => run.view().problem === undefined)
    expect(await call(running, 'hello', { name: 'Ada' })).toMatchObject({
      results: ['{"text":"BYE, ADA"}'],
    })
  })

  test('reloads only the actors that it concerns.', async () => {
    const running = getRunning()
    const { pid } = actorOf(running, 'right')
    running.project.write('actors/left.ts', lettered('left', 'b'))
    await until(() => actorOf(running, 'left').reloads === 1)
    expect(actorOf(running, 'right')).toMatchObject({ reloads: 0, pid })
  })

  test('adds actors, and removes them; what waits for one that is gone fails.', async () => {
    const running = getRunning()
    const { project, run } = running
    const countActors = (): number => run.view().actors.length
    const before = countActors()
    project.write('actors/two.ts', adding('two'))
    project.write(
      'pipelines/both.ts',
      `${SDK}import { one } from '../actors/one.ts'\nimport { two } from '../actors/two.ts'
       export const both = definePipeline([one, two])`,
    )
    await until(() => run.view().pipelines.includes('both'))
    expect(countActors()).toBe(before + 1)
    expect(await call(running, 'both', 1)).toMatchObject({ results: ['3'] })
    // The pipeline's route still goes there: only its file was taken away.
    const steps = `${SDK}export const one = defineActor((n: number, ctx) => {
      ctx.route.replaceAhead(['two']); return n })\nexport const both = definePipeline([one])`
    writeFileSync(join(project.dir, 'actors/one.ts'), steps)
    writeFileSync(join(project.dir, 'pipelines/both.ts'), '')
    writeFileSync(join(project.dir, 'actors/two.ts'), '')
    await until(() => sayings(running).includes('removed two'))
    expect(countActors()).toBe(before)
    expect(await call(running, 'both', 1)).toMatchObject({
      type: 'failed',
      errors: [{ type: 'unroutable', step: 'two' }],
    })
  })
})

describe('a dev run', () => {
  const getRunning = share({ ...WITHOUT_NODE_TYPES, 'hello.ts': `${HELLO}export const = ` })

  test('starts with a project that is broken, and serves it when it is mended.', async () => {
    const running = getRunning()
    expect(running.run.view()).toMatchObject({ actors: [] })
    expect(await running.client.call('hello', Buffer.from('{}'))).toMatchObject({ type: 'refused' })
    running.project.write('hello.ts', HELLO)
    await until(() => running.run.view().problem === undefined)
    expect(await call(running, 'hello', { name: 'Ada' })).toMatchObject({ type: 'succeeded' })
  })

  test('is the only one of its project, and a stale file of one that was killed is none.', async () => {
    const { project } = getRunning()
    const second = new DevRun({ projectDir: project.dir, mode: 'dev' })
    await expect(second.start()).rejects.toThrow(
      `asya dev runs in ${project.dir} already (process ${process.pid})`,
    )
    expect(existsSync(join(project.dir, '.asya/dev.json'))).toBe(true)
    const left = createProject({})
    for (const pid of [process.pid, 999_999_999]) {
      const state = left.write('.asya/dev.json', JSON.stringify({ pid, port: 1, token: 'x' }))
      const controller = new AbortController()
      const { signal } = controller
      const third = new DevRun({ projectDir: left.dir, mode: 'dev', signal })
      const ended = expect(third.start()).rejects.toThrow('claimed')
      await until(() => !readFileSync(state, 'utf8').includes('"token":"x"'))
      controller.abort(new Error('claimed'))
      await ended
      expect(existsSync(state)).toBe(false)
    }
    left.remove()
  })

  test('leaves nothing behind: no process, socket, bundle or file.', async () => {
    const listSockets = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`asya-${process.pid}-`))
    const before = listSockets()
    const running = await start({ ...WITHOUT_NODE_TYPES, 'hello.ts': HELLO })
    const { run, project } = running
    await call(running, 'hello', { name: 'Ada' })
    const { actors, ends } = run.view()
    const pids = [...actors, ...ends].map((actor) => actor.pid ?? 0)
    expect(pids).toHaveLength(4)
    expect(listSockets()).toHaveLength(before.length + 1)
    await run.close(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(listSockets()).toEqual(before)
    expect(readdirSync(join(project.dir, '.asya/dev'))).toEqual([])
    expect(readdirSync(join(project.dir, '.asya')).sort()).toEqual(['.gitignore', 'dev', 'kept'])
    await expect(running.client.listNames()).rejects.toThrow()
  })

  test('can be closed while it starts.', async () => {
    const project = createProject({
      'hello.ts': `${HELLO}await new Promise(() => setInterval(() => {}, 1000))`,
    })
    const controller = new AbortController()
    const { signal } = controller
    const run = new DevRun({ projectDir: project.dir, mode: 'dev', signal })
    const started = run.start()
    setTimeout(() => controller.abort(new Error('enough')), 500)
    await expect(started).rejects.toThrow('enough')
    project.remove()
  })

  test('answers nobody who does not know its secret.', async () => {
    const { run } = getRunning()
    const { origin } = new URL(run.url)
    for (const path of ['/ping', '/names', '/wrong/ping', '//ping', '/%E0%A4%A/ping']) {
      const { status } = await fetch(origin + path)
      expect(status).toBeGreaterThanOrEqual(400)
    }
    expect((await fetch(`${run.url}/ping`)).status).toBe(200)
  })
})

describe("a pipeline with somebody else's actor", () => {
  const getRunning = share({
    ...WITHOUT_NODE_TYPES,
    'remote/team-b.ts': `import { remoteActor } from '@asya/sdk'
export const classify = remoteActor<{ text: string }, { label: string }>({
  name: 'classify',
  queue: 'team-b.classify',
})`,
    'actors/read.ts': `${SDK}
export const read = defineActor((text: string) => ({ text }))`,
    'pipelines/pipelines.ts': `${SDK}
import { read } from '../actors/read.ts'
import { classify } from '../remote/team-b.ts'
export const near = definePipeline([read])
export const far = definePipeline([read, classify])`,
  })

  test('is refused with the way out, while the others run.', async () => {
    const running = getRunning()
    expect(await call(running, 'near', 'a')).toMatchObject({ type: 'succeeded' })
    const why =
      "far (pipelines/pipelines.ts) cannot be run here: team-b.classify is somebody else's"
    expect(sayings(running)).toContain(why)
    expect(sayings(running)).toMatch(/ready in .*: asya call near$/m)
    expect(await running.client.call('far', Buffer.from('"a"'))).toMatchObject({
      type: 'refused',
      reason: expect.stringContaining(why),
    })
  })

  test('runs as soon as a stand-in is exported.', async () => {
    const running = getRunning()
    running.project.write(
      'actors/here.ts',
      `import { classify } from '../remote/team-b.ts'
export const classifyHere = classify.standIn(({ text }) => ({ label: text.toUpperCase() }))`,
    )
    await until(() => sayings(running).includes('started team-b.classify'))
    expect(await call(running, 'far', 'a')).toMatchObject({
      type: 'succeeded',
      results: ['{"label":"A"}'],
    })
  })
})

describe.runIf(hasPython)('an actor in Python', () => {
  const getRunning = share({
    ...WITHOUT_NODE_TYPES,
    'actors/greet.ts': `${SDK}
      import { pythonActor } from '@asya/sdk'
      export const greet = pythonActor<{ name: string }, { text: string }>('words.greet:greet')
      export const shout = defineActor(({ text }: { text: string }) => ({ text: text + '!' }))
      export const hello = definePipeline([greet, shout])`,
    'words/__init__.py': '',
    'words/greet.py':
      'from words.text import HELLO\ndef greet(p): return {"text": HELLO + p["name"]}',
    'words/text.py': 'HELLO = "Hello, "',
  })

  test('is a step like any other, and is reloaded when a module of it changes.', async () => {
    const running = getRunning()
    const first = await call(running, 'hello', { name: 'Ada' })
    expect(first).toMatchObject({ type: 'succeeded', results: ['{"text":"Hello, Ada!"}'] })
    running.project.write('words/text.py', 'HELLO = "Goodbye, "')
    await until(() => actorOf(running, 'greet').reloads === 1)
    const second = await call(running, 'hello', { name: 'Ada' })
    expect(second).toMatchObject({ results: ['{"text":"Goodbye, Ada!"}'] })
    expect(actorOf(running, 'shout').reloads).toBe(0)
  })

  test('that is broken is told with its place, and leaves the old code running.', async () => {
    const running = getRunning()
    const before = await call(running, 'hello', { name: 'Ada' })
    if (before.type !== 'succeeded') throw new Error(JSON.stringify(before))
    running.project.write('words/greet.py', 'def greet(p:\n  return p')
    await until(() => sayings(running).includes('greet does not start'))
    expect(sayings(running)).toMatch(/SyntaxError: .*words\/greet\.py/)
    expect(await call(running, 'hello', { name: 'Ada' })).toMatchObject({
      type: 'succeeded',
      results: before.results,
    })
  })
})

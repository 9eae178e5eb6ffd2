import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CLOSED, Peer, readFailure } from '@asya/conformance/peers'
import { runtimePythonPath } from '@asya/runtime-python'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from './eventually.ts'
import { findPythonWithPydantic, otherPythons, python } from './pythons.ts'
import { pythonProgram, RuntimeProcess } from './runtime-process.ts'

const ACTORS = fileURLToPath(new URL('actors', import.meta.url))

let directory: string
const opened: RuntimeProcess[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'asya-snake-'))
})

afterEach(async () => {
  for (const runtime of opened.splice(0)) await runtime.stop()
  rmSync(directory, { recursive: true })
})

async function start(
  handler: string,
  environment: Readonly<Record<string, string>> = {},
  interpreter = python,
): Promise<RuntimeProcess> {
  if (!interpreter) throw new Error('there is no Python')
  const runtime = await RuntimeProcess.start(pythonProgram(interpreter, handler, environment))
  opened.push(runtime)
  return runtime
}

/** One request on a connection of its own; its last frame. */
async function ask(
  runtime: RuntimeProcess,
  payload: unknown,
  rest: Readonly<Record<string, unknown>> = {},
): Promise<unknown> {
  const peer = await Peer.open(runtime.socketPath)
  peer.request(payload, rest)
  const { last } = await peer.answer(20_000)
  peer.close()
  return last
}

/** What `asya.py` prints. */
function run(
  args: readonly string[],
  command = python?.command ?? '',
): { readonly out: string; readonly err: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(command, [runtimePythonPath, ...args], {
    cwd: ACTORS,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], PYTHONPATH: ACTORS },
  })
  return { out: stdout, err: stderr, status }
}

describe.runIf(python)('a handler in Python', { timeout: 60_000 }, () => {
  test.each(['snake:Counter.count', 'snake.Counter.count', 'snake:Counter.count_later'])(
    '%s is the method of one instance, which lives as long as its worker',
    async (handler) => {
      const runtime = await start(handler)
      expect(await ask(runtime, 1)).toEqual([{ payload: { made: 1, calls: 1 } }])
      expect(await ask(runtime, 1)).toEqual([{ payload: { made: 1, calls: 2 } }])
    },
  )

  test('is found under the original’s name of its variable, with dots', async () => {
    if (!python) return
    const { args, command } = pythonProgram(python, '')
    const environment = { ASYA_PROCESS_MODULE: 'snake.obey' }
    const runtime = await RuntimeProcess.start({ command, args, environment })
    opened.push(runtime)
    expect(await ask(runtime, { do: 'return' })).toEqual([{ payload: { do: 'return' } }])
  })

  test('that is an asynchronous generator fans out', async () => {
    const runtime = await start('snake:stream')
    expect(await ask(runtime, [1, 2])).toEqual([{ payload: 1 }, { payload: 2 }])
  })

  test('takes and returns whole messages where it is told so', async () => {
    const runtime = await start('snake:take_message', { ASYA_HANDLER_ARG_TYPE: 'message' })
    const route = { steps: ['a'], current: 0 }
    const members = { deadline_ms: 5_000, accept: [], x_mine: 1 }
    expect(await ask(runtime, 'p', members)).toEqual([
      { payload: ['id', 'payload', 'route', 'x_mine'], route },
    ])
    const failure = readFailure(await ask(runtime, 'payload only'))
    expect(failure).toMatchObject({ code: 'processing_error', severity: 'fatal' })
  })

  test('is given what its hint names: dataclasses, enums and their defaults', async () => {
    const runtime = await start('snake:read_page')
    const page = { url: 'u', kind: 'page', boxes: [{ x: 1.5 }] }
    expect(await ask(runtime, page)).toEqual([
      { payload: { ...page, boxes: [{ x: 1.5, y: 0 }], title: null } },
    ])
    const refusals = [
      [{ kind: 'page' }, '$.url is missing'],
      [{ url: 1, kind: 'page' }, '$.url must be a string, and is a number'],
      [{ url: 'u', kind: 'book' }, '$.kind must be one of "page", "letter"'],
      [{ ...page, boxes: [{ x: '1' }] }, '$.boxes[0].x must be a number, and is a string'],
      ['page', '$ must be an object, and is a string'],
    ] as const
    for (const [payload, why] of refusals)
      expect(readFailure(await ask(runtime, payload))).toMatchObject({
        code: 'validation_error',
        message: `the payload is not what this actor takes: ${why}`,
      })
  })

  test('prints to stdout as it always did; its logging and ours are JSON lines on stderr', async () => {
    const runtime = await start('snake:obey')
    await ask(runtime, { do: 'print', text: 'wörld' })
    await ask(runtime, { do: 'log' }, { job_id: 'j1' })
    await eventually('both are there', () => runtime.says('read') && runtime.stdout !== '')
    expect(runtime.stdout).toBe('hello wörld\n')
    const ids = { message_id: 'm1', job_id: 'j1' }
    expect(runtime.lines.slice(1)).toMatchObject([
      { level: 'warn', actor: 'obey', logger: 'snake', ...ids, msg: 'odd page 3' },
      { level: 'info', actor: 'obey', pages: 3, ...ids, msg: 'read' },
    ])
  })

  test('may tell of its progress from any thread, and knows how much time it has', async () => {
    const runtime = await start('snake:obey')
    const peer = await Peer.open(runtime.socketPath)
    peer.request({ do: 'tell from a thread' }, { accept: ['progress'] })
    expect(await peer.answer()).toEqual({
      interim: [{ progress: { percent: 50, message: 'from a thread' } }],
      last: [{ payload: 'told' }],
    })
    peer.close()
    const [item] = (await ask(runtime, { do: 'time left' }, { deadline_ms: 9_000 })) as {
      payload: { left: number; deadline: number }
    }[]
    expect(item?.payload.left).toBeGreaterThan(1)
    expect(item?.payload.left).toBeLessThanOrEqual(9)
  })

  test('fails with cuda_oom_error when a GPU is full, and the cache of torch is cleared', async () => {
    const runtime = await start('snake:obey', { PYTHONPATH: join(ACTORS, 'fake_torch') })
    for (const how of ['class', 'words'])
      expect(readFailure(await ask(runtime, { do: 'exhaust the GPU', how }))).toMatchObject({
        code: 'cuda_oom_error',
        severity: 'recoverable',
      })
    expect(await ask(runtime, { do: 'count empties' })).toEqual([{ payload: 2 }])
  })

  test('fails with validation_error for exceptions that were named as such, and only for those', async () => {
    const order = { do: 'raise ValueError' }
    const strict = await start('snake:obey', { ASYA_VALIDATION_ERRORS: 'KeyError,ValueError' })
    expect(readFailure(await ask(strict, order)).code).toBe('validation_error')
    const plain = await start('snake:obey')
    expect(readFailure(await ask(plain, order)).code).toBe('processing_error')
  })

  test('is alone in its process: there is no thread beside it', async () => {
    const runtime = await start('snake:obey')
    expect(await ask(runtime, { do: 'threads' })).toMatchObject([{ payload: { threads: 1 } }])
  })
})

describe.runIf(python)('a handler that must end', { timeout: 60_000 }, () => {
  test('is interrupted at its deadline, cleans up, and is answered for; its worker is renewed', async () => {
    const runtime = await start('snake:obey')
    const before = await ask(runtime, { do: 'pid' })
    const path = join(directory, 'kept')
    const last = await ask(runtime, { do: 'be interrupted', path }, { deadline_ms: 200 })
    expect(readFailure(last).code).toBe('timeout_error')
    expect(readFileSync(path, 'utf8')).toBe('DeadlineExceeded')
    expect(await ask(runtime, { do: 'pid' })).not.toEqual(before)
  })

  test('takes the programs with it that it waits for', async () => {
    const runtime = await start('snake:obey')
    const last = await ask(runtime, { do: 'start a program' }, { deadline_ms: 200 })
    expect(readFailure(last).code).toBe('timeout_error')
  })

  test('and is a coroutine is cancelled where it waits, and its worker goes on', async () => {
    const runtime = await start('snake:obey_later')
    const before = await ask(runtime, { do: 'pid' })
    const path = join(directory, 'kept')
    const last = await ask(runtime, { do: 'be interrupted', path }, { deadline_ms: 200 })
    expect(readFailure(last).code).toBe('timeout_error')
    expect(readFileSync(path, 'utf8')).toBe('cleaned up')
    expect(await ask(runtime, { do: 'pid' })).toEqual(before)
  })

  test('but blocks the event loop is killed with its worker', async () => {
    const runtime = await start('snake:obey_later')
    const last = await ask(runtime, { do: 'block' }, { deadline_ms: 200 })
    expect(readFailure(last).code).toBe('timeout_error')
    expect(await ask(runtime, { do: 'return' })).toEqual([{ payload: { do: 'return' } }])
  })

  test('sees that nobody waits any more', async () => {
    const runtime = await start('snake:obey')
    const path = join(directory, 'kept')
    const peer = await Peer.open(runtime.socketPath)
    peer.request({ do: 'watch', path })
    await sleep(200)
    peer.close()
    await eventually('it saw it', () => existsSync(path) && readFileSync(path, 'utf8') !== '')
    expect(readFileSync(path, 'utf8')).toBe('saw it')
  })

  test('and does not see that, is interrupted after a moment', async () => {
    const runtime = await start('snake:obey')
    const path = join(directory, 'kept')
    const peer = await Peer.open(runtime.socketPath)
    peer.request({ do: 'be interrupted', path })
    await sleep(200)
    peer.close()
    await eventually('it is', () => existsSync(path) && readFileSync(path, 'utf8') !== '')
    expect(readFileSync(path, 'utf8')).toBe('Cancelled')
    expect(await ask(runtime, { do: 'return' })).toEqual([{ payload: { do: 'return' } }])
  })
})

describe.runIf(python)('the process', { timeout: 60_000 }, () => {
  test('says that it serves, with permissions as they were asked for, and removes its socket', async () => {
    const runtime = await start('snake:obey', { ASYA_SOCKET_CHMOD: '600' })
    expect(runtime.lines).toMatchObject([
      { level: 'info', actor: 'obey', msg: 'serving', handler: 'snake:obey' },
    ])
    expect(statSync(runtime.socketPath).mode & 0o777).toBe(0o600)
    runtime.child.kill('SIGTERM')
    expect(await runtime.exited()).toBe(0)
    expect(existsSync(runtime.socketPath)).toBe(false)
  })

  test('ends at SIGTERM when its grace time is over, whatever its handler does', async () => {
    const runtime = await start('snake:obey_later', { ASYA_SHUTDOWN_GRACE: '200ms' })
    const peer = await Peer.open(runtime.socketPath)
    peer.request({ do: 'block' })
    await sleep(100)
    runtime.child.kill('SIGTERM')
    expect(await runtime.exited()).toBe(0)
    expect(await peer.next()).toBe(CLOSED)
  })

  test.each([
    [{}, /ASYA_HANDLER is not set/],
    [
      { ASYA_HANDLER: 'nowhere:f' },
      /cannot load ASYA_HANDLER nowhere:f: there is no module nowhere/,
    ],
    [{ ASYA_HANDLER: 'snake:obay' }, /snake has no obay; did you mean obey\?/],
    [{ ASYA_HANDLER: 'snake:cleaned' }, /cleaned is a list, which cannot be called/],
    [{ ASYA_HANDLER: 'broken:handler' }, /SyntaxError: .*broken\.py/],
    [
      { ASYA_HANDLER: 'path/to.js#x', ASYA_CONCURRENCY: '0' },
      /ASYA_HANDLER .*\n.*ASYA_CONCURRENCY/,
    ],
  ] as const)('with %o ends with 1 and one line that says why', async (environment, reason) => {
    if (!python) return
    const { command, args } = pythonProgram(python, '')
    const runtime = new RuntimeProcess({ command, args, environment })
    opened.push(runtime)
    expect(await runtime.exited()).toBe(1)
    expect(runtime.lines).toEqual([
      expect.objectContaining({ level: 'error', msg: expect.stringMatching(reason) }),
    ])
  })

  test('leaves a socket alone that another process serves', async () => {
    if (!python) return
    const first = await start('snake:obey')
    const { command, args, environment } = pythonProgram(python, 'snake:obey', {
      ASYA_SOCKET_PATH: first.socketPath,
    })
    const second = new RuntimeProcess({ command, args, environment })
    opened.push(second)
    expect(await second.exited()).toBe(1)
    expect(second.lines.at(-1)?.['msg']).toMatch(/is served by another process/)
    expect(await ask(first, { do: 'return' })).toEqual([{ payload: { do: 'return' } }])
  })

  test('says how it is used', () => {
    expect(run(['--help'])).toMatchObject({
      status: 0,
      out: expect.stringContaining('ASYA_HANDLER'),
    })
    expect(run(['--halp'])).toMatchObject({ status: 2, err: expect.stringContaining('--halp') })
  })
})

const allPythons = [...(python ? [python] : []), ...otherPythons]

describe.runIf(python)('the schemas of a handler’s hints', { timeout: 60_000 }, () => {
  test.each(allPythons)('are the same with Python $version', ({ command }) => {
    const page = JSON.parse(run(['schema', 'snake:list_notes'], command).out) as unknown
    expect(page).toEqual({
      $schema: 'http://json-schema.org/draft-07/schema#',
      $comment: 'Made by `asya.py schema snake:list_notes`. Do not edit: change the type hints.',
      name: 'list-notes',
      python: 'snake:list_notes',
      cardinality: 'many',
      input: { $ref: '#/definitions/Page' },
      output: { $ref: '#/definitions/Note' },
      definitions: {
        Page: {
          type: 'object',
          properties: {
            url: { type: 'string' },
            kind: { enum: ['page', 'letter'] },
            boxes: { type: 'array', items: { $ref: '#/definitions/Box' } },
            title: { type: ['string', 'null'] },
          },
          required: ['url', 'kind'],
        },
        Box: {
          type: 'object',
          description: 'Where it stands.',
          properties: { x: { type: 'number' }, y: { type: 'number' } },
          required: ['x'],
        },
        Note: {
          type: 'object',
          properties: { text: { type: 'string' }, count: { type: 'integer' } },
        },
      },
    })
  })

  test('say how many messages follow, and what the handler does', () => {
    const readPage = JSON.parse(run(['schema', 'snake:read_page']).out) as object
    expect(readPage).toMatchObject({ description: 'Reads a page.', cardinality: 'one' })
    const findNote = JSON.parse(run(['schema', 'snake:find_note']).out) as object
    expect(findNote).toMatchObject({ cardinality: 'optional' })
    const countAll = JSON.parse(run(['schema', 'snake:count_all']).out) as object
    expect(countAll).not.toHaveProperty('output')
  })

  test.each([
    ['snake:take_bytes', /the payload: bytes does not survive JSON; use str/],
    ['snake:take_anything', /the payload has no type hint/],
    ['snake:nothing', /snake has no nothing/],
  ])('of %s are refused with the way out', (handler, why) => {
    expect(run(['schema', handler])).toMatchObject({ status: 1, err: expect.stringMatching(why) })
  })
})

const pythonWithPydantic = findPythonWithPydantic()
if (!pythonWithPydantic) {
  console.warn('SKIPPED: pydantic models; `npm run check -- python` installs pydantic')
}

describe.runIf(pythonWithPydantic)('a handler of pydantic models', { timeout: 60_000 }, () => {
  const command = pythonWithPydantic?.command
  const schemaOf = (handler: string): unknown => JSON.parse(run(['schema', handler], command).out)

  test('takes and gives them; what is no such model is refused without telling the value', async () => {
    const runtime = await start('modelled:bill', {}, pythonWithPydantic)
    const lines = [{ text: 'tea', price: 2.5 }]
    expect(await ask(runtime, { lines, placed: '2026-11-27' })).toEqual([
      { payload: { total: 2.5, dueDate: '2026-11-27', note: null } },
    ])
    const refused = { lines: [{ text: 'secret', price: -1 }], placed: '2026-11-27' }
    expect(readFailure(await ask(runtime, refused))).toMatchObject({
      code: 'validation_error',
      message:
        'the payload is not what this actor takes: $.lines[0].price is refused: ' +
        'Input should be greater than or equal to 0',
    })
  })

  test('has the schema of what is taken, and of what is written under another name', () => {
    expect(schemaOf('modelled:bill')).toMatchObject({
      input: { $ref: '#/definitions/Order' },
      output: { $ref: '#/definitions/Bill' },
      definitions: {
        Order: { required: ['lines', 'placed'] },
        Line: { properties: { price: { type: 'number', minimum: 0 } } },
        Bill: { properties: { dueDate: { type: 'string', format: 'date' } } },
      },
    })
  })

  test('has the schema of a model that refers to itself, with its tuples as draft-07 has them', () => {
    expect(schemaOf('modelled:take_apart')).toMatchObject({
      cardinality: 'many',
      output: { $ref: '#/definitions/Part' },
      definitions: {
        Part: {
          properties: {
            size: { items: [{ type: 'integer' }, { type: 'integer' }] },
            parts: { items: { $ref: '#/definitions/Part' } },
          },
        },
      },
    })
  })

  test('has two schemas of a model that takes what it does not write', () => {
    expect(schemaOf('modelled:sign')).toMatchObject({
      input: { $ref: '#/definitions/Letter' },
      output: { $ref: '#/definitions/Letter_serialization' },
    })
  })
})

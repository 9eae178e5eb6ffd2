import { readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeFrame, FrameReader } from '@asya/protocol'
import { findPython, runtimePythonPath } from '@asya/runtime-python'
import { compare, median, type BenchOptions, type Row } from './measure.ts'
import { messageOf, textOf, treeOf } from './payloads.ts'
import { pingRate } from './ping.ts'
import { makeScratch, pathOf, start, type Started } from './processes.ts'

const MEASURED_MS = 1_500
const ROUNDS = 5
const IDLE_MS = 1_500

/** What the packages of a machine hook into each of its interpreters is no part of the runtime. */
const WITHOUT_SITE = ['-S']

const HANDLER = `import os
def echo(payload):
    return payload
def pid(_payload):
    return os.getpid()
`

type Scratch = ReturnType<typeof makeScratch>
type Served = Started & { readonly socketPath: string }

/** The Python runtime: its socket, what a large frame costs, what it weighs, and how it comes back. */
export async function* benchPython(options: BenchOptions): AsyncGenerator<Row> {
  const found = findPython({ directory: '.', wanted: process.env['ASYA_PYTHON'] })
  if (!found.ok) {
    process.stdout.write(`SKIPPED: ${found.reason}\n`)
    return
  }
  const { command, version } = found.python
  process.stdout.write(`Python ${version}\n`)
  const scratch = makeScratch()
  const bench = new PythonBench(command, scratch)
  try {
    if (options.isWanted('socket/python/1KB')) {
      yield await bench.roundTrips('socket/python/1KB', 'bytes')
      yield await bench.roundTrips('socket/python/1KB/json', 'json')
    }
    if (options.isWanted('socket/python/5MB')) {
      yield await bench.reading('socket/python/5MB', 'chunks')
      yield await bench.reading('socket/python/5MB/copy', 'copy')
    }
    if (options.isWanted('footprint/runtime-python')) yield* bench.footprint()
    if (options.isWanted('recovery/python/kill')) yield await bench.recovery()
  } finally {
    scratch.remove()
  }
}

class PythonBench {
  readonly #command: string
  readonly #scratch: Scratch
  #sockets = 0

  constructor(command: string, scratch: Scratch) {
    this.#command = command
    this.#scratch = scratch
    writeFileSync(scratch.path('bench_handler.py'), HANDLER)
  }

  /** 1 KB over one connection, against a bare echo in Python, or one that parses and writes JSON. */
  async roundTrips(name: string, answers: 'bytes' | 'json'): Promise<Row> {
    const runtime = await this.#startRuntime('echo')
    const echo = await this.#startProgram('bench/programs/echo_server.py', [answers])
    const options = { body: messageOf(treeOf(1_000)), connections: 1, forMs: MEASURED_MS }
    const row = await compare({
      row: name,
      unit: 'round trips/s',
      measured: () => pingRate(runtime.socketPath, options),
      baseline: () => pingRate(echo.socketPath, options),
    })
    await Promise.all([runtime.stop(), echo.stop()])
    return row
  }

  /** Frames of 5 MB that are read and not looked at. */
  async reading(row: string, how: 'chunks' | 'copy'): Promise<Row> {
    const program = 'bench/programs/read_frames.py'
    const ours = await this.#startProgram(program, ['asya'], [runtimePythonPath])
    const other = await this.#startProgram(program, [how])
    const options = { body: messageOf(textOf(5_000_000)), connections: 1, forMs: MEASURED_MS }
    const compared = await compare({
      row,
      unit: 'frames/s',
      measured: () => pingRate(ours.socketPath, options),
      baseline: () => pingRate(other.socketPath, options),
    })
    await Promise.all([ours.stop(), other.stop()])
    return compared
  }

  /** Parent and worker together, idle, against two interpreters that do nothing. */
  async *footprint(): AsyncGenerator<Row> {
    const measured: Footprint[] = []
    const baselines: Footprint[] = []
    for (let round = 0; round < ROUNDS; round++) {
      measured.push(await footprintOf(await this.#startRuntime('echo', WITHOUT_SITE)))
      const bare = [...WITHOUT_SITE, '-c', 'import time; print("up", flush=True); time.sleep(1e6)']
      baselines.push(
        await footprintOf(await start({ command: this.#command, args: bare, readyText: 'up' })),
      )
    }
    for (const figure of ['rss', 'ready'] as const) {
      const value = median(measured.map((footprint) => footprint[figure]))
      const baseline = median(baselines.map((footprint) => footprint[figure]))
      const row = `footprint/runtime-python/${figure}`
      yield { row, value, unit: figure === 'rss' ? 'MiB' : 'ms', baseline, ratio: value / baseline }
    }
  }

  /** From the kill of the idle worker to the answer of its successor; baseline: one round trip. */
  async recovery(): Promise<Row> {
    const runtime = await this.#startRuntime('pid')
    const values: number[] = []
    const baselines: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const { payload: pid } = await ask(runtime.socketPath)
      const askedAt = performance.now()
      await ask(runtime.socketPath)
      const killedAt = performance.now()
      process.kill(Number(pid), 'SIGKILL')
      while ((await ask(runtime.socketPath)).payload === pid) await sleep(1)
      values.push(performance.now() - killedAt)
      baselines.push(killedAt - askedAt)
      await sleep(200)
    }
    await runtime.stop()
    const [value, baseline] = [median(values), median(baselines)]
    return { row: 'recovery/python/kill', value, unit: 'ms', baseline, ratio: value / baseline }
  }

  #startRuntime(handler: string, flags: readonly string[] = []): Promise<Served> {
    const socketPath = this.#nextSocket()
    const environment = {
      ASYA_HANDLER: `bench_handler:${handler}`,
      ASYA_SOCKET_PATH: socketPath,
      PYTHONPATH: this.#scratch.path(''),
    }
    return this.#start([...flags, runtimePythonPath], {
      socketPath,
      environment,
      readyText: '"serving"',
    })
  }

  #startProgram(
    program: string,
    before: readonly string[],
    behind: readonly string[] = [],
  ): Promise<Served> {
    const socketPath = this.#nextSocket()
    const args = [pathOf(program), ...before, socketPath, ...behind]
    return this.#start(args, { socketPath, environment: {}, readyText: 'serving' })
  }

  async #start(
    args: readonly string[],
    rest: {
      readonly socketPath: string
      readonly environment: Readonly<Record<string, string>>
      readonly readyText: string
    },
  ): Promise<Served> {
    const started = await start({ command: this.#command, args, ...rest })
    return { ...started, socketPath: rest.socketPath }
  }

  #nextSocket(): string {
    return this.#scratch.path(`python${String(++this.#sockets)}.sock`)
  }
}

interface Footprint {
  /** MiB, of the process and those that it started. */
  readonly rss: number
  /** ms. */
  readonly ready: number
}

async function footprintOf(started: Started): Promise<Footprint> {
  await sleep(IDLE_MS)
  const pid = String(started.child.pid)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const all = [pid, ...children.split(' ').filter((child) => child !== '')]
  const rss = all.reduce((sum, one) => sum + rssOf(one), 0)
  await started.stop()
  return { rss, ready: started.readyMs }
}

function rssOf(pid: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024
}

/** One request; asked again when its connection was that of a worker that is no more. */
function ask(socketPath: string): Promise<{ readonly payload: unknown }> {
  return new Promise((resolve) => {
    const socket = net.connect({ path: socketPath })
    const reader = new FrameReader()
    const again = (): void => {
      socket.destroy()
      resolve(ask(socketPath))
    }
    socket.once('error', again)
    socket.once('end', again)
    socket.on('data', (chunk: Buffer) => {
      const [event] = reader.push(chunk)
      if (event?.type !== 'frame') return
      socket.destroy()
      const [item] = JSON.parse(event.body.toString()) as { readonly payload: unknown }[]
      resolve({ payload: item?.payload })
    })
    socket.write(encodeFrame(messageOf('1')))
  })
}

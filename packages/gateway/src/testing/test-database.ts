import { GivenPostgres, run } from '../postgres/given-postgres.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of a database in which others may be made. */
    readonly postgresUrl: string
  }
}

export interface TestDatabase {
  readonly url: string
  /** Runs a statement as somebody else would. */
  query(text: string, values?: unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Drops it, and breaks the connections that are left. */
  close(): Promise<void>
}

/** Makes a database of its own for a test file. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const database = await GivenPostgres.open(serverUrl)
  return {
    url: database.url,
    query: (text, values) => run(database.url, text, values),
    close: () => database.close(),
  }
}

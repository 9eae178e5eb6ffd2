import { randomUUID } from 'node:crypto'
import pg from 'pg'

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
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await run(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return {
    url: url.href,
    query: (text, values) => run(url.href, text, values),
    close: async () => {
      await run(serverUrl, `drop database ${name} with (force)`)
    },
  }
}

async function run(connectionString: string, text: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text, values)).rows
  } finally {
    await client.end()
  }
}

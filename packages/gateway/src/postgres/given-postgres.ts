import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Postgres } from './postgres.ts'

/** A database of its own on a server that was there: whoever else uses the server is not disturbed. */
export class GivenPostgres implements Postgres {
  readonly url: string
  readonly pid = undefined
  readonly #serverUrl: string
  readonly #name: string

  private constructor(serverUrl: string, name: string) {
    const url = new URL(serverUrl)
    url.pathname = `/${name}`
    this.url = url.href
    this.#serverUrl = serverUrl
    this.#name = name
  }

  /** Rejects when the server does not answer, or its user may make no databases. */
  static async open(serverUrl: string): Promise<GivenPostgres> {
    const name = `asya_${randomUUID().replaceAll('-', '')}`
    await run(serverUrl, `create database ${name}`)
    return new GivenPostgres(serverUrl, name)
  }

  restart(): Promise<void> {
    return Promise.reject(new Error('a PostgreSQL that is not ours is not restarted'))
  }

  async close(): Promise<void> {
    await run(this.#serverUrl, `drop database if exists ${this.#name} with (force)`)
  }
}

type Row = Readonly<Record<string, unknown>>

/** Runs a statement over a connection of its own. */
export async function run(
  connectionString: string,
  statement: string,
  values: unknown[] = [],
): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return (await client.query<Row>(statement, values)).rows
  } finally {
    await client.end()
  }
}

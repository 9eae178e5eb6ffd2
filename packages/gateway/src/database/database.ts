import pg from 'pg'
import { DatabaseUnavailableError, UnfitValueError } from '../errors.ts'

/** A statement that the server prepares once for each connection, under its name. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export interface DatabaseOptions {
  readonly url: string
  readonly maxConnections: number
  /** Told of connections that broke while nobody used them. */
  readonly onError: (error: Error) => void
}

/** How long a caller waits for a free connection, or for one to be made. */
const CONNECT_TIMEOUT_MS = 5_000

/** Far above what any statement takes: a server that hangs must not hold callers for ever. */
const STATEMENT_TIMEOUT_MS = 15_000

/**
 * What is looked for by its key lies in memory, or on a disk without a head: at the default of 4, which is
 * of others, thousands of jobs are read through for a few.
 */
const SETTINGS = 'set random_page_cost = 1.1'

/** It is waited for, though its type does not say so: a connection takes one statement at a time. */
const HOOKS = { onConnect: (client: pg.ClientBase) => client.query(SETTINGS) }

/** A pool of connections to PostgreSQL. */
export class Database {
  readonly #pool: pg.Pool
  #closing: Promise<void> | undefined

  constructor({ url, maxConnections, onError }: DatabaseOptions) {
    this.#pool = new pg.Pool({
      connectionString: url,
      max: maxConnections,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
      application_name: 'asya-gateway',
      ...HOOKS,
    })
    // Without a listener the error of an idle connection would end the process.
    this.#pool.on('error', onError)
  }

  /**
   * Runs one statement by itself. Throws DatabaseUnavailableError where trying again may help, and
   * UnfitValueError where the values are at fault.
   */
  async query<Row extends pg.QueryResultRow>(
    statement: Statement,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    try {
      const result = await this.#pool.query<Row>({ ...statement, values: [...values] })
      return result.rows
    } catch (error) {
      throw explain(error)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#pool.end()
    return this.#closing
  }
}

/**
 * Classes of SQLSTATE that say nothing of the statement (PostgreSQL's appendix A): connection, resources,
 * operator intervention, system error; and a server that became read-only (25006).
 */
const UNAVAILABLE_STATE = /^(08|53|57|58|25006|40001|40P01|55P03)/

export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code: unknown = Reflect.get(error, 'code')
  if (error instanceof pg.DatabaseError) return UNAVAILABLE_STATE.test(String(code))
  // What the socket says, and what `pg` says of a connection or a query that took too long.
  return typeof code === 'string'
    ? /^E[A-Z]+$/.test(code)
    : /timeout|terminated|closed|not queryable|Cannot use a pool/i.test(error.message)
}

function explain(error: unknown): unknown {
  if (isUnavailable(error)) return new DatabaseUnavailableError(error)
  const isUnfit = error instanceof pg.DatabaseError && error.code?.startsWith(DATA_EXCEPTION)
  return isUnfit === true ? new UnfitValueError(error) : error
}

/** The class of SQLSTATE that says that values are at fault. */
const DATA_EXCEPTION = '22'

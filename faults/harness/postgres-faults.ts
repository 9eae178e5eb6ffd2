import { setTimeout as sleep } from 'node:timers/promises'
import type { Postgres } from '../../packages/gateway/src/postgres/postgres.ts'
import type { TestDatabase } from '../../packages/gateway/src/testing/test-database.ts'

/** Does to PostgreSQL what happens to databases. */
export class PostgresFaults {
  readonly #server: Postgres
  readonly #database: TestDatabase

  constructor(server: Postgres, database: TestDatabase) {
    this.#server = server
    this.#database = database
  }

  /** SIGKILL; SIGINT ends it in order, with all connections. */
  end(how: 'SIGKILL' | 'SIGINT'): void {
    const { pid } = this.#server
    if (pid === undefined)
      throw new Error('faults need a PostgreSQL of their own: unset ASYA_DATABASE_URL')
    process.kill(pid, how)
  }

  /** Starts it again, with its data. */
  async restart(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#server.restart()
        return
      } catch (error) {
        // The processes of the one that was killed hold its memory a moment longer.
        if (attempt === MAX_STARTS) throw error
        await sleep(START_AGAIN_MS)
      }
    }
  }

  async setReadOnly(isReadOnly: boolean): Promise<void> {
    await this.#database.query(
      `alter system set default_transaction_read_only = ${isReadOnly ? 'on' : 'off'}`,
    )
    await this.#database.query('select pg_reload_conf()')
  }

  /** Holds the jobs so that each statement waits with its connection, for so long. */
  async lockJobs(forMs: number): Promise<void> {
    await this.#database.query(
      `begin; lock table jobs in access exclusive mode; select pg_sleep(${forMs / 1_000}); commit`,
    )
  }
}

const MAX_STARTS = 40
const START_AGAIN_MS = 250

import { randomUUID } from 'node:crypto'
import type { Logger } from '@asya/service/logger'
import pg from 'pg'
import type { Database, Statement } from './database.ts'

/**
 * What the replicas of a gateway say to each other, by NOTIFY. While a connection is remade nothing is
 * heard: whoever must not miss anything reads the tables as well.
 *
 *   idle → connected ⇄ waiting → closed
 */
export interface ReplicasOptions {
  readonly url: string
  readonly database: Database
  readonly logger: Logger
}

const RECONNECT_MS = 1_000

/** A payload of NOTIFY has less than 8,000 bytes; what says who says it comes before. */
export const MAX_SAID_BYTES = 7_900

const NOTIFY: Statement = { name: 'notify', text: 'select pg_notify($1, $2)' }

export class Replicas {
  readonly #options: ReplicasOptions
  /** A replica knows what it said itself. */
  readonly #self = randomUUID().slice(0, 8)
  readonly #hearers = new Map<string, (said: string) => void>()
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ReplicasOptions) {
    this.#options = options
  }

  /** Has `hear` called with what others say on a channel; before `start`. */
  listen(channel: string, hear: (said: string) => void): void {
    this.#hearers.set(channel, hear)
  }

  /** Says something to all others, of at most MAX_SAID_BYTES. */
  async say(channel: string, text: string): Promise<void> {
    await this.#options.database.query(NOTIFY, [channel, `${this.#self} ${text}`])
  }

  /** Resolves when it listens, or when the first try failed and others will follow. */
  async start(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      application_name: 'asya-gateway listener',
    })
    this.#client = client
    client.on('notification', ({ channel, payload = '' }) => this.#hear(channel, payload))
    // `pg` stays deaf after it lost its connection: a new client has to be made.
    client.on('error', (error) => this.#retry(client, error))
    client.on('end', () => this.#retry(client))
    try {
      await client.connect()
      for (const channel of this.#hearers.keys())
        await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      this.#retry(client, error instanceof Error ? error : new Error(String(error)))
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }

  #hear(channel: string, payload: string): void {
    const end = payload.indexOf(' ')
    if (payload.slice(0, end) !== this.#self) this.#hearers.get(channel)?.(payload.slice(end + 1))
  }

  #retry(client: pg.Client, error?: Error): void {
    if (this.#client !== client || this.#isClosed) return
    if (error)
      this.#options.logger.warn({ error: error.message }, 'not listening to other replicas')
    this.#client = undefined
    void client.end().catch(() => undefined)
    this.#timer = setTimeout(() => void this.start(), RECONNECT_MS)
    this.#timer.unref()
  }
}

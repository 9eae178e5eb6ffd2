import pg from 'pg'

/**
 * Hears what other replicas say through NOTIFY: a hint that something changed, never the change itself.
 * What is said while the connection is remade is lost; whoever listens polls as well.
 */
export interface ListenerOptions {
  readonly url: string
  readonly channel: string
  readonly onMessage: (payload: string) => void
  readonly onError: (error: Error) => void
}

const RECONNECT_MS = 1_000

/** idle → connected ⇄ waiting → closed */
export class Listener {
  readonly #options: ListenerOptions
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Resolves when it listens, or when the first try failed and others will follow. */
  async start(): Promise<void> {
    const { url, channel, onMessage, onError } = this.#options
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      application_name: 'asya-gateway listener',
    })
    this.#client = client
    client.on('notification', ({ payload = '' }) => onMessage(payload))
    // `pg` stays deaf after it lost its connection: a new client has to be made.
    client.on('error', (error) => {
      onError(error)
      this.#retry(client)
    })
    client.on('end', () => this.#retry(client))
    try {
      await client.connect()
      await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)))
      this.#retry(client)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = undefined
    await client?.end().catch(() => undefined)
  }

  #retry(client: pg.Client): void {
    if (this.#client !== client || this.#isClosed) return
    this.#client = undefined
    void client.end().catch(() => undefined)
    this.#timer = setTimeout(() => void this.start(), RECONNECT_MS)
    this.#timer.unref()
  }
}

/** A PostgreSQL of our own, or one that was there: for tests, benches and `asya dev`. */
export interface Postgres {
  readonly url: string
  /** The process of the server; undefined when it is not ours. */
  readonly pid: number | undefined
  /** Starts it again after it was killed; its data is what it was. */
  restart(): Promise<void>
  /** Ends it, with its data. */
  close(): Promise<void>
}

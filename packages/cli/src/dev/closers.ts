/** What was opened, to be closed in reverse order; one that fails keeps none of the others open. */
export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closing: Promise<void> = Promise.resolve()

  push(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /**
   * Rejects with the first failure, at the end. A second call waits for the first, and closes what
   * was pushed since.
   */
  close(): Promise<void> {
    return (this.#closing = this.#closeAfter(this.#closing))
  }

  async #closeAfter(earlier: Promise<void>): Promise<void> {
    try {
      await earlier
    } finally {
      await this.#closeAll()
    }
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}

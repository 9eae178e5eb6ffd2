/** What was opened, to be closed in reverse order; one that fails keeps none of the others open. */
export class Closers {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closing: Promise<void> | undefined

  push(close: () => Promise<void> | void): void {
    this.#closers.push(close)
  }

  /** Idempotent: the second call waits for the first. Rejects with the first failure, at the end. */
  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll())
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}

/** Does something again and again, one at a time: what is asked for meanwhile is done once, after it. */
export class Rerunner {
  readonly #task: () => Promise<void>
  #isWanted = false
  #running: Promise<void> | undefined

  /** @param task what rejects here rejects `run`, and is not done again until it is asked for */
  constructor(task: () => Promise<void>) {
    this.#task = task
  }

  /** Resolves when it was done at least once from its beginning, and nothing more is asked for. */
  run(): Promise<void> {
    this.#isWanted = true
    return (this.#running ??= this.#runWhileWanted())
  }

  /** Resolves when nothing runs. */
  async whenIdle(): Promise<void> {
    await this.#running
  }

  async #runWhileWanted(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false
        await this.#task()
      }
    } finally {
      this.#running = undefined
    }
  }
}

/** Runs at most so many tasks at a time; the rest wait their turn. */
export class Limiter {
  readonly #limit: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await task()
    } finally {
      // The place goes to the next in line, if there is one.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }
}

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export interface BatcherOptions<Item, Answer> {
  readonly maxItems: number
  /** How long the first item waits for others; without it, until the end of this turn. */
  readonly gatherMs?: number
  /** How many batches may be under way. */
  readonly maxBatches: number
  /**
   * Answers in the order of the items. When it rejects it has done nothing, or nobody knows: then
   * `isOfItem` says whether one of the items is to blame.
   */
  readonly flush: (items: readonly Item[]) => Promise<readonly Answer[]>
  /** Whether a batch that was rejected is tried again, each item by itself: none suffers for others. */
  readonly isOfItem?: (error: unknown) => boolean
}

/**
 * Gathers what is asked while earlier batches are under way: alone an item goes at once, and many
 * share one commit.
 */
export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>
  #waiting: Waiting<Item, Answer>[] = []
  #underWay = 0

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (this.#waiting.length > 1) return
      const { gatherMs } = this.#options
      if (gatherMs !== undefined) setTimeout(() => this.#start(), gatherMs).unref()
      // After this turn: what else came with the same read of the socket goes along.
      else setImmediate(() => this.#start())
    })
  }

  #start(): void {
    const { maxBatches, maxItems } = this.#options
    while (this.#underWay < maxBatches && this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, maxItems)
      this.#waiting = this.#waiting.slice(maxItems)
      this.#underWay++
      void this.#run(batch).finally(() => {
        this.#underWay--
        this.#start()
      })
    }
  }

  async #run(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#options.flush(batch.map(({ item }) => item))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index]
        if (answer === undefined) reject(new Error('a batch has an answer too few'))
        else resolve(answer)
      }
    } catch (error) {
      const isOfItem = batch.length > 1 && this.#options.isOfItem?.(error) === true
      if (isOfItem) await Promise.all(batch.map((each) => this.#run([each])))
      else for (const { reject } of batch) reject(error)
    }
  }
}

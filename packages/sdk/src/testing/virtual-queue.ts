import type { Publication } from '@asya/protocol'

interface Waiting {
  readonly publication: Publication
  readonly dueMs: number
}

/** All queues of a test, under one clock that moves only when nothing is due. */
export class VirtualQueue {
  /** By due time; publications that are due together keep their order. */
  readonly #waiting: Waiting[] = []
  #nowMs = 0

  /** Virtual time since the start. */
  get nowMs(): number {
    return this.#nowMs
  }

  publish(publication: Publication): void {
    const dueMs = this.#nowMs + (publication.delayMs ?? 0)
    const last = this.#waiting.findLastIndex((waiting) => waiting.dueMs <= dueMs)
    this.#waiting.splice(last + 1, 0, { publication, dueMs })
  }

  /** The next publication, after the clock has moved to it; undefined when all queues are empty. */
  take(): Publication | undefined {
    const next = this.#waiting.shift()
    if (!next) return undefined
    this.#nowMs = next.dueMs
    return next.publication
  }
}

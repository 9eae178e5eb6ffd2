/** One timer for many deadlines: it is set again only when an earlier one comes. */
export class Alarm {
  readonly #onRing: (now: number) => void
  #at = Infinity
  #timer: NodeJS.Timeout | undefined

  /** @param onRing called at the earliest time asked for, or a little before; then ask again */
  constructor(onRing: (now: number) => void) {
    this.#onRing = onRing
  }

  /** @param at on the clock of `performance.now()`; Infinity = never */
  wakeAt(at: number): void {
    if (at >= this.#at) return
    this.stop()
    this.#at = at
    const waitMs = Math.min(Math.max(0, Math.ceil(at - performance.now())), LONGEST_TIMER_MS)
    this.#timer = setTimeout(this.#ring, waitMs)
    this.#timer.unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#at = Infinity
  }

  readonly #ring = (): void => {
    this.#at = Infinity
    this.#onRing(performance.now())
  }
}

/** A longer wait overflows Node's timers, which then fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Large messages leave several times their size behind, in buffers outside of the engine's heap: some when
 * they are put together from frames, the rest when they have gone. The heap hardly grows by them, so that V8
 * collects them late: 5 MB, four at a time, took 240 MiB, of which no more than 130 were ever in use at once,
 * sidecar and all; collected when they have gone 175 to 200, when they have come as well 159 to 164.
 */
export class LargeMessages {
  #left = 0
  #isPlanned = false
  #collect: Collect | undefined

  /** Notes that a message of that size has come: collects what is left of its frames. */
  come(bytes: number): void {
    if (bytes >= COLLECT_EVERY_BYTES) this.#collectSoon()
  }

  /** Notes that a message of that size has gone; collects when it is time. */
  leave(bytes: number): void {
    if (bytes < LARGE_BYTES) return
    this.#left += bytes
    if (this.#left >= COLLECT_EVERY_BYTES) this.#collectSoon()
  }

  #collectSoon(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    // When nothing holds on to what the last of them left behind.
    setImmediate(() => {
      this.#isPlanned = false
      this.#left = 0
      this.#collect ??= exposeCollect()
      this.#collect({ type: 'major' })
    })
  }
}

/** Smaller ones are many: a collection takes longer than they do. */
const LARGE_BYTES = 512 * 1024
/** A collection takes some milliseconds, and as many messages of that size more than that. */
const COLLECT_EVERY_BYTES = 4 * 1024 * 1024

type Collect = (options: { readonly type: 'major' }) => void

/** A process that was not started with the flag finds the function in a context made after it is set. */
function exposeCollect(): Collect {
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc')
  return process.getBuiltinModule('node:vm').runInNewContext('gc') as Collect
}

import type { Transport } from '../transport.ts'

/** What the suite needs of an implementation beside its transports. */
export interface Harness {
  /** Opens a transport of its own connection, which may remake itself after a cut. */
  connect(): Promise<Transport>
  /**
   * Cuts a transport's connection as a crash would, without a word. Resolves when the queue system
   * has noticed; it stays cut until `mend`.
   */
  cut(transport: Transport): Promise<void>
  /** Lets a transport that was cut reach the queue system again. */
  mend(transport: Transport): Promise<void>
  /** Closes whatever it opened. */
  close(): Promise<void>
  /** In this time every call answers (T6), every due delivery comes and every cut is noticed. */
  readonly deadlineMs: number
  /** When nothing came for so long, nothing will. */
  readonly quietMs: number
  /** False when a settle travels: it may get lost with its connection even if it returned true. */
  readonly isSettledAtOnce: boolean
  /** How many random interleavings are tried. */
  readonly interleavings: number
}

/** Laws by their sentences. */
export type Laws = Readonly<Record<string, (harness: Harness) => Promise<void>>>

/** A name that no other test uses: a real queue system outlives the tests. */
export function nameQueue(): string {
  return `law-${crypto.randomUUID()}`
}

/** Resolves when the condition holds; rejects, saying what was missing, at the harness's deadline. */
export async function until(
  harness: Harness,
  what: string,
  condition: () => boolean,
): Promise<void> {
  const startMs = performance.now()
  while (!condition()) {
    if (performance.now() - startMs > harness.deadlineMs) {
      throw new Error(`After ${harness.deadlineMs} ms still missing: ${what}`)
    }
    await sleep(1)
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The result of a call, which must come within the harness's deadline (T6). */
export async function inTime<T>(harness: Harness, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`No answer within ${harness.deadlineMs} ms`)
    timer = setTimeout(() => reject(error), harness.deadlineMs)
  })
  return Promise.race([call, late]).finally(() => clearTimeout(timer))
}

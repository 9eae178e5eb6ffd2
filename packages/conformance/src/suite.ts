import { isDeepStrictEqual } from 'node:util'

/** One law of the wire, tried out on a real peer. */
export interface Case<Rig> {
  /** What it is about: `fixtures`, `deadlines`, … */
  readonly group: string
  /** A full sentence. */
  readonly law: string
  /** @throws Mismatch, or what else went wrong */
  readonly run: (rig: Rig) => Promise<void>
}

type Verdict =
  | { readonly type: 'passed'; readonly tookMs: number }
  | { readonly type: 'failed'; readonly tookMs: number; readonly reason: string }

/** What became of one case. */
export interface Ran {
  readonly group: string
  readonly law: string
  readonly verdict: Verdict
}

/** The peer did something else than the wire says. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch'
}

/** Throws unless a value is what it should be. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return
  throw new Mismatch(`${what}: expected ${show(expected)}, and it is ${show(actual)}`)
}

/** Throws unless something holds. */
export function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Mismatch(what)
}

const MAX_SHOWN_LENGTH = 300

/** A value in a sentence. */
export function show(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text
}

/** Runs cases one after the other; a case that fails does not stop the others. */
export async function* runCases<Rig>(cases: readonly Case<Rig>[], rig: Rig): AsyncGenerator<Ran> {
  for (const { group, law, run } of cases) {
    const startedAt = performance.now()
    let reason: string | undefined
    try {
      await run(rig)
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
    const tookMs = performance.now() - startedAt
    const verdict: Verdict =
      reason === undefined ? { type: 'passed', tookMs } : { type: 'failed', tookMs, reason }
    yield { group, law, verdict }
  }
}

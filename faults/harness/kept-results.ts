import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { TrialResult } from './run-trial.ts'

/**
 * The trials that were made so far, a line of JSON each: the full set takes hours, and a run that is
 * ended goes on where it was. Without a file nothing is kept.
 */
export class KeptResults {
  readonly #path: string | undefined
  readonly #kept: readonly TrialResult[]
  /** How many were made now. */
  made = 0

  /** Throws an error that names the line which is no result. */
  constructor(path: string | undefined) {
    this.#path = path
    this.#kept = path !== undefined && existsSync(path) ? readLines(path) : []
  }

  of(row: string): readonly TrialResult[] {
    return this.#kept.filter((result) => result.row === row)
  }

  keep(result: TrialResult): void {
    this.made += 1
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(result)}\n`)
  }
}

function readLines(path: string): TrialResult[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as TrialResult]
    } catch (cause) {
      throw new Error(`${path}:${index + 1} is not the result of a trial: remove it`, { cause })
    }
  })
}

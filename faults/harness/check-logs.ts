import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RowResult } from './table.ts'

/**
 * What was planted must show in no log of a sidecar or runtime: the broker's password, which is in
 * the URL that each of them is told, and a canary, which is in every payload and every bad body.
 */
export function checkLogs(folder: string, secrets: readonly string[]): RowResult {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'))
  const found = files.flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    return lines
      .filter((line) => secrets.some((secret) => line.includes(secret)))
      .map((line) => ({ seed: undefined, says: `${name} tells a secret: ${line.slice(0, 300)}` }))
  })
  return {
    name: 'secrets-in-logs',
    says: `${files.length} logs of the run, searched for the password and the canary of payloads`,
    trials: files.length,
    faults: 0,
    messages: 0,
    lost: 0,
    duplicated: 0,
    allowedDuplicates: 0,
    unexpected: found.length,
    recovered: 0,
    recoveryMs: undefined,
    recoversWithinMs: undefined,
    timings: [],
    counts: [],
    seeds: [],
    problems: found.slice(0, MAX_SHOWN),
    isOk: found.length === 0 && files.length > 0,
  }
}

const MAX_SHOWN = 5

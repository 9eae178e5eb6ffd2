import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What was planted, and where it must never show: every log of every process of the run. */
export function findSecrets(folder: string, secrets: readonly string[]): SecretsResult {
  const files = readdirSync(folder).filter((name) => name.endsWith('.log'))
  const found = files.flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n')
    return lines
      .filter((line) => secrets.some((secret) => line.includes(secret)))
      .map((line) => `${name}: ${line.slice(0, 300)}`)
  })
  return { logs: files.length, found }
}

export interface SecretsResult {
  readonly logs: number
  readonly found: readonly string[]
}

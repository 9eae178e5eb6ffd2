import type { TestProject } from 'vitest/node'
import { startPostgres } from '../postgres/start-postgres.ts'

/** One server for all test files of the project, started before the first and ended after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startPostgres({ isDurable: false })
  project.provide('postgresUrl', postgres.url)
  return () => postgres.close()
}

import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts'
import type { TestGateway } from '../../testing/test-gateway.ts'
import { runProgram } from '../testing/run-program.ts'
import { startFixture } from './start-fixture.ts'

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'))
const EXPECTED = fileURLToPath(new URL('../testing/expected-failures.yaml', import.meta.url))

const EXPECTED_OF_TASKS = fileURLToPath(
  new URL('../testing/expected-failures-tasks.yaml', import.meta.url),
)

const TASK_SCENARIOS = [
  'tasks-lifecycle',
  'tasks-capability-negotiation',
  'tasks-wire-fields',
  'tasks-request-state-removal',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-dispatch-and-envelope',
  'tasks-status-notifications',
  'tasks-required-task-error',
  'tasks-mrtr-composition',
]

let database: TestDatabase
let fixture: TestGateway

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'))
  fixture = await startFixture(database.url)
})

afterAll(async () => {
  await fixture.close()
  await database.close()
})

async function run(...options: readonly string[]): Promise<{ code: number | null; text: string }> {
  const args = ['server', '--url', `${fixture.url}/mcp`, ...options]
  const { code, output, errors } = await runProgram(SUITE, args)
  return { code, text: `${output}\n${errors}` }
}

describe('The official conformance suite passes', { timeout: 240_000 }, () => {
  it.each(['2026-07-28', '2025-11-25'])('for revision %s', async (revision) => {
    const { code, text } = await run(
      ...['--requirements', revision, '--expected-failures', EXPECTED],
    )
    expect(code, text).toBe(0)
  })

  // The suite runs them with the revision too, and does not count them.
  it.each(TASK_SCENARIOS)('for %s', async (scenario) => {
    const options = ['--scenario', scenario, '--expected-failures', EXPECTED_OF_TASKS]
    const { code, text } = await run(...options)
    expect(code, text).toBe(0)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { toGatewayTools } from '../tools/catalog-tools.ts'
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts'
import { startTestGateway, type TestGateway } from '../testing/test-gateway.ts'
import { runProgram } from './testing/run-program.ts'

const PACKAGE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/inspector/package.json'))
const INSPECTOR = join(dirname(PACKAGE), 'clients/cli/build/index.js')

let database: TestDatabase
let gateway: TestGateway
let dir: string

/** As the build writes it for examples/document-triage. */
const TRIAGE = {
  name: 'triage',
  description: 'Reads a scanned page and says what each of its paragraphs is about.',
  inputSchema: {
    type: 'object',
    required: ['url'],
    properties: { url: { type: 'string' } },
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    required: ['topic'],
    properties: { topic: { type: 'string' }, mood: { $ref: '#/definitions/Mood' } },
    definitions: { Mood: { enum: ['calm', 'angry'] } },
  },
  results: 'many' as const,
  route: ['read-page', 'split-paragraphs', 'analyse'],
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'asya-inspector-'))
  database = await createTestDatabase(inject('postgresUrl'))
  gateway = await startTestGateway({ databaseUrl: database.url })
  gateway.gateway.tools.replace(
    toGatewayTools({ catalog: 1, tools: [TRIAGE] }, { timeoutMs: 60_000 }),
  )
})

afterAll(async () => {
  await gateway.close()
  await database.close()
  await rm(dir, { recursive: true, force: true })
})

function inspect(...args: readonly string[]) {
  const environment = { MCP_CATALOG_PATH: join(dir, 'mcp.json'), HOME: dir }
  return runProgram(INSPECTOR, [`${gateway.url}/mcp`, '--format', 'json', ...args], environment)
}

describe.each(['modern', 'legacy'])('The MCP inspector, as a client of the %s era,', (era) => {
  it('lists the tools, and finds nothing that other clients could not read', async () => {
    const args = ['--protocol-era', era, '--method', 'tools/list', '--strict']
    const { code, output, errors } = await inspect(...args)
    expect(code, errors).toBe(0)
    const listed = JSON.parse(output) as { tools?: unknown; result?: { tools: unknown } }
    expect(listed.tools ?? listed.result?.tools).toMatchObject([
      { name: 'triage', inputSchema: { required: ['url'] } },
      { name: 'job_cancel' },
      { name: 'job_wait' },
    ])
  }, 60_000)

  it('calls a tool, and has its result', async () => {
    const taken = gateway.take('read-page')
    const call = ['--method', 'tools/call', '--tool-name', 'triage', '--tool-arg', 'url=a.png']
    const answer = inspect('--protocol-era', era, ...call)
    const { jobId } = await taken
    const branch = [[0, 1, 'g']]
    await fetch(`${gateway.url}/jobs/${String(jobId)}/final`, {
      method: 'POST',
      body: JSON.stringify({ status: 'succeeded', branch, result: { topic: 'ink', mood: 'calm' } }),
    })
    const { code, output, errors } = await answer
    expect(code, errors).toBe(0)
    expect(output).toContain('topic')
  }, 60_000)

  it('is told of arguments that are wrong by its exit code', async () => {
    const call = ['--method', 'tools/call', '--tool-name', 'triage', '--tool-arg', 'page=a.png']
    const { code, output } = await inspect('--protocol-era', era, ...call)
    expect(code).not.toBe(0)
    expect(output).toContain('Invalid arguments')
  }, 60_000)
})

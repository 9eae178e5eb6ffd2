import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openTestVhost, type TestVhost } from '@asya/transport/rabbitmq/testing'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually } from '../eventually.ts'

// The example, as the build made the programs, on a real broker, asked by clients of both revisions.

const root = fileURLToPath(new URL('../..', import.meta.url))
let vhost: TestVhost
let dev: ChildProcess
let url: URL

beforeAll(async () => {
  vhost = await openTestVhost()
  dev = spawn(
    process.execPath,
    [`${root}packages/cli/dist/main.js`, 'dev', '--plain', '--rabbitmq', '--port', '0'],
    {
      cwd: `${root}examples/document-triage`,
      env: { ...process.env, ASYA_RABBITMQ_URL: vhost.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  dev.stdout?.on('data', (chunk) => (said += String(chunk)))
  await eventually('the pipeline is ready', () => said.includes('ready in'), 100_000)
  url = new URL(/MCP at (\S+)/.exec(said)?.[1] ?? '')
}, 120_000)

afterAll(async () => {
  if (dev.exitCode === null) {
    dev.kill('SIGTERM')
    await once(dev, 'exit')
  }
}, 60_000)

const CALL = { name: 'triage', arguments: { path: 'pages/guest-review.png' } }

it(
  'A client of revision 2026-07-28 reads a page and hears how far it is',
  { timeout: 90_000 },
  async () => {
    const client = new Client(
      { name: 'new', version: '1' },
      { versionNegotiation: { mode: 'auto' } },
    )
    await client.connect(new StreamableHTTPClientTransport(url))
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toContain('triage')
    const progress: number[] = []
    const result = await client.callTool(CALL, {
      onprogress: (told) => progress.push(told.progress),
      timeout: 80_000,
    })
    await client.close()
    expect(result.isError ?? false).toBe(false)
    expect(JSON.stringify(result.structuredContent)).toContain('sentiment')
    expect(progress).toEqual(progress.toSorted((one, other) => one - other))
    expect(progress.length).toBeGreaterThan(0)
  },
)

it('A client of 2025 reads the same page', { timeout: 90_000 }, async () => {
  const client = new OldClient({ name: 'old', version: '1' })
  await client.connect(new OldTransport(url))
  const result = await client.callTool(CALL, undefined, { timeout: 80_000 })
  await client.close()
  expect(result.isError ?? false).toBe(false)
  expect(JSON.stringify(result.content)).toContain('sentiment')
})

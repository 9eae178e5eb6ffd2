import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { createProject, type TemporaryProject } from '../testing/temporary-project.ts'
import { readDocument } from './asyncapi-document.ts'
import { findPipeline } from './find-pipeline.ts'
import { PipelineClient, PipelineError } from './pipeline-client.ts'
import { CLASSIFY, TRIAGE } from './testing/documents.ts'
import { startGateway, type Script, type ScriptedGateway } from './testing/scripted-gateway.ts'
import { writeClient } from './write-client.ts'

vi.setConfig({ testTimeout: 60_000 })

let project: TemporaryProject
const open: ScriptedGateway[] = []

beforeAll(() => {
  project = createProject({})
})

afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close()
})

afterAll(() => {
  project.remove()
})

async function makeClient(name: string, text: string): Promise<string> {
  const document = await readDocument(project.write(name, text))
  const origin = { source: name, command: 'asya client' }
  return writeClient(document, findPipeline(document), origin)
}

interface Page {
  readonly url: string
}

async function serve(script: Partial<Script> = {}, token?: string) {
  const gateway = await startGateway({ updates: UPDATES, end: SUCCEEDED, ...script })
  open.push(gateway)
  const client = new PipelineClient<Page, { label: string }>('triage', {
    url: `${gateway.url}/`,
    token,
  })
  return { gateway, client }
}

const UPDATES = [
  { status: 'Pending' },
  { status: 'Running', step: 'read', percent: 50, message: 'downloading' },
  { status: 'Running', step: 'classify' },
  { status: 'Succeeded' },
]
const SUCCEEDED = { id: 'j1', status: 'Succeeded', results: [{ label: 'bill' }, null] }

async function errorOf(promise: Promise<unknown>): Promise<PipelineError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof PipelineError) return error
  throw new Error(`no PipelineError: ${String(error)}`)
}

describe('a client', () => {
  test('sends, follows to the end, and has the results in order.', async () => {
    const { client, gateway } = await serve()
    const job = await client.send({ url: 'https://a' }, { idempotencyKey: 'k' })
    const updates = []
    for await (const update of client.follow(job)) updates.push(update)
    expect(updates).toEqual(UPDATES)
    expect(await client.results(job)).toEqual([{ label: 'bill' }, null])
    await client.cancel(job)
    expect(gateway.bodies).toEqual(['{"name":"triage","arguments":{"url":"https://a"}}'])
    expect(gateway.calls).toEqual([
      'POST /tools/call',
      'GET /jobs/j1/stream',
      'GET /jobs/j1',
      'DELETE /jobs/j1',
    ])
  })

  test('waits for results without being asked to follow.', async () => {
    const { client } = await serve()
    expect(await client.results({ id: 'j1' })).toEqual([{ label: 'bill' }, null])
  })

  test('misses and doubles nothing when the stream breaks at each event.', async () => {
    const { client, gateway } = await serve({ breakAfter: 1 })
    const updates = []
    for await (const update of client.follow({ id: 'j1' })) updates.push(update)
    expect(updates).toEqual(UPDATES)
    expect(gateway.calls).toEqual([
      'GET /jobs/j1/stream',
      'GET /jobs/j1/stream 1',
      'GET /jobs/j1/stream 2',
      'GET /jobs/j1/stream 3',
    ])
  })

  test('tells how a job failed, branch by branch.', async () => {
    const errors = [{ type: 'timeout_error', message: 'too slow', step: 'read' }]
    const { client } = await serve({ end: { status: 'Failed', errors } })
    const error = await errorOf(client.results({ id: 'j1' }))
    expect(error).toMatchObject({ code: 'failed', failures: errors })
    expect(error.message).toBe('the job j1 failed: read: too slow (timeout_error)')
    const cancelled = await serve({ end: { status: 'Cancelled' } })
    expect((await errorOf(cancelled.client.results({ id: 'j1' }))).code).toBe('cancelled')
  })

  test('says by a code what went wrong with a call.', async () => {
    const { client, gateway } = await serve({ token: 'secret', unavailable: 1 }, 'secret')
    const stranger = new PipelineClient<Page, never>('triage', { url: gateway.url })
    expect((await errorOf(stranger.send({ url: '' }))).code).toBe('unauthorized')
    const away = await errorOf(client.send({ url: '' }))
    expect(away.message).toBe('POST /tools/call: 503 the database is away')
    expect(away.code).toBe('unavailable')
    expect((await errorOf(client.results({ id: 'other' }))).code).toBe('unknown')
    const { url } = gateway
    const wrong = new PipelineClient<Page, never>('other', { url, token: 'secret' })
    expect((await errorOf(wrong.send({ url: '' }))).message).toContain('there is no tool other')
    const nobody = new PipelineClient<Page, never>('triage', { url: 'http://127.0.0.1:1' })
    expect((await errorOf(nobody.send({ url: '' }))).code).toBe('unreachable')
  })

  test('goes on following while the gateway is away for a moment.', async () => {
    const { client } = await serve({ unavailable: 2 })
    const updates = []
    for await (const update of client.follow({ id: 'j1' })) updates.push(update.status)
    expect(updates).toEqual(['Pending', 'Running', 'Running', 'Succeeded'])
  })

  test('gives up when its signal says so, with the reason.', async () => {
    const { client } = await serve({ updates: [{ status: 'Running' }, {}], breakAfter: 1 })
    const signal = AbortSignal.timeout(300)
    await expect(client.results({ id: 'j1' }, { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })

  test('puts an input that is no object into one.', async () => {
    const { gateway } = await serve()
    const client = new PipelineClient<string, never>('triage', { url: gateway.url }, 'payload')
    await client.send('a')
    expect(gateway.bodies).toEqual(['{"name":"triage","arguments":{"payload":"a"}}'])
  })
})

describe('asya client', () => {
  test('writes a module that needs nothing, the same each time, and calls as it is typed.', async () => {
    const code = await makeClient('triage.yaml', TRIAGE)
    expect(await makeClient('triage.yaml', TRIAGE)).toBe(code)
    expect(code).toMatch(/^\/\/ Made by `asya client` from triage.yaml: triage, version 1.0.0.\n/)
    expect(code).not.toMatch(/^import |import\(/m)
    // A type of the document gives way to one of the client.
    expect(code).toContain("export interface Job2 {\n  label: 'bill' | 'letter'\n}")
    expect(code).toContain('send(input: Page, options?: SendOptions): Promise<Job>')
    expect(code).toContain('Promise<readonly (Job2 | null)[]>')
    const { gateway } = await serve()
    const module: unknown = await import(project.write('triage-client.ts', code))
    const { TriageClient } = module as { TriageClient: new (options: object) => Client }
    const client = new TriageClient({ url: gateway.url })
    const job = await client.send({ url: 'https://a' })
    expect(await client.result(job)).toEqual([{ label: 'bill' }, null])
  })

  interface Client {
    send(input: Page): Promise<{ id: string }>
    result(job: { id: string }): Promise<unknown>
  }

  test('has types that refuse another input.', async () => {
    project.write('triage-client.ts', await makeClient('triage.yaml', TRIAGE))
    const path = project.write(
      'probe.mts',
      `import { TriageClient } from './triage-client.ts'
const client = new TriageClient({ url: 'http://localhost:8080' })
const job = await client.send({ url: 'https://a' })
for (const result of await client.result(job)) console.log(result?.label === 'bill')
await client.send({ link: 'https://a' })`,
    )
    const program = ts.createProgram([path], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      types: ['node'],
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      noEmit: true,
      skipLibCheck: true,
    })
    const told = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    expect(told).toEqual([expect.stringContaining("'link' does not exist in type 'Page'")])
  })

  test.each<[string, string]>([
    ['results: many', 'Promise<readonly (Job2 | null)[]>'],
    ['results: one', 'Promise<Job2>'],
    ['results: optional', 'Promise<Job2 | null>'],
    ['results: none', 'Promise<void>'],
  ])('says how many results there are: %s', async (said, type) => {
    const code = await makeClient('triage.yaml', TRIAGE.replace('results: many', said))
    expect(code).toContain(`async result(job: Job, options?: CallOptions): ${type}`)
  })

  test('refuses what is no document of a pipeline, with the place.', async () => {
    await expect(makeClient('classify.yaml', CLASSIFY)).rejects.toThrow(
      'classify.yaml:3: this is no document of a pipeline: info.x-pipeline.steps is missing',
    )
  })
})

import { decodeMessage, parseJson } from '@asya/protocol'
import { createMemoryBroker, type MemoryBroker } from '@asya/transport/in-memory'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeTool, startTestGateway, type TestGateway } from '../../testing/test-gateway.ts'
import { fixtureExtension } from './fixture-server.ts'

/** A gateway with the tools that the conformance suite calls; its jobs are real, their worker is a script. */
export async function startFixture(databaseUrl: string): Promise<TestGateway> {
  const broker = createMemoryBroker()
  const fixture = await startTestGateway({
    databaseUrl,
    broker,
    mcpExtension: {
      ...fixtureExtension,
      tools: [
        ...fixtureExtension.tools,
        {
          definition: {
            name: 'test_trigger_tool_change',
            description: 'Replaces the tools by themselves.',
            inputSchema: { type: 'object' },
          },
          call: async () => {
            fixture.gateway.tools.replace(fixture.gateway.tools.list())
            return { content: [{ type: 'text', text: 'The tools have changed.' }] }
          },
        },
      ],
    },
  })
  fixture.gateway.tools.replace([
    // Never called: the suite takes the first tool of the list to try its headers with.
    makeTool('a_first', ['greet'], { tasks: 'never' }),
    makeTool('confirm_delete', ['slow']),
    makeTool('slow_compute', ['slow']),
    makeTool('failing_job', ['failing'], { tasks: 'required' }),
    makeTool('protocol_error_job', [], {}),
    makeTool('test_tool_with_progress', ['progressing']),
  ])
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${fixture.url}/jobs/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const works: Readonly<Record<string, Work>> = {
    greet: async (payload) => ({ result: `Hello, ${String(payload['name'])}!` }),
    slow: async (payload) => {
      await sleep(1_000 * Number(payload['seconds'] ?? 0))
      return { result: { label: payload['label'] } }
    },
    failing: async () => {
      await sleep(1_000)
      const error = { type: 'processing_error', message: 'as it should', step: 'failing' }
      return { status: 'failed', error: { ...error, attempts: 1 } }
    },
    progressing: async (_, jobId) => {
      for (const percent of [10, 50, 90]) {
        const place = { step: 'progressing', step_index: 0, total_steps: 1, actor_name: 'p' }
        await post(`${jobId}/progress`, { ...place, status: 'processing', percent })
        await sleep(50)
      }
      return { result: 'done' }
    },
  }
  for (const [queue, work] of Object.entries(works)) {
    serve(broker, queue, async (payload, jobId) => {
      const end = await work(payload, jobId)
      await post(`${jobId}/final`, { status: 'succeeded', ...end })
      return {}
    })
  }
  return fixture
}

type Work = (payload: Readonly<Record<string, unknown>>, jobId: string) => Promise<object>

function serve(broker: MemoryBroker, queue: string, work: Work): void {
  void broker.connect().consume(queue, {
    prefetch: 100,
    onDelivery: (delivery) => {
      const decoded = decodeMessage(delivery.body)
      if (!decoded.ok) throw new Error(decoded.failure.reason)
      const { payload, jobId = '' } = decoded.message
      // The gateway may be closed before a long work ends.
      work(parseJson(payload) as Record<string, unknown>, jobId).catch(() => undefined)
      delivery.settle('acknowledge')
    },
  })
}

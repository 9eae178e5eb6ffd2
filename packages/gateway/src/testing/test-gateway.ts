import { decodeMessage, type Message } from '@asya/protocol'
import { createLogger, createSilentLogger } from '@asya/service/logger'
import { createMemoryBroker, type MemoryBroker } from '@asya/transport/in-memory'
import { Gateway, type GatewayOptions } from '../gateway.ts'
import type { McpExtension } from '../mcp/mcp-endpoint.ts'
import { compileCheck } from '../tools/check-arguments.ts'
import type { GatewayTool } from '../tools/tool.ts'

export interface TestGateway {
  readonly gateway: Gateway
  readonly url: string
  readonly broker: MemoryBroker
  /** Takes the next message of a queue, as a sidecar would. */
  take(queue: string): Promise<Message>
  close(): Promise<void>
}

export type TestGatewayOptions = Partial<Omit<GatewayOptions, 'databaseUrl'>> & {
  readonly databaseUrl: string
  readonly tools?: GatewayOptions['tools']
  readonly broker?: MemoryBroker
  readonly mcpExtension?: McpExtension
  /** Takes the lines of its log. */
  readonly onLog?: (line: string) => void
}

/** A gateway on a free port, with queues in memory. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const { broker = createMemoryBroker(), onLog, mcpExtension, ...rest } = options
  const transport = broker.connect()
  const gateway = new Gateway(
    {
      databaseConnections: 10,
      host: '127.0.0.1',
      port: 0,
      tools: { catalogPath: undefined, configPath: undefined, defaults: { timeoutMs: 60_000 } },
      jobs: { retentionMs: 86_400_000, silentMs: 60_000 },
      dashboard: { showsPayloads: true },
      limits: { maxBodyBytes: 1024 * 1024, maxStreams: 1_000 },
      mcp: { syncWaitMs: 25_000, streamWaitMs: 50_000 },
      ...rest,
    },
    {
      transport,
      mcpExtension,
      logger: onLog ? createLogger({ level: 'debug', write: onLog }) : createSilentLogger(),
    },
  )
  await gateway.start()
  return {
    gateway,
    broker,
    url: `http://127.0.0.1:${gateway.port}`,
    take: (queue) => takeOne(broker, queue),
    close: async () => {
      await gateway.close(1_000)
      await transport.close()
    },
  }
}

/** A tool that takes any object, and runs these steps. */
export function makeTool(
  name: string,
  route: readonly string[],
  more: Partial<GatewayTool> = {},
): GatewayTool {
  const inputSchema = { type: 'object' }
  return {
    ...{ name, description: undefined, inputSchema, outputSchema: undefined, route },
    ...{ results: 'one' as const, timeoutMs: 60_000, isPartial: false },
    toPayload: compileCheck(inputSchema, undefined),
    ...more,
  }
}

async function takeOne(broker: MemoryBroker, queue: string): Promise<Message> {
  const transport = broker.connect()
  try {
    const body = await new Promise<Uint8Array>((resolve, reject) => {
      const onDelivery = (delivery: {
        body: Uint8Array
        settle(how: 'acknowledge'): boolean
      }): void => {
        resolve(delivery.body)
        delivery.settle('acknowledge')
      }
      transport.consume(queue, { prefetch: 1, onDelivery }).catch(reject)
    })
    const decoded = decodeMessage(body)
    if (!decoded.ok) throw new Error(decoded.failure.reason)
    return decoded.message
  } finally {
    await transport.close()
  }
}

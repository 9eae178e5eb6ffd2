import { writeFileSync } from 'node:fs'
import { startPostgres } from '@asya/gateway/postgres'
import { startBroker } from '@asya/transport/rabbitmq/broker'
import { makeScratch, pathOf, start, type Started } from './processes.ts'

/** A gateway as it is installed: a process of its own, a real broker and a real, durable PostgreSQL. */
export interface GatewayRig {
  readonly url: string
  readonly process: Started
  readonly brokerUrl: string
  /** Of another database on the same server. */
  readonly databaseUrl: string
}

export interface ToolRoute {
  readonly name: string
  readonly route: readonly string[]
}

const PORT = 18_080

export async function* onGateway<T>(
  tools: readonly ToolRoute[],
  bench: (rig: GatewayRig) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const broker = await startBroker({ say })
  const postgres = await startPostgres()
  const scratch = makeScratch()
  try {
    const catalogPath = scratch.path('tools.json')
    writeFileSync(catalogPath, JSON.stringify(toCatalog(tools)))
    const gateway = await start({
      args: [pathOf('packages/gateway/dist/main.js')],
      environment: {
        ASYA_DATABASE_URL: postgres.url,
        ASYA_RABBITMQ_URL: broker.handle.url,
        ASYA_CATALOG_PATH: catalogPath,
        ASYA_GATEWAY_PORT: String(PORT),
      },
      readyText: '"started"',
    })
    try {
      const url = `http://127.0.0.1:${PORT}`
      yield* bench({
        ...{ url, process: gateway, brokerUrl: broker.handle.url },
        databaseUrl: postgres.url.replace(/[^/]+$/, 'template1'),
      })
    } finally {
      await gateway.stop()
    }
  } finally {
    scratch.remove()
    await postgres.close()
    await broker.close()
  }
}

function toCatalog(tools: readonly ToolRoute[]): unknown {
  const inputSchema = { type: 'object', properties: { text: { type: 'string' } } }
  return {
    catalog: 1,
    tools: tools.map(({ name, route }) => ({ name, inputSchema, results: 'one', route })),
  }
}

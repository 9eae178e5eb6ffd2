import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenAddress } from './environment.ts'

/**
 * A small HTTP server for health, readiness and metrics.
 *
 * `process.getBuiltinModule`: an `import` of node:http evaluates all its getters, among them one that
 * loads the WebSocket client (12 MiB, 40 ms) for nothing.
 */
const http = process.getBuiltinModule('node:http')

export interface OpsAnswer {
  readonly status: number
  readonly body: string
  readonly contentType?: string
}

/** Answers of one path, by method and path: `GET /health`. */
export type OpsRoutes = Readonly<Record<string, () => OpsAnswer | Promise<OpsAnswer>>>

export interface OpsServer {
  readonly port: number
  close(): Promise<void>
}

/** Listens; rejects when the address is taken. */
export async function startOpsServer(
  address: ListenAddress,
  routes: OpsRoutes,
): Promise<OpsServer> {
  const server = http.createServer((request, response) => {
    void answer(routes, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address.port, address.host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return { port: portOf(server), close: () => closeServer(server) }
}

async function answer(
  routes: OpsRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const route = routes[`${request.method ?? 'GET'} ${path}`]
  const result = route
    ? await runRoute(route)
    : { status: 404, body: `there is ${Object.keys(routes).join(', ')}\n` }
  response.writeHead(result.status, { 'content-type': result.contentType ?? 'text/plain' })
  response.end(result.body)
}

async function runRoute(route: () => OpsAnswer | Promise<OpsAnswer>): Promise<OpsAnswer> {
  try {
    return await route()
  } catch (error) {
    return { status: 500, body: `${String(error)}\n` }
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) =>
    server.close(() => {
      resolve()
    }),
  )
}

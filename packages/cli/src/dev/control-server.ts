import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import { controlUrl } from './state-file.ts'

/** An HTTP server on this machine alone, whose every path begins with a secret. */
export interface ControlServer {
  readonly port: number
  readonly token: string
  /** Where sidecars and commands reach it. */
  readonly url: string
  close(): Promise<void>
}

export interface ControlRequest {
  /** The parts of the path that stand for `:name` in the route. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Buffer
}

/** An answer at once, or lines as they come: `start` returns what stops them. */
export type ControlAnswer =
  | { readonly status: number; readonly json?: unknown }
  | { readonly status: number; readonly start: (stream: LineStream) => () => void }

export interface LineStream {
  write(line: unknown): void
  end(): void
}

export type ControlRoutes = Readonly<
  Record<string, (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>>
>

/** Listens on a free port. Routes by method and path: `GET /jobs/:id/events`. */
export async function startControlServer(routes: ControlRoutes): Promise<ControlServer> {
  const token = randomBytes(24).toString('base64url')
  const table = Object.entries(routes).map(([route, handle]) => ({ ...readRoute(route), handle }))
  const server = createServer((request, response) => {
    void serve({ table, token }, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    port,
    token,
    url: controlUrl({ port, token }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Route {
  readonly method: string
  readonly parts: readonly string[]
  readonly handle: ControlRoutes[string]
}

interface Table {
  readonly table: readonly Route[]
  readonly token: string
}

function readRoute(route: string): Omit<Route, 'handle'> {
  const [method = '', path = ''] = route.split(' ', 2)
  return { method, parts: path.split('/').slice(1) }
}

async function serve(
  { table, token }: Table,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const [secret, ...parts] = url.pathname.split('/').slice(1).map(decodeURIComponent)
    const found = secret === token ? findRoute(table, request.method ?? '', parts) : undefined
    if (!found) {
      send(response, { status: 404, json: { error: 'no such path' } })
      return
    }
    const body = await readBody(request)
    const { params, handle } = found
    send(response, await handle({ params, query: url.searchParams, body }))
  } catch (error) {
    if (!response.headersSent) send(response, { status: 500, json: { error: String(error) } })
    else response.destroy()
  }
}

function findRoute(table: readonly Route[], method: string, parts: readonly string[]) {
  for (const route of table) {
    if (route.method !== method || route.parts.length !== parts.length) continue
    const params: Record<string, string> = {}
    const isMatch = route.parts.every((part, index) => {
      const given = parts[index] ?? ''
      if (!part.startsWith(':')) return part === given
      params[part.slice(1)] = given
      return true
    })
    if (isMatch) return { params, handle: route.handle }
  }
  return undefined
}

/** Larger than any message that a queue takes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = chunk as Buffer
    size += bytes.length
    if (size > MAX_BODY_BYTES) throw new Error(`the request has more than ${MAX_BODY_BYTES} bytes`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, answer: ControlAnswer): void {
  if (!('start' in answer)) {
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.json ?? {}))
    return
  }
  response.writeHead(answer.status, { 'content-type': 'application/x-ndjson' })
  response.flushHeaders()
  const stop = answer.start({
    write: (line) => void response.write(`${JSON.stringify(line)}\n`),
    end: () => void response.end(),
  })
  response.on('close', stop)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** What the gateway's REST part is said to do, as far as clients use it. */
export interface ScriptedGateway {
  readonly url: string
  /** `GET /jobs/j1/stream 3`: what was asked, with the Last-Event-ID. */
  readonly calls: readonly string[]
  readonly bodies: readonly string[]
  close(): Promise<void>
}

export interface Script {
  readonly token?: string
  /** All that ever happens to the job `j1`, in order; the last one ends it. */
  readonly updates: readonly object[]
  /** Of `GET /jobs/j1` once all were told. */
  readonly end: object
  /** The connection breaks behind each so many events. */
  readonly breakAfter?: number
  /** So many calls are first answered with 503. */
  readonly unavailable?: number
}

interface Answer {
  readonly status: number
  readonly json?: object
}

function refuse(status: number, message: string): Answer {
  return { status, json: { error: { message } } }
}

/** Serves one pipeline, `triage`, with one job. */
export async function startGateway(script: Script): Promise<ScriptedGateway> {
  const calls: string[] = []
  const bodies: string[] = []
  let unavailable = script.unavailable ?? 0
  let told = 0

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    const lastId = headers['last-event-id']
    calls.push(`${method} ${url}${typeof lastId === 'string' ? ` ${lastId}` : ''}`)
    const { status, json } = answer(request, await text(request))
    if (status === 200 && url === '/jobs/j1/stream') {
      stream(response, Number(lastId ?? 0))
      return
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(json && JSON.stringify(json))
  }

  function answer({ method = '', url = '', headers }: IncomingMessage, body: string): Answer {
    if (script.token !== undefined && headers.authorization !== `Bearer ${script.token}`)
      return refuse(401, 'the token is missing')
    if (unavailable-- > 0) return refuse(503, 'the database is away')
    if (method === 'POST' && url === '/tools/call') {
      bodies.push(body)
      const { name } = JSON.parse(body) as { name: string }
      return name === 'triage'
        ? { status: 202, json: { job_id: 'j1' } }
        : refuse(404, `there is no tool ${name}`)
    }
    if (url === '/jobs/j1/stream') return { status: 200 }
    if (url !== '/jobs/j1') return refuse(404, 'there is no such job')
    if (method === 'DELETE') return { status: 204 }
    const isRunning = told < script.updates.length
    return { status: 200, json: isRunning ? { id: 'j1', status: 'Running' } : script.end }
  }

  function stream(response: ServerResponse, from: number): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': heartbeat\r\n\r\n')
    const until = Math.min(from + (script.breakAfter ?? Infinity), script.updates.length)
    for (let at = from; at < until; at++)
      response.write(
        `id: ${at + 1}\r\nevent: update\r\ndata: ${JSON.stringify(script.updates[at])}\r\n\r\n`,
      )
    told = until
    if (until === script.updates.length) response.end()
    else setTimeout(() => response.destroy(), 20)
  }

  const server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    bodies,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

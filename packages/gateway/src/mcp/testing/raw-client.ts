import { randomUUID } from 'node:crypto'

/** What a client of revision 2026-07-28 sends, for what its library does not show. */

interface Place {
  readonly url: string
}

export const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

export interface RawRequest {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly meta?: Readonly<Record<string, unknown>>
  readonly capabilities?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Instead of the JSON of all this. */
  readonly body?: string
}

export function send({ url }: Place, request: RawRequest): Promise<Response> {
  const { method, params = {}, meta, capabilities = {}, headers, signal, body } = request
  const name = params['name'] ?? params['taskId']
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...meta,
  }
  const id = randomUUID()
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: body ?? JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
    ...(signal && { signal }),
  })
}

export interface RpcAnswer {
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

export async function ask(gateway: Place, request: RawRequest): Promise<RpcAnswer> {
  const response = await send(gateway, request)
  return (await response.json()) as RpcAnswer
}

/** The messages of a stream, as they come. */
export async function* readMessages(response: Response): AsyncGenerator<Record<string, unknown>> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data !== undefined) yield JSON.parse(data) as Record<string, unknown>
    }
  }
}

import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const AGENT = new Agent({ keepAlive: true, maxSockets: 50 })

/** Asks as `fetch` would not: with any Host, any path and any header. */
export function askRaw(baseUrl: string, asked: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl)
  const { method = 'GET', path, headers = {}, body } = asked
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path, headers, agent: AGENT })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      // The stream of a list has no end: that it began is the answer.
      if (path === '/jobs/stream' && response.statusCode === 200) {
        resolve({ status: 200, headers: response.headers, text: '' })
        response.destroy()
      }
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
    })
    request.end(body)
  })
}

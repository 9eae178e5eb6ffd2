/**
 * One POST with JSON. `process.getBuiltinModule`: an `import` of node:http evaluates all its getters,
 * among them one that loads the WebSocket client (12 MiB); `fetch` would load it too.
 */
const http = process.getBuiltinModule('node:http')

const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })

/** Far more than any answer of the gateway; the rest is not read. */
const MAX_ANSWER_BYTES = 64 * 1024

export interface PostAnswer {
  readonly status: number
  readonly body: string
}

export interface PostOptions {
  readonly timeoutMs: number
  /** Shown as a bearer token. */
  readonly token: string | undefined
}

/** Posts JSON; rejects when there is no whole answer within `timeoutMs`. */
export function postJson(
  url: string,
  body: Uint8Array,
  { timeoutMs, token }: PostOptions,
): Promise<PostAnswer> {
  const isSecure = url.startsWith('https:')
  const client = isSecure ? process.getBuiltinModule('node:https') : http
  return new Promise((resolve, reject) => {
    const request = client.request(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(isSecure ? {} : { agent }),
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size <= MAX_ANSWER_BYTES) chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() })
      })
    })
    request.end(body)
  })
}

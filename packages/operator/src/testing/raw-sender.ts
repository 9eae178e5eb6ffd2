import type { KubeConfig } from '@kubernetes/client-node'
import { Connection } from '../kube/connection.ts'

/** What an API server answered. */
export interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface Content {
  readonly body: object
  /** `application/json` when left out. */
  readonly type?: string
}

/** Sends requests as they stand, for what the client has no word for. */
export class RawSender {
  readonly #connection: Connection

  constructor(kubeConfig: KubeConfig) {
    this.#connection = new Connection(kubeConfig, 'asya-tests')
  }

  async send(method: string, path: string, content?: Content): Promise<Answer> {
    const { status, body } = await this.#connection.send({
      method,
      path,
      timeoutMs: 30_000,
      signal: new AbortController().signal,
      ...(content && {
        body: JSON.stringify(content.body),
        contentType: content.type ?? 'application/json',
      }),
    })
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk as Buffer)
    return { status, body: parseBody(Buffer.concat(chunks).toString()) }
  }

  close(): void {
    this.#connection.close()
  }
}

function parseBody(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body']
  } catch {
    return { message: text }
  }
}

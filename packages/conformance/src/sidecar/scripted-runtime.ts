import { rmSync } from 'node:fs'
import net from 'node:net'
import { decodeRequest, type Request } from '@asya/protocol'
import { CLOSED, FrameStream } from '../peer.ts'

/** What a case does with a request: writes frames, or closes, or stays silent. */
export type Script = (stream: FrameStream, asked: Asked) => void

/** A request as it came. */
export interface Asked {
  readonly body: Buffer
  readonly request: Request
}

const NOTHING: Script = (stream) => {
  stream.sendJson([])
}

/** A runtime that does what a case says, with whatever the sidecar asks it. */
export class ScriptedRuntime {
  readonly #path: string
  readonly #server: net.Server
  readonly #streams = new Set<FrameStream>()
  /** By the id of the message. */
  readonly #scripts = new Map<string, Script>()

  constructor(path: string) {
    this.#path = path
    this.#server = net.createServer((socket) => {
      void this.#serve(new FrameStream(socket))
    })
  }

  async open(): Promise<void> {
    rmSync(this.#path, { force: true })
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#path, resolve)
    })
  }

  /** What is done with the requests for a message. */
  script(id: string, script: Script): void {
    this.#scripts.set(id, script)
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const stream of this.#streams) stream.close()
    await closed
  }

  async #serve(stream: FrameStream): Promise<void> {
    this.#streams.add(stream)
    for (;;) {
      const body = await stream.next(FOREVER_MS)
      if (body === CLOSED) break
      const decoded = decodeRequest(body)
      if (!decoded.ok) {
        stream.close()
        break
      }
      const { request } = decoded
      const script = this.#scripts.get(request.message.id ?? '') ?? NOTHING
      script(stream, { body, request })
    }
    this.#streams.delete(stream)
  }
}

const FOREVER_MS = 2 ** 31 - 1

import type { ServerResponse } from 'node:http'
import type { Kind } from './kinds.ts'
import type { Change, Row, Table } from './table.ts'

export interface WatchRequest {
  readonly kind: Kind
  readonly table: Table
  /** Of the whole server, now. */
  readonly version: () => number
  readonly isWanted: (row: Row) => boolean
  /** Undefined: everything that there is comes first. */
  readonly from: number | undefined
  readonly timeoutMs: number
  /** Between two bookmarks; undefined if none are wanted. */
  readonly bookmarkMs: number | undefined
  readonly mischief: Mischief | undefined
}

/** What befalls it, after so many events. */
export interface Mischief {
  readonly type: 'cut' | 'silent' | 'expire' | 'repeat'
  readonly afterEvents: number
}

/**
 * Sends what happens, line by line, until its time is over or the reader goes. A watch that has gone
 * silent holds its connection until the server closes.
 */
export class WatchStream {
  readonly #response: ServerResponse
  readonly #request: WatchRequest
  readonly #cleanups: (() => void)[] = []
  #sent = 0
  #isSilent = false
  #isOver = false

  constructor(response: ServerResponse, request: WatchRequest) {
    this.#response = response
    this.#request = request
  }

  start(): void {
    const { table, from, timeoutMs, bookmarkMs } = this.#request
    this.#response.writeHead(200, { 'content-type': 'application/json' })
    this.#response.flushHeaders()
    this.#response.on('close', () => this.#stop())
    if (from !== undefined && !table.isKnownSince(from)) {
      this.#expire(`too old resource version: ${from} (${this.#request.version()})`)
      return
    }
    if (from === undefined) {
      for (const row of table.all()) if (this.#request.isWanted(row)) this.#send('ADDED', row.text)
    } else for (const change of table.changesSince(from)) this.#tell(change)
    this.#cleanups.push(table.listen((change) => this.#tell(change)))
    const end = setTimeout(() => this.#end(), timeoutMs)
    this.#cleanups.push(() => clearTimeout(end))
    if (bookmarkMs === undefined) return
    const bookmarks = setInterval(() => this.#bookmark(), bookmarkMs)
    this.#cleanups.push(() => clearInterval(bookmarks))
  }

  /** What is not wanted any more is told as gone, and what begins to be wanted as new. */
  #tell({ before, after, last }: Change): void {
    const { isWanted } = this.#request
    const wasWanted = before !== undefined && isWanted(before)
    if (after !== undefined && isWanted(after))
      this.#send(wasWanted ? 'MODIFIED' : 'ADDED', after.text)
    else if (wasWanted) this.#send('DELETED', last.text)
  }

  #send(type: string, text: string): void {
    if (this.#isOver || this.#isSilent) return
    const { mischief } = this.#request
    const line = `{"type":"${type}","object":${text}}\n`
    if (mischief !== undefined && this.#sent >= mischief.afterEvents) {
      switch (mischief.type) {
        case 'silent':
          this.#isSilent = true
          return
        case 'expire':
          this.#expire('too old resource version')
          return
        case 'cut':
          this.#response.write(line.slice(0, line.length / 2), () => this.#response.destroy())
          this.#stop()
          return
        case 'repeat':
          this.#response.write(line)
      }
    }
    this.#sent += 1
    this.#response.write(line)
  }

  #bookmark(): void {
    if (this.#isOver || this.#isSilent) return
    const { apiVersion, kind } = this.#request.kind.resource
    const metadata = { resourceVersion: String(this.#request.version()), creationTimestamp: null }
    const text = JSON.stringify({ apiVersion, kind, metadata })
    this.#response.write(`{"type":"BOOKMARK","object":${text}}\n`)
  }

  #expire(message: string): void {
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' }
    const object = { ...status, message, reason: 'Expired', code: 410 }
    this.#response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`)
    this.#stop()
  }

  #end(): void {
    // A silent one stays silent.
    if (this.#isSilent) return
    // So that the next watch need not begin far back.
    if (this.#request.bookmarkMs !== undefined) this.#bookmark()
    this.#response.end()
    this.#stop()
  }

  #stop(): void {
    this.#isOver = true
    for (const cleanup of this.#cleanups.splice(0)) cleanup()
  }
}

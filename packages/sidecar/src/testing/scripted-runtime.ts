import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesToText, decodeRequest, encodeFrame, FrameReader, isShutdown } from '@asya/protocol'
import type { Request } from '@asya/protocol'

/** One request as the scripted runtime sees it. */
export interface ScriptedCall {
  readonly request: Request
  /** The payload, parsed. */
  readonly payload: unknown
  /** Writes a frame with this JSON. */
  reply(json: unknown): void
  /** Writes a frame with these bytes. */
  replyRaw(body: string | Uint8Array): void
  /** Writes these bytes as they are. */
  write(bytes: Uint8Array): void
  /** Closes this connection. */
  hangUp(): void
  /** Resolves when the caller closes the connection. */
  readonly closed: Promise<void>
}

export type Script = (call: ScriptedCall) => void

/** A runtime that does what a test says, behind a real Unix socket. */
export class ScriptedRuntime {
  readonly socketPath: string
  readonly calls: ScriptedCall[] = []
  /** Connections accepted so far. */
  connections = 0
  script: Script
  /** How often it was asked to end. */
  shutdowns = 0
  /** What it does then; else it answers as one that does not know the request. */
  onShutdown: (() => void) | undefined
  readonly #directory: string
  readonly #sockets = new Set<net.Socket>()
  #server: net.Server | undefined

  constructor(script: Script) {
    this.script = script
    this.#directory = mkdtempSync(join(tmpdir(), 'asya-runtime-'))
    this.socketPath = join(this.#directory, 'app.sock')
  }

  async start(): Promise<void> {
    const server = net.createServer((socket) => {
      this.#accept(socket)
    })
    this.#server = server
    await new Promise<void>((resolve) => {
      server.listen(this.socketPath, resolve)
    })
  }

  /** What a crash does: no listener, and all connections gone at once. */
  async crash(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async close(): Promise<void> {
    await this.crash()
    rmSync(this.#directory, { recursive: true })
  }

  #accept(socket: net.Socket): void {
    this.connections++
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    const closed = new Promise<void>((resolve) => {
      socket.on('close', () => {
        this.#sockets.delete(socket)
        resolve()
      })
    })
    const reader = new FrameReader()
    socket.on('data', (chunk: Buffer) => {
      for (const event of reader.push(chunk))
        if (event.type === 'frame') this.#serve(event.body, socket, closed)
    })
  }

  #serve(body: Buffer, socket: net.Socket, closed: Promise<void>): void {
    if (isShutdown(body)) {
      this.shutdowns++
      if (this.onShutdown) this.onShutdown()
      else socket.write(encodeFrame(Buffer.from('[{"error":"msg_parsing_error"}]')))
      return
    }
    const decoded = decodeRequest(body)
    if (!decoded.ok) throw new Error(`the sidecar sent no request: ${decoded.failure.reason}`)
    const { request } = decoded
    const write = (bytes: Uint8Array): void => {
      socket.write(bytes)
    }
    const call: ScriptedCall = {
      request,
      payload: JSON.parse(bytesToText(request.message.payload)) as unknown,
      reply: (json) => {
        write(encodeFrame(Buffer.from(JSON.stringify(json))))
      },
      replyRaw: (raw) => {
        write(encodeFrame(Buffer.from(raw)))
      },
      write,
      hangUp: () => {
        socket.destroy()
      },
      closed,
    }
    this.calls.push(call)
    this.script(call)
  }
}

/** Answers the payload that came. */
export const echo: Script = (call) => {
  call.replyRaw(`[{"payload":${bytesToText(call.request.message.payload)}}]`)
}

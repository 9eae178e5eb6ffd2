import { connect, type ChannelModel } from 'amqplib'
import { TransportError } from '../transport.ts'
import { backOffMs } from './backoff.ts'
import { withDeadline } from './deadline.ts'
import { describeEndpoint, readConnectOptions } from './endpoint.ts'
import { explainError } from './explain-error.ts'
import type { Settings } from './options.ts'

/**
 * One connection to the broker, remade for as long as it is wanted:
 *
 *   connecting → open → (lost) waiting → connecting … ; from each of them → closed
 *
 * L1 What was prepared on one connection is handed out while that connection is open, and never
 *    again: the next one has its own.
 * L2 No wait is for ever: a peer that takes the connection and says nothing, or goes on saying a
 *    little, is given up at the deadline, and its socket destroyed.
 * L3 Secrets and certificates are read anew for each attempt.
 * L4 After `close` there is no socket and no timer.
 */
type Phase<T> =
  | { readonly type: 'connecting'; readonly socket: AbortController }
  | { readonly type: 'open'; readonly connection: Connection<T> }
  | { readonly type: 'waiting'; readonly timer: NodeJS.Timeout; readonly reason: string }
  | { readonly type: 'closed' }

interface Connection<T> {
  readonly model: ChannelModel
  /** Aborting it destroys the socket. */
  readonly socket: AbortController
  readonly prepared: T
}

export interface LinkParts<T> {
  /** For people: `publishing`, `consuming`. */
  readonly name: string
  readonly settings: Settings
  /** Makes a fresh connection usable; when it rejects the connection is given up. */
  readonly prepare: (model: ChannelModel) => Promise<T>
  readonly onOpen: (prepared: T) => void
  readonly onLost: (reason: string) => void
}

export class Link<T> {
  readonly #parts: LinkParts<T>
  readonly #waiters = new Set<() => void>()
  #phase: Phase<T>
  #failures = 0

  constructor(parts: LinkParts<T>) {
    this.#parts = parts
    const socket = new AbortController()
    this.#phase = { type: 'connecting', socket }
    void this.#connect(socket)
  }

  /** What is prepared on the connection that is open now (L1). */
  get current(): T | undefined {
    return this.#phase.type === 'open' ? this.#phase.connection.prepared : undefined
  }

  /** Resolves when it is open; rejects when it is closed, or not open in time, and says why. */
  async whenOpen(timeoutMs: number): Promise<T> {
    const endsAt = performance.now() + timeoutMs
    for (;;) {
      if (this.current !== undefined) return this.current
      const leftMs = endsAt - performance.now()
      if (this.#phase.type === 'closed' || leftMs <= 0) throw new TransportError(this.#explain())
      await this.#nextChange(leftMs)
    }
  }

  /** Gives the open connection up, and makes another. */
  remake(reason: string): void {
    if (this.#phase.type === 'open') this.#lose(this.#phase.connection, reason)
  }

  /** Takes leave of the broker, within a time, and ends it all (L4). Idempotent. */
  async close(timeoutMs: number): Promise<void> {
    const phase = this.#phase
    this.#become({ type: 'closed' })
    switch (phase.type) {
      case 'connecting':
        phase.socket.abort()
        return
      case 'waiting':
        clearTimeout(phase.timer)
        return
      case 'open': {
        const { model, socket } = phase.connection
        await withDeadline(model.close(), timeoutMs, 'close').catch(() => undefined)
        socket.abort()
        return
      }
      case 'closed':
    }
  }

  async #connect(socket: AbortController): Promise<void> {
    const { prepare, settings, name, onOpen } = this.#parts
    try {
      const model = await this.#open(socket)
      let lostBecause: string | undefined
      let tellLoss = (_reason: string): void => undefined
      model.on('error', (error) => {
        lostBecause = explainError(error)
      })
      model.on('close', (error) => {
        lostBecause ??= error ? explainError(error) : 'it was closed'
        tellLoss(lostBecause)
      })
      const prepared = await withDeadline(prepare(model), settings.answerTimeoutMs, 'prepare')
      // It may be lost already, or not be wanted any more.
      if (lostBecause !== undefined) throw new TransportError(lostBecause)
      if (this.#phase.type !== 'connecting' || this.#phase.socket !== socket) {
        socket.abort()
        return
      }
      const connection = { model, socket, prepared }
      tellLoss = (reason) => this.#lose(connection, reason)
      this.#failures = 0
      this.#become({ type: 'open', connection })
      const place = describeEndpoint(settings.endpoint)
      settings.notify({ event: 'connected', message: `${name} through ${place}` })
      onOpen(prepared)
    } catch (error) {
      this.#fail(socket, explainError(error))
    }
  }

  /** L2, L3 */
  async #open(socket: AbortController): Promise<ChannelModel> {
    const { settings } = this.#parts
    const { connectTimeoutMs, heartbeatS, endpoint } = settings
    const { url, tls } = await readConnectOptions(endpoint)
    const socketOptions = {
      ...tls,
      noDelay: true,
      keepAlive: true,
      timeout: connectTimeoutMs,
      clientProperties: { connection_name: `asya ${this.#parts.name}` },
      // Node's own option: the client has no way to destroy a socket that does not close.
      signal: socket.signal,
    }
    const connecting = connect({ ...url, heartbeat: heartbeatS }, socketOptions)
    // An error that nobody listens for would end the process, also one that comes too late.
    void connecting.then(
      (model) => model.on('error', () => undefined),
      () => undefined,
    )
    return withDeadline(connecting, connectTimeoutMs, 'connect')
  }

  #fail(socket: AbortController, reason: string): void {
    socket.abort()
    if (this.#phase.type !== 'connecting' || this.#phase.socket !== socket) return
    const { name, settings } = this.#parts
    const place = describeEndpoint(settings.endpoint)
    settings.notify({ event: 'unreachable', message: `${name} through ${place}: ${reason}` })
    this.#wait(reason)
  }

  #lose(connection: Connection<T>, reason: string): void {
    connection.socket.abort()
    if (this.#phase.type !== 'open' || this.#phase.connection !== connection) return
    const { name, settings, onLost } = this.#parts
    settings.notify({ event: 'lost', message: `${name}: ${reason}` })
    this.#wait(reason)
    onLost(reason)
  }

  #wait(reason: string): void {
    this.#failures += 1
    const timer = setTimeout(
      () => {
        const socket = new AbortController()
        this.#become({ type: 'connecting', socket })
        void this.#connect(socket)
      },
      backOffMs(this.#failures, Math.random()),
    )
    this.#become({ type: 'waiting', timer, reason })
  }

  #become(phase: Phase<T>): void {
    this.#phase = phase
    for (const wake of this.#waiters) wake()
  }

  async #nextChange(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        this.#waiters.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, withinMs)
      this.#waiters.add(wake)
    })
  }

  #explain(): string {
    const place = describeEndpoint(this.#parts.settings.endpoint)
    if (this.#phase.type === 'closed') return `The connection to ${place} is closed`
    const reason = this.#phase.type === 'waiting' ? this.#phase.reason : 'it does not answer'
    return `RabbitMQ at ${place} cannot be used: ${reason}`
  }
}

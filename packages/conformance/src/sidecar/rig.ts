import { randomUUID } from 'node:crypto'
import {
  decodeMessage,
  ERROR_END,
  HAPPY_END,
  parseJson,
  type JsonBytes,
  type Message,
} from '@asya/protocol'
import type { Delivery, Transport } from '@asya/transport'
import { Mismatch, show, type Case } from '../suite.ts'
import { ScriptedRuntime, type Script } from './scripted-runtime.ts'

/** The queue that the sidecar consumes; the next step of every route. */
export interface SidecarPlace {
  readonly socketPath: string
  readonly queue: string
  readonly next: string
}

/** What reached a queue. */
export interface Arrived {
  readonly queue: string
  readonly message: Message
}

/** How long a message may take on its way through the sidecar. */
const ARRIVAL_MS = 15_000

/**
 * A sidecar between its queue and a scripted runtime. It is started by whoever runs the suite, as
 * docs/conformance.md says, before or after the rig.
 */
export class SidecarRig {
  readonly place: SidecarPlace
  readonly runtime: ScriptedRuntime
  readonly #transport: Transport
  readonly #arrived: Arrived[] = []
  #onArrival: (() => void) | undefined

  constructor(place: SidecarPlace, transport: Transport) {
    this.place = place
    this.runtime = new ScriptedRuntime(place.socketPath)
    this.#transport = transport
  }

  async open(): Promise<void> {
    for (const queue of [this.place.next, HAPPY_END, ERROR_END])
      await this.#transport.consume(queue, {
        prefetch: 1_000,
        onDelivery: (delivery) => {
          this.#take(queue, delivery)
        },
      })
    await this.runtime.open()
  }

  async close(): Promise<void> {
    await this.runtime.close()
  }

  /** Sends a message to the sidecar, with what its runtime does; returns its id. */
  async send(script: Script, members: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const id = randomUUID()
    this.runtime.script(id, script)
    const { queue, next } = this.place
    const route = { steps: [queue, next], current: 0 }
    const message = { id, route, payload: { of: id }, ...members }
    await this.sendBody(Buffer.from(JSON.stringify(message)), id)
    return id
  }

  /** Sends bytes as they are. The queue may not be declared yet: then the sidecar still starts. */
  async sendBody(body: Uint8Array, messageId: string): Promise<void> {
    const endsAt = performance.now() + ARRIVAL_MS
    const { queue } = this.place
    for (;;) {
      const result = await this.#transport.publish({ queue, body, messageId })
      if (result.type === 'confirmed') return
      if (performance.now() > endsAt)
        throw new Mismatch(`nobody declares the queue ${queue}: does the sidecar run?`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  /** Waits for what belongs to a message: itself, or its children. */
  async collect(id: string, count = 1): Promise<readonly Arrived[]> {
    const belongs = ({ message }: Arrived): boolean =>
      message.id === id || message.parentId === id || originOf(message) === id
    const endsAt = performance.now() + ARRIVAL_MS
    for (;;) {
      const mine = this.#arrived.filter(belongs)
      if (mine.length >= count) return mine
      const left = endsAt - performance.now()
      if (left <= 0) throw new Mismatch(`${mine.length} of ${count} messages arrived`)
      await new Promise<void>((resolve) => {
        this.#onArrival = resolve
        setTimeout(resolve, Math.min(left, 500))
      })
    }
  }

  /** The one message that follows from another. */
  async follow(id: string): Promise<Arrived> {
    const [first] = await this.collect(id)
    if (!first) throw new Mismatch('nothing arrived')
    return first
  }

  #take(queue: string, delivery: Delivery): void {
    const decoded = decodeMessage(delivery.body)
    delivery.settle('acknowledge')
    if (!decoded.ok) return
    this.#arrived.push({ queue, message: decoded.message })
    this.#onArrival?.()
  }
}

/** A body that was no message is kept as its base64 text, by which a case knows it. */
function originOf({ payload }: Message): string | undefined {
  const text = parseJson(payload)
  return typeof text === 'string' ? text : undefined
}

export type SidecarCase = Case<SidecarRig>

/** The error of a message at error-end. @throws Mismatch when it is elsewhere */
export function readError({ queue, message }: Arrived): Readonly<Record<string, unknown>> {
  const error = message.error && parseJson(message.error)
  if (queue !== ERROR_END || typeof error !== 'object' || error === null)
    throw new Mismatch(`it went to ${queue}, with ${show(toText(message.payload))}`)
  return error as Readonly<Record<string, unknown>>
}

export function toText(bytes: JsonBytes): string {
  return Buffer.from(bytes).toString()
}

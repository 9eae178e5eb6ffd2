import type { Logger } from '@asya/service/logger'
import { MAX_SAID_BYTES, type Replicas } from '../database/replicas.ts'
import type { Asker } from './asker.ts'
import type { Exchange } from './exchange.ts'

const CHANNEL = 'asya_cancels'

/**
 * Calls of clients of older revisions that are waited for: `notifications/cancelled` names a request of
 * their session, and comes by itself, to any replica.
 */
export class LegacyCalls {
  readonly #cancels = new Map<string, () => void>()
  readonly #replicas: Replicas
  readonly #logger: Logger

  constructor(replicas: Replicas, logger: Logger) {
    this.#replicas = replicas
    this.#logger = logger
    replicas.listen(CHANNEL, (key) => this.#cancels.get(key)?.())
  }

  /** Until the returned function is called. Without a session a request cannot be named. */
  add({ exchange, context }: Asker, cancel: () => void): () => void {
    const key = toKey(exchange, context.mcpReq.id)
    if (key === undefined) return () => undefined
    this.#cancels.set(key, cancel)
    return () => {
      if (this.#cancels.get(key) === cancel) this.#cancels.delete(key)
    }
  }

  cancel(exchange: Exchange, requestId: unknown): void {
    const key = toKey(exchange, requestId)
    if (key === undefined) return
    const cancel = this.#cancels.get(key)
    if (cancel) cancel()
    else if (Buffer.byteLength(key) <= MAX_SAID_BYTES) this.#tellOthers(key)
  }

  #tellOthers(key: string): void {
    this.#replicas.say(CHANNEL, key).catch((error: unknown) => {
      this.#logger.debug({ error: String(error) }, 'other replicas were not told of a cancel')
    })
  }
}

function toKey({ principal, sessionId }: Exchange, requestId: unknown): string | undefined {
  if (sessionId === undefined) return undefined
  return JSON.stringify([principal, sessionId, requestId])
}

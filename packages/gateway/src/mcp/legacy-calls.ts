import type { Asker } from './asker.ts'
import type { Exchange } from './exchange.ts'

/**
 * Calls of clients of older revisions that are waited for: `notifications/cancelled` names a request of
 * their session, and comes by itself. It is heard where it arrives: on another replica the job goes on.
 */
export class LegacyCalls {
  readonly #cancels = new Map<string, () => void>()

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
    if (key !== undefined) this.#cancels.get(key)?.()
  }
}

function toKey({ principal, sessionId }: Exchange, requestId: unknown): string | undefined {
  if (sessionId === undefined) return undefined
  return JSON.stringify([principal, sessionId, requestId])
}

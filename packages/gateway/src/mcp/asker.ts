import {
  CLIENT_CAPABILITIES_META_KEY,
  MissingRequiredClientCapabilityError,
  type ProtocolError,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Era, Exchange } from './exchange.ts'
import type { Tell } from './wait-for-job.ts'

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks'

/** Who calls, and what their client can do: that decides how it hears of long work. */
export interface Asker {
  readonly era: Era
  readonly exchange: Exchange
  /** What the SDK knows of the request. */
  readonly context: ServerContext
  readonly meta: Readonly<Record<string, unknown>>
  /** It takes a task as the answer of this call. */
  readonly hasTasks: boolean
  /** Undefined when it does not want to hear of progress. */
  readonly tell: Tell | undefined
}

export function toAsker(era: Era, exchange: Exchange, ctx: ServerContext): Asker {
  const { _meta: meta = {}, notify } = ctx.mcpReq
  const { progressToken } = meta
  return {
    ...{ era, exchange, context: ctx, meta, hasTasks: declaresTasks(ctx) },
    tell:
      progressToken === undefined
        ? undefined
        : (progress, message) => {
            const params = { progressToken, progress, total: 100, message }
            // Whoever is gone hears no more.
            notify({ method: 'notifications/progress', params }).catch(() => undefined)
          },
  }
}

export function declaresTasks({ mcpReq }: ServerContext): boolean {
  const capabilities = readObject(mcpReq.envelope, CLIENT_CAPABILITIES_META_KEY)
  return readObject(readObject(capabilities, 'extensions'), TASKS_EXTENSION) !== undefined
}

/** The client has to know tasks. */
export function needsTasks(): ProtocolError {
  const requiredCapabilities = { extensions: { [TASKS_EXTENSION]: {} } }
  return new MissingRequiredClientCapabilityError({ requiredCapabilities })
}

function readObject(object: object | undefined, name: string): object | undefined {
  const value: unknown = object && Reflect.get(object, name)
  return typeof value === 'object' && value !== null ? value : undefined
}

import type { McpRequestContext } from '@modelcontextprotocol/server'

/** `modern`: revision 2026-07-28, without sessions; `legacy`: all before it. */
export type Era = McpRequestContext['era']

/** One HTTP request to `/mcp`, beside what the SDK makes of it. */
export interface Exchange {
  /** Whose jobs are meant. */
  readonly principal: string
  /** Who is limited: the principal, or the address where there is none. */
  readonly client: string
  /** As it came. */
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal
  /** What a client of an older revision was told when it began; undefined before, and for newer ones. */
  readonly sessionId: string | undefined
  /** The database did not answer: the HTTP status says so too. */
  isUnavailable: boolean
}

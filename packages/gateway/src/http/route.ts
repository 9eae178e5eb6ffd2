import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Scope } from '../auth/principal.ts'
import type { Answer, TAKEN_OVER } from './answer.ts'

/**
 * Who may ask: `probe`: anybody, also under a name that is not the gateway's; `open`: anybody who asks
 * it by its name; `caller`: whoever is authenticated as a principal; `sidecar`: whoever has the sidecars'
 * token.
 */
export type Access = 'probe' | 'open' | 'caller' | 'sidecar'

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The parts of the path that stand for `:name`. */
  readonly params: Readonly<Record<string, string>>
  /** Whose jobs are meant; empty where nobody has to say who they are. */
  readonly principal: string
  /** Who is limited: the principal, or the address where there is none. */
  readonly client: string
  /** Reads the body, up to what this gateway takes. */
  readonly readBody: () => Promise<Buffer>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS'
  /** Such as `/jobs/:id`. */
  readonly path: string
  readonly access: Access
  /** What a principal's token must allow: `read` for GET and `call` for others, if it is not said. */
  readonly scope?: Scope
  /** Less than what this gateway takes, where bodies are small. */
  readonly maxBodyBytes?: number
  /** Refuses by throwing a Refusal. */
  readonly handle: (
    asked: Asked,
  ) => Promise<Answer | typeof TAKEN_OVER> | Answer | typeof TAKEN_OVER
}

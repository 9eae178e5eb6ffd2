import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Answer, TAKEN_OVER } from './answer.ts'

/**
 * Who may ask: `open`: anybody, such as a probe; `caller`: whoever is authenticated as a principal;
 * `sidecar`: whoever has the sidecars' token.
 */
export type Access = 'open' | 'caller' | 'sidecar'

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** The parts of the path that stand for `:name`. */
  readonly params: Readonly<Record<string, string>>
  /** Whose jobs are meant; empty where nobody has to say who they are. */
  readonly principal: string
  /** Reads the body, up to what this gateway takes. */
  readonly readBody: () => Promise<Buffer>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS'
  /** Such as `/jobs/:id`. */
  readonly path: string
  readonly access: Access
  /** Refuses by throwing a Refusal. */
  readonly handle: (asked: Asked) => Promise<Answer | typeof TAKEN_OVER> | Answer
}

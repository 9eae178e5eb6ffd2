import type { JsonBytes, ManifestCardinality } from '@asya/protocol'

type Schema = Readonly<Record<string, unknown>>

/** A pipeline as callers see it, whatever file it was read from. */
export interface GatewayTool {
  readonly name: string
  readonly title?: string | undefined
  readonly description: string | undefined
  readonly deprecated?: string | undefined
  /** JSON Schema of type `object`. */
  readonly inputSchema: Schema
  /** JSON Schema of one result. */
  readonly outputSchema: Schema | undefined
  readonly results: ManifestCardinality
  readonly route: readonly string[]
  readonly timeoutMs: number
  readonly isPartial: boolean
  /**
   * Whether a call is answered with a task where the client knows tasks: always by default; `never` for
   * what is quick; `required` for what is too slow to be waited for, so that other clients are refused.
   */
  readonly tasks?: 'never' | 'required' | undefined
  /** Hints of MCP, such as `readOnlyHint`. */
  readonly annotations?: Readonly<Record<string, boolean | string>> | undefined
  /** What its author says of it to programs. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Checks arguments and makes the payload of them. */
  readonly toPayload: (argumentsBytes: JsonBytes) => ArgumentCheck
}

export type ArgumentCheck =
  | { readonly ok: true; readonly payload: JsonBytes }
  /** `problems` name the paths, for people. */
  | { readonly ok: false; readonly problems: readonly string[] }

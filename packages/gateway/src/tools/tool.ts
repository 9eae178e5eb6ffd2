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
  /** Hints of MCP, such as `readOnlyHint`. */
  readonly annotations?: Readonly<Record<string, boolean | string>> | undefined
  /** Checks arguments and makes the payload of them. */
  readonly toPayload: (argumentsBytes: JsonBytes) => ArgumentCheck
}

export type ArgumentCheck =
  | { readonly ok: true; readonly payload: JsonBytes }
  /** `problems` name the paths, for people. */
  | { readonly ok: false; readonly problems: readonly string[] }

import type { Station } from '@asya/protocol'
import type { Logger } from '@asya/service/logger'
import type { Transport } from '@asya/transport'
import type { Reporter } from './gateway/reporter.ts'
import type { SidecarMetrics } from './metrics.ts'
import type { RuntimeClient } from './runtime/runtime-client.ts'
import type { Turnstile } from './runtime/turnstile.ts'

/** What a message meets on its way. */
export interface HopParts {
  readonly station: Station
  readonly actorName: string
  /** How long the handler has. */
  readonly timeoutMs: number
  /** How long a missing queue or a failing transport is waited for. */
  readonly patienceMs: number
  /** Whether the gateway is told the beginnings of payloads. */
  readonly reportsPayloads: boolean
  readonly transport: Transport
  readonly runtime: RuntimeClient
  readonly turnstile: Turnstile
  readonly reporter: Reporter
  readonly metrics: SidecarMetrics
  readonly logger: Logger
  /** Aborted when the sidecar has no more time: what is under way is given back. */
  readonly signal: AbortSignal
}

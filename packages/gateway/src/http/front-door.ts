import type { Logger } from '@asya/service/logger'
import { resourceRoutes } from '../auth/challenge.ts'
import { Gate, LOCAL_ONLY, toResource, type SecurityOptions } from '../auth/gate.ts'
import { GatewayServer, SERVER_LIMITS, type ServerLimits } from './gateway-server.ts'
import type { Route } from './route.ts'

export interface FrontDoorOptions {
  readonly host: string
  readonly port: number
  /** A port for sidecars and Prometheus, who come to the other one without it. */
  readonly sidecarPort?: number | undefined
  /** Without it, whoever reaches the gateway may use it; pages of strangers may not. */
  readonly security?: SecurityOptions | undefined
  readonly limits: Partial<ServerLimits>
}

/** Where the gateway is asked: one server, or one for callers and one for sidecars; one gate for both. */
export class FrontDoor {
  readonly #gate: Gate
  readonly #callers: GatewayServer
  readonly #sidecars: GatewayServer | undefined

  constructor(options: FrontDoorOptions, routes: readonly Route[], logger: Logger) {
    const { host, port, sidecarPort, security = LOCAL_ONLY } = options
    this.#gate = new Gate(security, logger)
    const limits = { ...SERVER_LIMITS, ...options.limits }
    const common = { host, limits, logger, gatekeeper: this.#gate }
    const all = [...routes, ...resourceRoutes(toResource(security))]
    const isApart = sidecarPort !== undefined
    this.#callers = new GatewayServer({
      ...{ ...common, port },
      routes: isApart ? all.filter((route) => !isForInside(route)) : all,
    })
    this.#sidecars = isApart
      ? new GatewayServer({
          ...{ ...common, port: sidecarPort },
          routes: all.filter(({ access }) => access === 'sidecar' || access === 'probe'),
        })
      : undefined
  }

  get port(): number {
    return this.#callers.port
  }

  /** Where sidecars come: the same as `port`, if they have none of their own. */
  get sidecarPort(): number {
    return (this.#sidecars ?? this.#callers).port
  }

  /** Rejects when a file of tokens cannot be read, or an address is taken. */
  async open(): Promise<void> {
    await this.#gate.start()
    await this.#sidecars?.listen()
    await this.#callers.listen()
  }

  /** Takes no new requests; those under way have `graceMs`. */
  async close(graceMs: number): Promise<void> {
    await Promise.all([this.#callers.close(graceMs), this.#sidecars?.close(graceMs)])
    this.#gate.close()
  }
}

function isForInside({ access, path }: Route): boolean {
  return access === 'sidecar' || path === '/metrics'
}

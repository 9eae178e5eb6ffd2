import type { Logger } from '@asya/service/logger'
import type { OpsRoutes } from '@asya/service/ops-server'
import type { OperatorConfig } from './config.ts'
import { Controller } from './control/controller.ts'
import { EventRecorder } from './control/event-recorder.ts'
import { LeaderElector } from './control/leader-elector.ts'
import { createKubeClient, loadKubeConfig, type KubeClient } from './kube/index.ts'
import { createMetrics, type OperatorMetrics } from './metrics.ts'

export interface OperatorParts {
  readonly logger: Logger
  /** Another one leads: what this process still believes may be wrong, so that it must end at once. */
  readonly exit: () => void
  /** For tests: another API server than the one of the environment. */
  readonly client?: KubeClient
}

/** One process of the operator: it follows the cluster, and acts on it while it leads. */
export class Operator {
  readonly controller: Controller
  readonly #config: OperatorConfig
  readonly #parts: OperatorParts
  readonly #client: KubeClient
  readonly #events: EventRecorder
  readonly #metrics: OperatorMetrics
  readonly #elector: LeaderElector | undefined

  constructor(config: OperatorConfig, parts: OperatorParts) {
    this.#config = config
    this.#parts = parts
    this.#client =
      parts.client ?? createKubeClient(loadKubeConfig(), { userAgent: 'asya-operator' })
    this.#events = new EventRecorder({ client: this.#client, ...this.#identity() })
    this.#metrics = createMetrics({
      countActors: () => this.controller.countActors(),
      queueDepth: () => this.controller.queueDepth,
      isLeader: () => this.controller.state === 'leading',
    })
    this.controller = new Controller({
      client: this.#client,
      events: this.#events,
      installed: config.platform,
      namespaces: config.namespaces,
      concurrency: config.concurrency,
      logger: parts.logger,
      metrics: this.#metrics,
    })
    this.#elector = this.#makeElector()
  }

  /** Resolves when the caches are complete; it leads as soon as it may. */
  async start(): Promise<void> {
    await this.controller.follow()
    if (this.#elector === undefined) this.#lead()
    else this.#elector.start()
  }

  /** What is being written is finished, and the lease given back. Idempotent. */
  async close(): Promise<void> {
    await this.controller.close()
    await this.#events.close()
    await this.#elector?.close()
    this.#client.close()
  }

  routes(): OpsRoutes {
    const { registry } = this.#metrics
    const isReady = (): boolean => ['following', 'leading'].includes(this.controller.state)
    return {
      'GET /health': () =>
        this.#isClosed() ? { status: 503, body: 'closed\n' } : { status: 200, body: 'ok\n' },
      'GET /ready': () => ({
        status: isReady() ? 200 : 503,
        body: `${this.controller.state}\n`,
      }),
      'GET /metrics': async () => ({
        status: 200,
        body: await registry.metrics(),
        contentType: registry.contentType,
      }),
    }
  }

  #isClosed(): boolean {
    return this.controller.state === 'closed'
  }

  #makeElector(): LeaderElector | undefined {
    const { lease } = this.#config
    if (lease === undefined) return undefined
    const { logger } = this.#parts
    return new LeaderElector({
      client: this.#client,
      ...lease,
      onLead: () => this.#lead(),
      onLoss: (reason) => {
        if (this.#isClosed()) return
        logger.error({ reason }, 'another operator may lead: this one ends')
        this.#parts.exit()
      },
    })
  }

  #lead(): void {
    this.#parts.logger.info('leading')
    this.controller.lead()
  }

  #identity(): { component: string; instance: string } {
    return {
      component: 'asya-operator',
      instance: this.#config.lease?.identity ?? 'asya-operator',
    }
  }
}

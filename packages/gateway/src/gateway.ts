import type { Logger } from '@asya/service/logger'
import type { Transport } from '@asya/transport'
import { dashboardRoutes, type DashboardOptions } from './dashboard/dashboard-routes.ts'
import { Database } from './database/database.ts'
import { Replicas } from './database/replicas.ts'
import { EventStreams } from './http/event-streams.ts'
import { FrontDoor, type FrontDoorOptions } from './http/front-door.ts'
import { jobRoutes } from './http/job-routes.ts'
import { openApiRoutes } from './http/openapi-routes.ts'
import { opsRoutes } from './http/ops-routes.ts'
import type { Route } from './http/route.ts'
import { sidecarRoutes } from './http/sidecar-routes.ts'
import { StreamLimits } from './http/stream-limits.ts'
import { timeRoutes } from './http/time-routes.ts'
import { toolRoutes } from './http/tool-routes.ts'
import { JobFeed } from './jobs/job-feed.ts'
import { JobStore } from './jobs/job-store.ts'
import { JobViews } from './jobs/job-views.ts'
import { Jobs } from './jobs/jobs.ts'
import { Publisher } from './jobs/publisher.ts'
import { StepPayloads } from './jobs/step-payloads.ts'
import { Sweeper } from './jobs/sweeper.ts'
import { UpdateHub } from './jobs/update-hub.ts'
import { JOB_TOOL_NAMES } from './mcp/job-tools.ts'
import { McpEndpoint, type McpExtension } from './mcp/mcp-endpoint.ts'
import type { McpWaits } from './mcp/tool-calls.ts'
import { createMetrics } from './metrics.ts'
import { migrate } from './migrate.ts'
import { ToolFiles, type ToolFilesOptions } from './tools/tool-files.ts'
import { ToolSet } from './tools/tool-set.ts'

export interface GatewayOptions extends Omit<FrontDoorOptions, 'limits'> {
  readonly databaseUrl: string
  readonly databaseConnections: number
  readonly tools: Omit<ToolFilesOptions, 'onError' | 'reservedNames'>
  readonly jobs: { readonly retentionMs: number; readonly silentMs: number }
  /** How jobs are named; by ids that nobody can guess unless it is given. */
  readonly makeJobId?: (() => string) | undefined
  readonly limits: FrontDoorOptions['limits'] & {
    readonly maxStreams: number
    /** Of one principal, or one address where there are none; all of them if unset. */
    readonly maxStreamsPerClient?: number | undefined
  }
  readonly dashboard: DashboardOptions
  readonly mcp: McpWaits
}

interface Surroundings {
  /** Where first messages go; closed by whoever opened it. */
  readonly transport: Transport
  readonly logger: Logger
  readonly mcpExtension?: McpExtension | undefined
}

/** callers ⇄ HTTP ⇄ jobs ⇄ tables; jobs → outbox → queues; sidecars → HTTP → jobs */
export class Gateway {
  /** What it offers; replaced by `asya dev` as the project changes. */
  readonly tools = new ToolSet()
  readonly jobs: Jobs
  /** What it answers. */
  readonly routes: readonly Route[]
  readonly #options: GatewayOptions
  readonly #database: Database
  readonly #replicas: Replicas
  readonly #hub: UpdateHub
  readonly #publisher: Publisher
  readonly #sweeper: Sweeper
  readonly #streams: EventStreams
  readonly #mcp: McpEndpoint
  readonly #files: ToolFiles
  readonly #door: FrontDoor

  constructor(options: GatewayOptions, { transport, logger, mcpExtension }: Surroundings) {
    const { databaseUrl: url, databaseConnections: maxConnections } = options
    this.#options = options
    this.#database = new Database({
      ...{ url, maxConnections },
      onError: (error) => logger.warn({ error: error.message }, 'a database connection broke'),
    })
    const replicas = new Replicas({ url, database: this.#database, logger })
    this.#replicas = replicas
    const store = new JobStore(this.#database)
    const hub = new UpdateHub({ store, replicas, logger })
    const onChanged = (ids: readonly string[]): void => {
      hub.touch(ids, true)
      metrics.observeEnds(ids)
    }
    const onEnded = (id: string): void => onChanged([id])
    const publisher = new Publisher({ store, transport, logger, onEnded })
    this.jobs = new Jobs({
      ...{ store, hub, publisher, makeId: options.makeJobId },
      onEnded: (id) => metrics.observeEnds([id]),
    })
    this.#hub = hub
    this.#publisher = publisher
    this.#sweeper = new Sweeper({ store, logger, ...options.jobs, onChanged })
    const { maxStreams, maxStreamsPerClient: maxPerClient = maxStreams } = options.limits
    const limits = new StreamLimits({ maxStreams, maxPerClient })
    const views = new JobViews(this.#database)
    const payloads = options.dashboard.showsPayloads ? new StepPayloads(this.#database) : undefined
    const feed = new JobFeed({ views, hub, logger })
    this.#streams = new EventStreams({ jobs: this.jobs, feed, limits })
    this.#mcp = new McpEndpoint({
      ...{ tools: this.tools, jobs: this.jobs, replicas, logger, limits },
      ...{ waits: options.mcp, retentionMs: options.jobs.retentionMs, extension: mcpExtension },
    })
    this.#files = new ToolFiles(
      {
        ...options.tools,
        reservedNames: JOB_TOOL_NAMES,
        onError: (message) => logger.error(message),
      },
      this.tools,
    )
    const metrics = createMetrics({ store, streams: this.#streams })
    const rest = [
      ...opsRoutes({ store, metrics: metrics.registry }),
      ...toolRoutes({ tools: this.tools, jobs: this.jobs, limits }),
      ...jobRoutes(this.jobs, this.#streams),
      ...sidecarRoutes(this.jobs, payloads),
      ...dashboardRoutes({ jobs: this.jobs, views, payloads }),
    ]
    const routes = [...rest, ...openApiRoutes(rest), ...this.#mcp.routes()]
    this.routes = timeRoutes(routes, metrics.observeRequest)
    this.#door = new FrontDoor(options, this.routes, logger)
  }

  get port(): number {
    return this.#door.port
  }

  /** Where sidecars come: the same, if they have none of their own. */
  get sidecarPort(): number {
    return this.#door.sidecarPort
  }

  /** Rejects when its tables or its tools cannot be had, or its address is taken. */
  async start(): Promise<void> {
    await migrate(this.#options.databaseUrl)
    await this.#files.start()
    await this.#replicas.start()
    this.#hub.start()
    this.#publisher.start()
    this.#sweeper.start()
    await this.#door.open()
  }

  /** Answers what was asked, sends what was accepted, within `graceMs`. Idempotent. */
  async close(graceMs: number): Promise<void> {
    this.#files.close()
    this.#streams.close()
    await this.#mcp.close(graceMs)
    await this.#door.close(graceMs)
    await this.#publisher.close()
    await this.#sweeper.close()
    await this.#hub.close()
    await this.#replicas.close()
    await this.#database.close()
  }
}

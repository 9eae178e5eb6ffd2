import type { JsonBytes } from '@asya/protocol'
import { explainMissing } from '../project/explain-missing.ts'
import type { CurrentProject } from './current-project.ts'
import type { DevGateway } from './dev-gateway.ts'
import type { KeptError } from './kept-errors.ts'

export type StartedJob =
  | { readonly type: 'started'; readonly jobId: string; readonly pipeline: string }
  | { readonly type: 'unknown-pipeline' }
  | { readonly type: 'refused'; readonly reason: string }

/** How long a job may take; its handlers have deadlines of their own. */
const TIMEOUT_MS = 24 * 3_600_000

/** Starts jobs for commands, which may send what no caller of a tool could. */
export class JobStarter {
  readonly #gateway: DevGateway
  readonly #current: CurrentProject

  constructor(gateway: DevGateway, current: CurrentProject) {
    this.#gateway = gateway
    this.#current = current
  }

  /** Starts a pipeline; the payload travels byte for byte. */
  async call(name: string, payload: JsonBytes): Promise<StartedJob> {
    const pipeline = this.#current.pipelines.find((known) => known.name === name)
    if (!pipeline) return { type: 'unknown-pipeline' }
    if (pipeline.missing.length > 0) return { type: 'refused', reason: explainMissing(pipeline) }
    return this.#start(name, { route: pipeline.steps, payload })
  }

  /** Sends a message that failed to the step at which it did, as a job of its own. */
  async replay({ message, jobId }: KeptError): Promise<StartedJob> {
    const { headers, payload, route } = message
    const { steps } = route
    const known = this.#current.pipelines.find((pipeline) => pipeline.steps.join() === steps.join())
    const rest = steps.slice(route.current)
    const [queue] = rest
    if (queue === undefined) return { type: 'refused', reason: 'its route has no step left' }
    if (!this.#current.names.actors.includes(queue))
      return { type: 'refused', reason: `the project has no actor ${queue}` }
    const name = known?.name ?? steps.join(' → ')
    return this.#start(name, { route: rest, payload, headers, replayOf: jobId })
  }

  async #start(
    pipeline: string,
    call: {
      readonly route: readonly string[]
      readonly payload: JsonBytes
      readonly headers?: JsonBytes | undefined
      readonly replayOf?: string | undefined
    },
  ): Promise<StartedJob> {
    const { jobId } = await this.#gateway.jobs.start({
      ...call,
      tool: pipeline,
      principal: '',
      timeoutMs: TIMEOUT_MS,
    })
    return { type: 'started', jobId, pipeline }
  }
}

import { randomInt } from 'node:crypto'
import { currentStep, encodeMessage, ROOT, type JsonBytes, type Message } from '@asya/protocol'
import type { Transport } from '@asya/transport'
import { explainMissing } from '../project/explain-missing.ts'
import type { CurrentProject } from './current-project.ts'
import type { Job, JobBoard } from './job-board.ts'
import type { KeptError } from './kept-errors.ts'

export type StartedJob =
  | { readonly type: 'started'; readonly job: Job }
  | { readonly type: 'unknown-pipeline' }
  | { readonly type: 'refused'; readonly reason: string }

/** Puts the first message of a job into the queue of its first step. */
export class JobStarter {
  readonly #transport: Transport
  readonly #board: JobBoard
  readonly #current: CurrentProject

  constructor(transport: Transport, board: JobBoard, current: CurrentProject) {
    this.#transport = transport
    this.#board = board
    this.#current = current
  }

  /** Starts a pipeline; the payload travels byte for byte. */
  async call(name: string, payload: JsonBytes): Promise<StartedJob> {
    const pipeline = this.#current.pipelines.find((known) => known.name === name)
    if (!pipeline) return { type: 'unknown-pipeline' }
    if (pipeline.missing.length > 0) return { type: 'refused', reason: explainMissing(pipeline) }
    const id = makeJobId()
    const route = { steps: [...pipeline.steps], current: 0, unknown: [] }
    // The first message bears its job's id: that is the one which its caller knows.
    const message = { id, jobId: id, attempt: 1, branch: ROOT, route, payload, unknown: [] }
    return this.#send(message, { id, pipeline: name, steps: pipeline.steps })
  }

  /** Sends a message that failed to the step at which it did, as a job of its own. */
  async replay(kept: KeptError): Promise<StartedJob> {
    const { parentId, headers, payload, route, unknown } = kept.message
    const id = makeJobId()
    const { steps } = route
    const known = this.#current.pipelines.find((pipeline) => pipeline.steps.join() === steps.join())
    // All of it but its error; to its new job it is the root.
    const message = {
      ...{ id: kept.id, jobId: id, attempt: 1, branch: ROOT, route, payload, unknown },
      ...(parentId === undefined ? {} : { parentId }),
      ...(headers === undefined ? {} : { headers }),
    }
    return this.#send(message, { id, pipeline: known?.name ?? steps.join(' → '), steps })
  }

  async #send(
    message: Message,
    opened: { id: string; pipeline: string; steps: readonly string[] },
  ): Promise<StartedJob> {
    const queue = currentStep(message.route)
    if (queue === undefined) return { type: 'refused', reason: 'its route has no step left' }
    // Before it is sent: its progress may be reported at once.
    this.#board.open(opened)
    const messageId = message.id ?? opened.id
    const body = encodeMessage(message)
    const published = await this.#transport.publish({ queue, body, messageId })
    const job = this.#board.find(opened.id)
    if (published.type === 'confirmed' && job) return { type: 'started', job }
    this.#board.cancel(opened.id)
    return { type: 'refused', reason: explain(published, queue) }
  }
}

function explain(published: Awaited<ReturnType<Transport['publish']>>, queue: string): string {
  switch (published.type) {
    case 'unroutable':
      return `the project has no actor ${queue}`
    case 'refused':
    case 'failed':
      return published.reason
    case 'confirmed':
      return 'the job was forgotten'
  }
}

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const ID_LENGTH = 8

/** Short enough to be typed; a dev run has some thousands at most. */
function makeJobId(): string {
  return Array.from({ length: ID_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

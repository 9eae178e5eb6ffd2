import type { ServerResponse } from 'node:http'
import { isEndState, type Job, type JobUpdate } from '../jobs/job.ts'
import type { JobFeed } from '../jobs/job-feed.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { writeJob, writeUpdate } from './job-json.ts'
import { OpenStreams, writeToStream } from './open-streams.ts'
import type { StreamLimits } from './stream-limits.ts'

/**
 * Server-sent events of jobs: `id` is the number of an update, so that a client that was cut off goes
 * on where it was, on whatever replica.
 *
 * E1 A stream has every update after its cursor once, in order, and ends with the job's end.
 * E2 Whoever does not read is cut: they come again with their cursor.
 */
export interface StreamRequest {
  readonly jobId: string
  /** The last update that the client has. */
  readonly seq: number
  /** Who is limited. */
  readonly client: string
  readonly response: ServerResponse
}

export interface ListStreamRequest {
  /** Whose jobs. */
  readonly principal: string
  /** Who is limited. */
  readonly client: string
  readonly response: ServerResponse
}

export interface EventStreamsOptions {
  readonly jobs: Pick<Jobs, 'follow' | 'readEnd'>
  readonly feed: Pick<JobFeed, 'follow'>
  readonly limits: StreamLimits
}

export class EventStreams {
  readonly #jobs: EventStreamsOptions['jobs']
  readonly #feed: EventStreamsOptions['feed']
  readonly #streams: OpenStreams

  constructor({ jobs, feed, limits }: EventStreamsOptions) {
    this.#jobs = jobs
    this.#feed = feed
    this.#streams = new OpenStreams(limits)
  }

  get count(): number {
    return this.#streams.count
  }

  /** Takes the response over. Throws a Refusal when there are too many streams. */
  open({ jobId, seq, client, response }: StreamRequest): void {
    this.#streams.take(response, client)
    // What comes while the end is read waits for it (E1).
    let writing = Promise.resolve()
    const stop = this.#jobs.follow(jobId, seq, (updates) => {
      writing = writing
        .then(() => this.#write(response, updates))
        .catch(() => void response.destroy())
    })
    response.on('close', stop)
  }

  /**
   * Tells of every job of a principal that changes, as it is then: a hint for whoever shows a list,
   * that reads it again now and then. Has no numbers and no end. Throws as `open` does.
   */
  openList({ principal, client, response }: ListStreamRequest): void {
    this.#streams.take(response, client)
    const stop = this.#feed.follow(principal, (news) => {
      if (news === 'many') writeToStream(response, 'event: many\ndata: {}\n\n')
      else writeToStream(response, news.map(toJobEvent).join(''))
    })
    response.on('close', stop)
  }

  /** Ends all streams: their clients come again, to another replica. */
  close(): void {
    this.#streams.close()
  }

  async #write(response: ServerResponse, updates: readonly JobUpdate[]): Promise<void> {
    for (const update of updates) {
      if (response.writableEnded || response.destroyed) return
      const isEnd = isEndState(update.type)
      const end = isEnd ? await this.#jobs.readEnd(update.jobId) : undefined
      const chunk = toEvent(update, writeUpdate(update, end))
      if (isEnd) response.end(chunk)
      else writeToStream(response, chunk)
    }
  }
}

function toJobEvent(job: Job): string {
  return `event: job\ndata: ${writeJob(job).toString()}\n\n`
}

/** A line break within the data would end it: results come as their handlers wrote them. */
function toEvent({ seq, type }: JobUpdate, data: Buffer): Buffer {
  const lines = data.includes(0x0a) || data.includes(0x0d) ? splitLines(data) : [data]
  const head = Buffer.from(`id: ${seq}\nevent: ${type}\n`)
  const body = lines.flatMap((line) => [Buffer.from('data: '), line, Buffer.from('\n')])
  return Buffer.concat([head, ...body, Buffer.from('\n')])
}

function splitLines(data: Buffer): readonly Buffer[] {
  return data
    .toString()
    .split(/\r\n|\n|\r/)
    .map((line) => Buffer.from(line))
}

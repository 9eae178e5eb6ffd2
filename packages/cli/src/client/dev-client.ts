import { CommandError } from '../errors.ts'
import { controlUrl, findRunningDev } from '../dev/state-file.ts'
import {
  parseJobEvent,
  parseLogLine,
  parseNames,
  parseStartAnswer,
  type JobEvent,
  type StartAnswer,
} from './events.ts'
import { ask, askLines } from './http.ts'

/** Speaks with a dev run, of this process or another. */
export class DevClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Starts a job; the payload must be one JSON value, and travels byte for byte. */
  async call(pipeline: string, payload: Uint8Array): Promise<StartAnswer> {
    const head = Buffer.from(`{"pipeline":${JSON.stringify(pipeline)},"payload":`)
    const body = Buffer.concat([head, payload, Buffer.from('}')])
    const { status, text } = await ask({ method: 'POST', url: `${this.#url}/calls`, body })
    if (status !== 200) throw new CommandError(`the dev run refused the call: ${status} ${text}`)
    return parseStartAnswer(text)
  }

  /** How a job goes, up to its end. */
  async *follow(jobId: string): AsyncGenerator<JobEvent> {
    const url = `${this.#url}/jobs/${encodeURIComponent(jobId)}/events`
    for await (const line of askLines({ method: 'GET', url })) yield parseJobEvent(line)
  }

  async cancel(jobId: string): Promise<void> {
    await ask({ method: 'DELETE', url: `${this.#url}/jobs/${encodeURIComponent(jobId)}` })
  }

  /** What the project defines. */
  async listNames() {
    const { text } = await ask({ method: 'GET', url: `${this.#url}/names` })
    return parseNames(text)
  }

  /** What was said, and with `isFollowing` what will be. */
  async *readLogs(isFollowing: boolean, signal: AbortSignal) {
    const url = `${this.#url}/logs${isFollowing ? '?follow' : ''}`
    for await (const line of askLines({ method: 'GET', url, signal })) yield parseLogLine(line)
  }

  /** Sends a message that failed again; undefined when it is kept no more. */
  async replay(errorId: string): Promise<StartAnswer | undefined> {
    const url = `${this.#url}/errors/${encodeURIComponent(errorId)}/replay`
    const { status, text } = await ask({ method: 'POST', url })
    return status === 200 ? parseStartAnswer(text) : undefined
  }
}

/** A client of the dev run of this project, if there is one. */
export async function findDevClient(projectDir: string): Promise<DevClient | undefined> {
  const state = await findRunningDev(projectDir)
  return state && new DevClient(controlUrl(state))
}

/** The same, for commands that make no sense without. */
export async function requireDevClient(projectDir: string): Promise<DevClient> {
  const client = await findDevClient(projectDir)
  if (client) return client
  throw new CommandError(`no asya dev runs in ${projectDir}: start one with \`asya dev\``)
}

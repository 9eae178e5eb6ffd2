/** The little HTTP that the commands speak with a dev run on this machine. */
import { request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { DevEnded } from '../errors.ts'

export interface Asked {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly body?: Uint8Array
  readonly signal?: AbortSignal
}

export interface Answer {
  readonly status: number
  readonly text: string
}

/** One request and its whole answer. Throws DevEnded when there is none. */
export async function ask(asked: Asked): Promise<Answer> {
  try {
    const response = await open(asked)
    return { status: response.statusCode ?? 0, text: await text(response) }
  } catch (error) {
    throw toEnded(error, asked)
  }
}

/** The lines of an answer, as they come; ends with the answer. Throws DevEnded when it breaks off. */
export async function* askLines(asked: Asked): AsyncGenerator<string> {
  try {
    const response = await open(asked)
    // A connection that breaks ends the lines with an error, which readline would not tell.
    let failure: Error | undefined
    response.on('error', (error) => {
      failure = error
    })
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) yield line
    if (failure) throw failure
  } catch (error) {
    throw toEnded(error, asked)
  }
}

/** An abort is the caller's own; anything else means that nobody is there any more. */
function toEnded(error: unknown, { signal }: Asked): unknown {
  if (signal?.aborted === true) return error
  return new DevEnded('asya dev ended meanwhile', { cause: error })
}

function open({ method, url, body, signal }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': body.length }
    const sent = request(url, {
      method,
      headers: { 'content-type': 'application/json', ...length },
      ...(signal ? { signal } : {}),
    })
    sent.on('error', reject)
    sent.on('response', resolve)
    sent.end(body)
  })
}

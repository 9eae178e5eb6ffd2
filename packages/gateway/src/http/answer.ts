import type { OutgoingHttpHeaders } from 'node:http'

/** What a route answers: a whole body, or nothing when it has taken the response over. */
export interface Answer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body: string | Uint8Array
}

/** The route writes to the response itself, as streams do. */
export const TAKEN_OVER = 'taken-over' as const

const JSON_TYPE = 'application/json; charset=utf-8'

export function answerJson(
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): Answer {
  return answerBytes(status, JSON.stringify(value), headers)
}

/** A JSON text that is put together already. */
export function answerBytes(
  status: number,
  body: string | Uint8Array,
  headers: OutgoingHttpHeaders = {},
): Answer {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body }
}

/**
 * A refusal: `code` for programs, `message` for people, with the culprit and the fix. Both are the
 * answer's body, as `{"error":{"code","message"}}`.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string
  #headers: OutgoingHttpHeaders = {}

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }

  with(headers: OutgoingHttpHeaders): this {
    this.#headers = headers
    return this
  }

  toAnswer(): Answer {
    const { status, code, message } = this
    return answerJson(status, { error: { code, message } }, this.#headers)
  }
}

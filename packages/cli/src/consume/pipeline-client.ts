/** Where a job stands; the last three are its ends. */
export type JobStatus = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Cancelled'

/** A job that was started; its id is enough to find it again. */
export interface Job {
  readonly id: string
}

/** What is told while a job runs. */
export interface JobUpdate {
  readonly status: JobStatus
  /** The actor that works on it, or has. */
  readonly step?: string | undefined
  /** 0 to 100. */
  readonly percent?: number | undefined
  readonly message?: string | undefined
}

/** Why a branch of a job failed. */
export interface JobFailure {
  /** `processing_error`, `timeout_error`, `validation_error`, … */
  readonly type: string
  readonly message: string
  readonly step?: string | undefined
}

/**
 * - `unreachable`: no answer came; it may help to try again
 * - `unavailable`: the gateway cannot work now (503), or wants fewer calls (429): try again later
 * - `unauthorized`: the token is missing, wrong, or not good for this
 * - `refused`: the call is not right as it is, as a payload that does not fit
 * - `unknown`: there is no such job or pipeline
 * - `failed`, `cancelled`: how the job ended
 * - `unexpected`: the answer was not understood
 */
export type PipelineErrorCode =
  | 'unreachable'
  | 'unavailable'
  | 'unauthorized'
  | 'refused'
  | 'unknown'
  | 'failed'
  | 'cancelled'
  | 'unexpected'

/** Everything that a client throws, but for the reason of a signal that was aborted. */
export class PipelineError extends Error {
  override readonly name = 'PipelineError'
  readonly code: PipelineErrorCode
  /** Of a job that failed: one for each branch that did. */
  readonly failures: readonly JobFailure[]

  constructor(
    code: PipelineErrorCode,
    message: string,
    options: ErrorOptions & { readonly failures?: readonly JobFailure[] } = {},
  ) {
    super(message, options)
    this.code = code
    this.failures = options.failures ?? []
  }
}

export interface ClientOptions {
  /** Of the gateway: `https://asya.example.com`. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token?: string | undefined
  /** In place of the global one. */
  readonly fetch?: typeof fetch | undefined
}

export interface CallOptions {
  /** Gives up waiting; the job goes on. */
  readonly signal?: AbortSignal | undefined
}

export interface SendOptions extends CallOptions {
  /** A call with a key that was used before starts nothing: it is given the job of then. */
  readonly idempotencyKey?: string | undefined
}

/** A pipeline behind a gateway. `Result` is what a branch of its jobs comes to. */
export class PipelineClient<Input, Result> {
  readonly #pipeline: string
  readonly #argument: string | undefined
  readonly #http: GatewayHttp

  /** @param argument under which an input goes that is no object, for a tool's arguments are one */
  constructor(pipeline: string, options: ClientOptions, argument?: string) {
    this.#pipeline = pipeline
    this.#argument = argument
    this.#http = new GatewayHttp(options)
  }

  /** Starts a job. */
  async send(input: Input, options: SendOptions = {}): Promise<Job> {
    const given = this.#argument === undefined ? input : { [this.#argument]: input }
    const body = { name: this.#pipeline, arguments: given }
    const answer = await this.#http.ask('POST', '/tools/call', { ...options, body })
    const id = read(answer, 'job_id')
    if (typeof id !== 'string') throw unexpected('the answer to a call has no job_id')
    return { id }
  }

  /** What happens to a job, up to its end. A connection that breaks is taken up where it was. */
  async *follow(job: Job, options: CallOptions = {}): AsyncGenerator<JobUpdate> {
    for await (const data of this.#http.stream(`${pathOf(job)}/stream`, options)) {
      const status = readStatus(data)
      if (status === undefined) continue
      const [step, percent, message] = [
        read(data, 'step'),
        read(data, 'percent'),
        read(data, 'message'),
      ]
      yield {
        status,
        step: typeof step === 'string' ? step : undefined,
        percent: typeof percent === 'number' ? percent : undefined,
        message: typeof message === 'string' ? message : undefined,
      }
      if (hasEnded(status)) return
    }
  }

  /** One result for each branch of a job, in order; waits for its end. null: the branch ended early. */
  async results(job: Job, options: CallOptions = {}): Promise<readonly (Result | null)[]> {
    let view = await this.#http.ask('GET', pathOf(job), options)
    while (!hasEnded(readStatus(view))) {
      for await (const update of this.follow(job, options)) if (hasEnded(update.status)) break
      view = await this.#http.ask('GET', pathOf(job), options)
    }
    const status = readStatus(view)
    if (status === 'Cancelled')
      throw new PipelineError('cancelled', `the job ${job.id} was cancelled`)
    if (status === 'Failed') throw describeFailure(job, view)
    const results = read(view, 'results')
    if (!Array.isArray(results)) throw unexpected(`the job ${job.id} has no results`)
    // What the document of the pipeline says of them.
    return results as (Result | null)[]
  }

  /** Ends a job; whoever works on it is told. */
  async cancel(job: Job, options: CallOptions = {}): Promise<void> {
    await this.#http.ask('DELETE', pathOf(job), options)
  }
}

function pathOf(job: Job): string {
  return `/jobs/${encodeURIComponent(job.id)}`
}

function hasEnded(status: JobStatus | undefined): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Cancelled'
}

const STATUSES: readonly JobStatus[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Cancelled']

function readStatus(value: unknown): JobStatus | undefined {
  const status = read(value, 'status')
  return STATUSES.find((known) => known === status)
}

function describeFailure(job: Job, view: unknown): PipelineError {
  const errors = read(view, 'errors')
  const failures = (Array.isArray(errors) ? errors : []).map((error: unknown) => ({
    type: String(read(error, 'type')),
    message: String(read(error, 'message')),
    step: typeof read(error, 'step') === 'string' ? String(read(error, 'step')) : undefined,
  }))
  const [first] = failures
  const why = first ? `: ${first.step ?? 'a step'}: ${first.message} (${first.type})` : ''
  return new PipelineError('failed', `the job ${job.id} failed${why}`, { failures })
}

/** A member of a value that may be anything. */
function read(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function unexpected(message: string): PipelineError {
  return new PipelineError('unexpected', message)
}

interface HttpOptions extends SendOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** All that is known of the gateway's HTTP. */
class GatewayHttp {
  readonly #base: string
  readonly #token: string | undefined
  readonly #fetch: typeof fetch

  constructor({ url, token, fetch: ownFetch }: ClientOptions) {
    this.#base = url.replace(/\/+$/, '')
    this.#token = token
    this.#fetch = ownFetch ?? fetch
  }

  /** The JSON of an answer; undefined when it is empty. */
  async ask(method: string, path: string, options: HttpOptions): Promise<unknown> {
    const response = await this.#request(method, path, options)
    const text = await response.text()
    if (text === '') return undefined
    try {
      return JSON.parse(text) as unknown
    } catch (cause) {
      throw new PipelineError('unexpected', `the answer to ${method} ${path} is no JSON`, { cause })
    }
  }

  /**
   * The data of server-sent events, without end: when the connection breaks it goes on behind the
   * last event that came. Throws when so many attempts in a row fail.
   */
  async *stream(path: string, options: CallOptions): AsyncGenerator {
    let lastId: string | undefined
    for (let failed = 0; ; failed++) {
      try {
        for await (const event of this.#connect(path, lastId, options)) {
          failed = 0
          lastId = event.id ?? lastId
          if (event.data !== '') yield JSON.parse(event.data) as unknown
        }
      } catch (error) {
        options.signal?.throwIfAborted()
        const isWorthIt = !(error instanceof PipelineError) || PASSING.includes(error.code)
        if (!isWorthIt || failed >= MAX_FAILED) throw error
      }
      await sleep(Math.min(FIRST_WAIT_MS * 2 ** failed, MAX_WAIT_MS), options.signal)
    }
  }

  async *#connect(
    path: string,
    lastId: string | undefined,
    options: CallOptions,
  ): AsyncGenerator<ServerEvent> {
    const headers = {
      accept: 'text/event-stream',
      ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
    }
    const response = await this.#request('GET', path, { ...options, headers })
    if (response.body) yield* readEvents(response.body)
  }

  async #request(method: string, path: string, options: HttpOptions): Promise<Response> {
    const { signal, body, idempotencyKey } = options
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...options.headers,
    }
    const request = {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    }
    const response = await this.#fetch(this.#base + path, request).catch((cause: unknown) => {
      signal?.throwIfAborted()
      throw new PipelineError('unreachable', `${this.#base} does not answer`, { cause })
    })
    if (!response.ok) throw await describeRefusal(response, `${method} ${path}`)
    return response
  }
}

/** What may pass if it is tried again. */
const PASSING: readonly PipelineErrorCode[] = ['unreachable', 'unavailable']
const MAX_FAILED = 8
const FIRST_WAIT_MS = 100
const MAX_WAIT_MS = 5_000

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted === true) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

async function describeRefusal(response: Response, call: string): Promise<PipelineError> {
  const { status } = response
  const text = await response.text().catch(() => '')
  return new PipelineError(findCode(status), `${call}: ${status} ${readReason(text)}`.trimEnd())
}

function findCode(status: number): PipelineErrorCode {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 404 || status === 410) return 'unknown'
  if (status === 429 || status >= 500) return 'unavailable'
  return status >= 400 ? 'refused' : 'unexpected'
}

/** `{ error: { message } }`, or the text itself. */
function readReason(text: string): string {
  try {
    const message = read(read(JSON.parse(text), 'error'), 'message')
    if (typeof message === 'string') return message
  } catch {
    // It is no JSON: then it stands for itself.
  }
  return text.slice(0, 500)
}

interface ServerEvent {
  readonly id: string | undefined
  readonly data: string
}

/** Server-sent events, as the HTML standard has them. */
async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  let id: string | undefined
  let data: string[] = []
  for await (const line of readLines(body)) {
    if (line === '') {
      if (data.length > 0) yield { id, data: data.join('\n') }
      data = []
      continue
    }
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? []
    if (name === 'id') id = value
    if (name === 'data') data.push(value)
  }
}

async function* readLines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      rest += decoder.decode(value, { stream: !done })
      // A `\r` at the very end may be the half of `\r\n`.
      const lines = rest.split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      yield* lines
      if (done) return
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

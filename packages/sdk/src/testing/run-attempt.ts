import {
  decodeReply,
  encodeFailure,
  encodeOutputs,
  formatDuration,
  makeFailure,
  toMs,
  type Message,
  type Outcome,
} from '@asya/protocol'
import type { AnyActor } from '../edge-type.ts'
import { invoke, type InvokeResult } from '../invoke/index.ts'
import type { Recorder } from './recorder.ts'

/** One attempt at a message, as a test asks for it. */
export interface AttemptRequest {
  readonly actor: AnyActor
  readonly step: string
  readonly message: Message
  readonly recorder: Recorder
  /** Else it follows from the actor's timeout. */
  readonly deadline?: Date | undefined
  /** Aborts `ctx.signal` before the deadline does. */
  readonly signal?: AbortSignal | undefined
}

/** Runs a handler as the runtime would; what it answers goes through the bytes of the socket. */
export async function runAttempt(request: AttemptRequest): Promise<Outcome> {
  const result = await invokeUntilDeadline(request)
  const frame =
    result.type === 'outputs' ? encodeOutputs(result.outputs) : encodeFailure(result.failure)
  const reply = decodeReply(frame)
  if (reply.type !== 'outputs' && reply.type !== 'failed')
    throw new TypeError(`a reply was read as ${reply.type}`)
  return reply
}

async function invokeUntilDeadline(request: AttemptRequest): Promise<InvokeResult> {
  const { actor, message, recorder, step, signal } = request
  const deadline = request.deadline ?? deadlineOf(actor)
  const expiry = new AbortController()
  const { log, emit } = recorder.listenTo({ step, attempt: message.attempt })
  const invocation = {
    message,
    signal: AbortSignal.any([expiry.signal, ...(signal ? [signal] : [])]),
    log,
    emit,
    ...(deadline ? { deadline } : {}),
  }
  if (!deadline) return invoke(actor, invocation)
  const limitMs = Math.max(deadline.getTime() - Date.now(), 0)
  let timer: NodeJS.Timeout | undefined
  const expired = new Promise<InvokeResult>((resolve) => {
    timer = setTimeout(() => {
      expiry.abort(new DOMException('the deadline has passed', 'TimeoutError'))
      resolve({ type: 'failed', failure: describeTimeout(limitMs) })
    }, limitMs)
  })
  try {
    return await Promise.race([invoke(actor, invocation), expired])
  } finally {
    clearTimeout(timer)
  }
}

function deadlineOf(actor: AnyActor): Date | undefined {
  const timeoutMs = toMs(actor.options.timeout)
  return timeoutMs === undefined ? undefined : new Date(Date.now() + timeoutMs)
}

function describeTimeout(limitMs: number): ReturnType<typeof makeFailure> {
  const limit = formatDuration(limitMs)
  return makeFailure('timeout_error', `the handler did not finish within ${limit}`)
}

import { makeFailure } from '@asya/protocol'
import type { AnyActor } from '../edge-type.ts'
import { collectOutputs, type InvokeResult } from './collect-outputs.ts'
import { describeThrown } from './describe-thrown.ts'
import { refuseInput, type Guard } from './guard.ts'
import { makeContext, type HandlerContext, type Invocation } from './handler-context.ts'
import { parsePayload } from './parse-payload.ts'

/**
 * Calls a handler with a message, and makes of what it does what travels on. Used by the runtime and
 * by `@asya/sdk/testing`, so that they cannot disagree. Never throws.
 *
 * - A payload that is no JSON is an `invalid_json`; the handler is not called.
 * - RetryableError: `processing_error`, recoverable, with its wait. FatalError: `processing_error`,
 *   fatal. ValidationError: `validation_error`, fatal. Anything else thrown: `processing_error`,
 *   recoverable.
 * - A result that does not survive JSON is a fatal `processing_error` with the exception
 *   `UnserializableResult`: it is a bug of the handler, and another attempt would meet it again.
 * - With a guard, a payload that is not of the actor's input type is a `validation_error`, and the
 *   handler is not called; an output that is not of its output type is one too.
 *
 * It waits as long as the handler takes: the deadline is its caller's business.
 */
export async function invoke(
  actor: AnyActor,
  invocation: Invocation,
  guard?: Guard,
): Promise<InvokeResult> {
  let context: HandlerContext | undefined
  try {
    const payload = parsePayload(invocation.message.payload)
    if (!payload.ok) return { type: 'failed', failure: makeFailure('invalid_json', payload.reason) }
    const mistake = guard?.checkInput(payload.value)
    if (mistake) return { type: 'failed', failure: refuseInput(mistake) }
    context = makeContext(invocation)
    const { ctx, route } = context
    const { process } = actor
    // What the payload is was settled by the compiler, in the author's project.
    const result = await process(payload.value as never, ctx)
    return await collectOutputs(result, { route, invocation, guard })
  } catch (thrown) {
    return { type: 'failed', failure: describeThrown(thrown) }
  } finally {
    context?.end()
  }
}

import { makeFailure, MAX_OUTPUTS, type Failure, type OutputText } from '@asya/protocol'
import { checkOutput, refuseOutput, type Guard } from './guard.ts'
import type { Invocation, RouteChange } from './handler-context.ts'
import { serialise } from './serialise.ts'

/** How an invocation ended. */
export type InvokeResult =
  /** Without those that already went through `emit.output`. */
  | { readonly type: 'outputs'; readonly outputs: readonly OutputText[] }
  | { readonly type: 'failed'; readonly failure: Failure }

/** Where the outputs of one call go. */
interface Destination {
  readonly route: RouteChange
  /** The call that they end; its signal is made when it is asked for. */
  readonly invocation: Pick<Invocation, 'signal' | 'emit'>
  readonly guard: Guard | undefined
}

/**
 * Turns a handler's result into outputs: null and undefined into none, an array or an iterator into
 * one for each item, anything else into one.
 *
 * @throws what the handler throws while it is iterated over
 */
export function collectOutputs(
  result: unknown,
  destination: Destination,
): InvokeResult | Promise<InvokeResult> {
  if (result === null || result === undefined) return { type: 'outputs', outputs: [] }
  if (Array.isArray(result)) return collectArray(result, destination)
  if (isIterator(result)) return drain(result, destination)
  const output = toOutput(result, '$', destination)
  return output.ok ? { type: 'outputs', outputs: [output.value] } : output.refusal
}

function collectArray(items: readonly unknown[], destination: Destination): InvokeResult {
  if (items.length > MAX_OUTPUTS) return refuseTooMany()
  const outputs: OutputText[] = []
  for (const [index, item] of items.entries()) {
    const output = toOutput(item, `$[${index}]`, destination)
    if (!output.ok) return output.refusal
    outputs.push(output.value)
  }
  return { type: 'outputs', outputs }
}

/** Leaving the loop early closes the iterator, so that the handler's `finally` runs. */
async function drain(
  items: AsyncIterable<unknown> | Iterable<unknown>,
  destination: Destination,
): Promise<InvokeResult> {
  const { route, invocation } = destination
  const { signal, emit } = invocation
  const outputs: OutputText[] = []
  let index = 0
  for await (const item of items) {
    // Nobody waits for the rest.
    signal.throwIfAborted()
    route.close()
    if (index === MAX_OUTPUTS) return refuseTooMany()
    const output = toOutput(item, `$[${index}]`, destination)
    if (!output.ok) return output.refusal
    if (emit.output) await emit.output(output.value)
    else outputs.push(output.value)
    index++
  }
  return { type: 'outputs', outputs }
}

/** An async iterable, or an iterator; Maps and Sets are data, and refused as such. */
function isIterator(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  if (Symbol.asyncIterator in value) return true
  return Symbol.iterator in value && 'next' in value && typeof value.next === 'function'
}

type MadeOutput =
  | { readonly ok: true; readonly value: OutputText }
  | { readonly ok: false; readonly refusal: InvokeResult }

function toOutput(item: unknown, path: string, { route, guard }: Destination): MadeOutput {
  if (item === null || item === undefined) {
    const reason = `${path}: ${String(item)} among the items of a fan-out; leave it out`
    return { ok: false, refusal: refuse(reason) }
  }
  const payload = serialise(item, path)
  if (!payload.ok) return { ok: false, refusal: refuse(payload.reason) }
  const mistake = guard && checkOutput(guard, item, payload.text)
  if (mistake)
    return { ok: false, refusal: { type: 'failed', failure: refuseOutput(mistake, path) } }
  const changed = route.read()
  const output = { payload: payload.text, ...(changed ? { route: changed } : {}) }
  return { ok: true, value: output }
}

/** A bug of the handler: the same result would be refused at every attempt. */
function refuse(reason: string): InvokeResult {
  const details = { exception: 'UnserializableResult', severity: 'fatal' } as const
  return { type: 'failed', failure: makeFailure('processing_error', reason, details) }
}

function refuseTooMany(): InvokeResult {
  const details = { exception: 'TooManyOutputs', severity: 'fatal' } as const
  const message = `the handler gave more than ${MAX_OUTPUTS} outputs; fan out in two steps`
  return { type: 'failed', failure: makeFailure('processing_error', message, details) }
}

import { ROOT, toJsonBytes } from '@asya/protocol'
import { expect, test } from 'vitest'
import { defineActor } from '../index.ts'
import { invoke, type Guard, type InvokeResult } from './index.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Takes objects with a `url`, and returns records of numbers. */
const guard: Guard = {
  checkInput: (value) =>
    typeof value === 'object' && value !== null && 'url' in value
      ? undefined
      : { path: '$.url', message: 'is missing' },
  checkOutput: (value) => {
    const wrong = Object.entries(value as object).find(([, item]) => typeof item !== 'number')
    return wrong && { path: `$.${wrong[0]}`, message: 'must be a number' }
  },
}

function call(process: () => unknown, payload = '{"url":"x"}'): Promise<InvokeResult> {
  const message = {
    id: 'm',
    attempt: 1,
    branch: ROOT,
    route: { steps: ['a'], current: 0, unknown: [] },
    payload: toJsonBytes(Buffer.from(payload)),
    unknown: [],
  }
  const invocation = {
    message,
    signal: new AbortController().signal,
    log: silent,
    emit: { progress: () => {}, metric: () => {} },
  }
  return invoke(defineActor(process as never), invocation, guard)
}

const refusal = (message: string, exception: string): object => ({
  type: 'failed',
  failure: { code: 'validation_error', severity: 'fatal', message, exception },
})

test('A payload that the actor does not take is a fatal validation_error, and the handler is not called.', async () => {
  let calls = 0
  const result = await call(() => calls++, '{}')
  const message = 'the payload is not what this actor takes: $.url is missing'
  expect(result).toEqual(refusal(message, 'InvalidInput'))
  expect(calls).toBe(0)
})

test('An output that the actor does not return is one too, which says that it was the handler’s.', async () => {
  const message = "the handler's output is not what this actor returns: $.a must be a number"
  expect(await call(() => ({ a: 'x' }))).toEqual(refusal(message, 'InvalidOutput'))
})

test('Each output of a fan-out is checked, and the wrong one named.', async () => {
  const message = "the handler's output is not what this actor returns: $[1].a must be a number"
  const refused = refusal(message, 'InvalidOutput')
  expect(await call(() => [{ a: 1 }, { a: 'x' }])).toEqual(refused)
  async function* give() {
    yield { a: 1 }
    yield { a: 'x' }
  }
  expect(await call(give)).toEqual(refused)
})

test('What travels is checked: members that are undefined do not.', async () => {
  expect(await call(() => ({ a: 1, b: undefined }))).toEqual({
    type: 'outputs',
    outputs: [{ payload: '{"a":1}' }],
  })
})

test('What is no output is not checked.', async () => {
  expect(await call(() => null)).toEqual({ type: 'outputs', outputs: [] })
})

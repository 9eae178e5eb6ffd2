import { decodeMessage, type Message, type Metric } from '@asya/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { echo, ScriptedRuntime, type Script } from '../testing/scripted-runtime.ts'
import { RuntimeClient, type CallOptions, type CallResult } from './runtime-client.ts'

function messageOf(payload: unknown): Message {
  const decoded = decodeMessage(
    Buffer.from(JSON.stringify({ id: 'm', route: { steps: ['a'], current: 0 }, payload })),
  )
  if (!decoded.ok) throw new Error(decoded.failure.reason)
  return decoded.message
}

let runtime: ScriptedRuntime
let client: RuntimeClient
let availability: boolean[]

beforeEach(() => {
  runtime = new ScriptedRuntime(echo)
  availability = []
  client = new RuntimeClient(
    { socketPath: runtime.socketPath, maxFrameBytes: 1_000_000 },
    (isAvailable) => availability.push(isAvailable),
  )
})

afterEach(async () => {
  client.close()
  await runtime.close()
})

async function start(script: Script = echo): Promise<void> {
  runtime.script = script
  await runtime.start()
  client.start()
  await eventually('the runtime is found', () => client.isAvailable)
}

function call(payload: unknown = 1, options: Partial<CallOptions> = {}): Promise<CallResult> {
  return client.call(messageOf(payload), {
    timeoutMs: 5_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onMetrics: () => undefined,
    ...options,
  })
}

describe('a call of the runtime', () => {
  test('ends with the outputs of the reply, byte for byte', async () => {
    await start((scripted) => {
      scripted.replyRaw('[ {"payload": 1.0 } , {"payload":9007199254740993}]')
    })
    const result = await call()
    const payloads =
      result.type === 'outputs' ? result.outputs.map((o) => String(Buffer.from(o.payload))) : []
    expect(payloads).toEqual(['1.0', '9007199254740993'])
  })

  test('tells the runtime how much time is left and which frames it reads', async () => {
    await start()
    await call(1, { timeoutMs: 1_234 })
    expect(runtime.calls[0]?.request).toMatchObject({
      deadlineMs: 1_234,
      accept: ['progress', 'metrics', 'output'],
    })
  })

  test('hands on progress and metrics, and counts earlier outputs when the array closes them', async () => {
    await start((scripted) => {
      scripted.reply({ progress: { percent: 50, message: 'half' } })
      scripted.reply({ metrics: [{ kind: 'counter', name: 'tokens', value: 3 }] })
      scripted.reply({ output: { payload: 'first' } })
      scripted.reply([{ payload: 'second' }])
    })
    const progress: unknown[] = []
    const metrics: Metric[] = []
    const result = await call(1, {
      onProgress: (percent, message) => progress.push([percent, message]),
      onMetrics: (some) => metrics.push(...some),
    })
    expect(progress).toEqual([[50, 'half']])
    expect(metrics).toMatchObject([{ name: 'tokens', value: 3 }])
    expect(result).toMatchObject({ type: 'outputs', outputs: [{}, {}] })
  })

  test('uses a connection again once the runtime has proved to keep it open', async () => {
    await start()
    await call()
    await new Promise((resolve) => setTimeout(resolve, 80))
    const before = runtime.connections
    for (let i = 0; i < 10; i++) await call()
    expect(runtime.connections).toBe(before)
  })

  test('serves a runtime that closes after each reply without losing a call', async () => {
    await start((scripted) => {
      echo(scripted)
      setImmediate(() => {
        scripted.hangUp()
      })
    })
    for (let i = 0; i < 20; i++) expect(await call(i)).toMatchObject({ type: 'outputs' })
  })

  test('is not delivered when nobody listens, and says that the runtime is absent', async () => {
    await start()
    await runtime.crash()
    await eventually('the runtime is missed', () => !client.isAvailable)
    expect(await call()).toMatchObject({ type: 'not-delivered' })
    await runtime.start()
    await eventually('the runtime is found again', () => client.isAvailable)
    expect(await call()).toMatchObject({ type: 'outputs' })
    expect(availability).toEqual([true, false, true])
  })

  test('is lost when the runtime dies after it has read the request', async () => {
    await start((scripted) => {
      scripted.hangUp()
    })
    expect(await call()).toMatchObject({ type: 'lost' })
  })

  test('ends as timed out two seconds after its deadline, and the late reply answers nobody', async () => {
    let late: (() => void) | undefined
    await start((scripted) => {
      late = () => {
        echo(scripted)
      }
    })
    const result = await call('slow', { timeoutMs: 50 })
    expect(result).toEqual({ type: 'timed-out' })
    late?.()
    runtime.script = echo
    expect(await call('next')).toMatchObject({ type: 'outputs' })
  })

  test('closes the connection when it is cancelled', async () => {
    await start(() => undefined)
    const cancel = new AbortController()
    const result = call(1, { signal: cancel.signal })
    await eventually('the request arrives', () => runtime.calls.length === 1)
    cancel.abort()
    expect(await result).toEqual({ type: 'cancelled' })
    await runtime.calls[0]?.closed
  })

  test.each([
    ['no JSON', 'nonsense'],
    ['an item without payload', '[{}]'],
    ['outputs and errors mixed', '[{"payload":1},{"error":"x"}]'],
    ['an unknown object', '{"what":1}'],
    ['no bytes', ''],
  ])('fails as msg_parsing_error when the reply is %s', async (_, reply) => {
    await start((scripted) => {
      scripted.replyRaw(reply)
    })
    expect(await call()).toMatchObject({ failure: { code: 'msg_parsing_error' } })
  })

  test('is lost, without taking memory, when the runtime announces a frame above the limit', async () => {
    await start((scripted) => {
      scripted.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
    })
    expect(await call()).toMatchObject({
      type: 'lost',
      reason: expect.stringContaining('limit') as string,
    })
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { eventually } from './testing/eventually.ts'
import { echo } from './testing/scripted-runtime.ts'
import { Workbench } from './testing/workbench.ts'

// On a machine that is busy.
vi.setConfig({ testTimeout: 30_000 })

/** Long enough for a test to see that it consumes. */
const IDLE_MS = 1_000

let bench: Workbench

afterEach(async () => {
  await bench.close()
})

/** A runtime that goes when it is asked to. */
function obey(): void {
  bench.runtime.onShutdown = () => {
    void bench.runtime.crash()
  }
}

async function hasEnded(withinMs: number): Promise<boolean> {
  const ended = bench.sidecar.whenEnded.then(() => true)
  return Promise.race([ended, sleep(withinMs, false)])
}

describe('a sidecar that ends its runtime for want of messages', () => {
  test('asks it once the time without a message is over, and has ended when it is gone', async () => {
    bench = new Workbench(echo, { exitWhenIdleMs: IDLE_MS, leaseMs: 100 })
    obey()
    await bench.start()
    await bench.send(1)
    await bench.waitFor('next')
    expect(bench.runtime.shutdowns).toBe(0)
    expect(await hasEnded(10_000)).toBe(true)
    expect(bench.runtime.shutdowns).toBe(1)
  })

  test('never does unless it is told to', async () => {
    bench = new Workbench(echo, { leaseMs: 10 })
    obey()
    await bench.start()
    expect(await hasEnded(300)).toBe(false)
    expect(bench.runtime.shutdowns).toBe(0)
  })

  test('counts neither the time of a message nor that in which the runtime is absent', async () => {
    bench = new Workbench(
      (call) => {
        setTimeout(() => {
          echo(call)
        }, IDLE_MS * 2)
      },
      { exitWhenIdleMs: IDLE_MS, leaseMs: 10 },
    )
    obey()
    await bench.start()
    await bench.send('long')
    await bench.waitFor('next')
    expect(bench.runtime.shutdowns).toBe(0)
    await bench.runtime.crash()
    expect(await hasEnded(IDLE_MS * 2)).toBe(false)
    await bench.runtime.start()
    expect(await hasEnded(10_000)).toBe(true)
  })

  test('leaves what comes when it has asked to the next pod', async () => {
    bench = new Workbench(echo, { exitWhenIdleMs: IDLE_MS, leaseMs: 200 })
    bench.runtime.onShutdown = () => {
      void bench.send('late').then(() => bench.runtime.crash())
    }
    await bench.start()
    expect(await hasEnded(10_000)).toBe(true)
    expect(bench.load()).toMatchObject({ ready: 1, unsettled: 0 })
    expect(bench.runtime.calls).toHaveLength(0)
  })

  test('goes on with a runtime that does not know the request, and asks again later', async () => {
    bench = new Workbench(echo, { exitWhenIdleMs: IDLE_MS, leaseMs: 50 })
    await bench.start()
    await eventually('it was asked', () => bench.runtime.shutdowns > 0)
    await bench.send(1)
    await bench.waitFor('next')
    const { shutdowns } = bench.runtime
    await eventually('it was asked again', () => bench.runtime.shutdowns > shutdowns)
    expect(await hasEnded(0)).toBe(false)
  })

  test('goes on with a runtime that is started again', async () => {
    bench = new Workbench(echo, { exitWhenIdleMs: IDLE_MS, leaseMs: 300 })
    bench.runtime.onShutdown = () => {
      void bench.runtime.crash().then(() => bench.runtime.start())
    }
    await bench.start()
    await eventually('it was asked', () => bench.runtime.shutdowns > 0)
    await bench.send(1)
    await bench.waitFor('next')
    expect(bench.seen('error-end')).toHaveLength(0)
  })

  test('serves what comes at the very moment, and goes on', async () => {
    bench = new Workbench(echo, { exitWhenIdleMs: IDLE_MS, leaseMs: 100 })
    obey()
    beforePause(async () => {
      await bench.send('at the very moment')
      await eventually('it is taken', () => bench.load().ready === 0)
    })
    await bench.start()
    const [seen] = await bench.waitFor('next')
    expect(bench.runtime.shutdowns).toBe(0)
    expect(seen).toMatchObject({ payload: 'at the very moment', message: { attempt: 1 } })
    await eventually('it consumes again', () => bench.sidecar.state === 'consuming')
    expect(await hasEnded(10_000)).toBe(true)
    expect(bench.load()).toMatchObject({ ready: 0, unsettled: 0 })
  })
})

/** Lets something happen when the sidecar first stops to consume, before the broker knows. */
function beforePause(act: () => Promise<void>): void {
  const { transport } = bench
  const consume = transport.consume.bind(transport)
  transport.consume = async (queue, options) => {
    const consumer = await consume(queue, options)
    const pause = consumer.pause.bind(consumer)
    let isFirst = true
    consumer.pause = async () => {
      if (isFirst) {
        isFirst = false
        await act()
      }
      await pause()
    }
    return consumer
  }
}

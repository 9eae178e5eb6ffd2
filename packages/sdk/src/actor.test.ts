import { describe, expect, test, vi } from 'vitest'
import { defineActor, definePipeline, DefinitionError, isActor, isPipeline } from './index.ts'

interface Page {
  url: string
}

describe('defineActor', () => {
  test('An actor keeps its handler and its options as they were written.', () => {
    const process = (page: Page): Page => page
    const actor = defineActor(process, { timeout: '2m', retry: { maxAttempts: 5 } })
    expect(actor.process).toBe(process)
    expect(actor.options).toEqual({ timeout: '2m', retry: { maxAttempts: 5 } })
  })

  test('An actor and its options cannot be changed.', () => {
    const retry = { maxAttempts: 5 }
    const actor = defineActor((page: Page) => page, { retry })
    retry.maxAttempts = 1
    expect(actor.options.retry?.maxAttempts).toBe(5)
    expect(Object.isFrozen(actor)).toBe(true)
    expect(Object.isFrozen(actor.options.retry)).toBe(true)
  })

  test('What is no function is refused.', () => {
    expect(() => defineActor({} as never)).toThrow('defineActor takes a function, not an object')
    expect(() => defineActor(undefined as never)).toThrow(DefinitionError)
  })
})

describe('isActor and isPipeline', () => {
  test('They tell actors, pipelines and everything else apart.', () => {
    const actor = defineActor((page: Page) => page)
    const pipeline = definePipeline([actor])
    expect([isActor(actor), isPipeline(actor)]).toEqual([true, false])
    expect([isActor(pipeline), isPipeline(pipeline)]).toEqual([false, true])
    for (const other of [undefined, null, 1, 'actor', () => 1, { process: () => 1 }]) {
      expect(isActor(other)).toBe(false)
      expect(isPipeline(other)).toBe(false)
    }
  })

  test('They recognise what another copy of the package has made.', async () => {
    vi.resetModules()
    const copy = await import('./index.ts')
    expect(copy.defineActor).not.toBe(defineActor)
    const actor = copy.defineActor((page: Page) => page)
    expect(isActor(actor)).toBe(true)
    expect(isPipeline(copy.definePipeline([actor]))).toBe(true)
    expect(isPipeline(definePipeline([actor]))).toBe(true)
  })
})
